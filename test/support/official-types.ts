// SPDX-License-Identifier: Apache-2.0
// Google's own protos behind protobufjs, so that bytes of ours are judged by a codec that is not ours.

import { resolve } from "node:path";
import { Root, type Type } from "protobufjs";

const MODULES = resolve(__dirname, "../../node_modules");
const SOURCES = [
  ["@google-cloud/iam-credentials/build/protos", "google/iam/"],
  ["google-gax/build/protos", "google/"],
] as const;

let loaded: Root | undefined;

function root(): Root {
  if (loaded !== undefined) return loaded;
  loaded = new Root();
  loaded.resolvePath = (_origin, target) => {
    const [folder = ""] = SOURCES.find(([, prefix]) => target.startsWith(prefix)) ?? [];
    return resolve(MODULES, folder, target);
  };
  return loaded.loadSync([
    "google/iam/credentials/v1/iamcredentials.proto",
    "google/rpc/status.proto",
    "google/rpc/error_details.proto",
    "google/protobuf/any.proto",
  ]);
}

/** A message type by its full name: `"google.rpc.ErrorInfo"`. Throws when there is none. */
export function officialType(fullName: string): Type {
  return root().lookupType(fullName);
}

/** A message as bytes; its fields by their JSON names. */
export function encodeOfficially(fullName: string, message: object): Uint8Array {
  const type = officialType(fullName);
  return type.encode(type.fromObject(message)).finish();
}

/** Bytes as a plain object with nothing left out: numbers of 64 bits as text, bytes as Buffers, empty fields by default. */
export function decodeOfficially(fullName: string, bytes: Uint8Array): Record<string, unknown> {
  const type = officialType(fullName);
  return type.toObject(type.decode(bytes), { longs: String, bytes: Buffer, defaults: true });
}

/** The bytes of a `google.rpc.Status` with details, as `grpc-status-details-bin` carries it. */
export function encodeStatus(details: readonly { readonly type: string; readonly value: Uint8Array }[]): Uint8Array {
  return encodeOfficially("google.rpc.Status", {
    code: 7,
    message: "denied",
    details: details.map(({ type, value }) => ({ type_url: type, value })),
  });
}
