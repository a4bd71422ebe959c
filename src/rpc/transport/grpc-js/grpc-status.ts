// SPDX-License-Identifier: Apache-2.0
// Turns grpc-js's status into our error. The one place where errors of the gRPC channel come in.

import type { Metadata, StatusObject } from "@grpc/grpc-js";
import { Status } from "../../../base/causes/status.js";
import { type ErrorDetail, RpcError } from "../../../base/errors.js";
import { maskDeep, maskOf, type SentRequest } from "../../../base/secrets/mask-sent.js";

const DETAILS_KEY = "grpc-status-details-bin";

/** The error for a status other than OK, with the details that came with it, and without anything that was sent. */
export function rpcErrorFromGrpcStatus(status: StatusObject, method: string, sent: SentRequest): RpcError {
  const mask = maskOf(sent);
  const statusBytes = status.metadata.get(DETAILS_KEY)[0];
  return new RpcError({
    // grpc-js reports neither code nor text for a compressed reply whose encoding it does not know.
    code: status.code ?? Status.INTERNAL,
    text: mask(status.details ?? "a response message is compressed with an unknown grpc-encoding"),
    method,
    transport: "grpc",
    details: statusBytes instanceof Uint8Array ? maskDeep(decodeDetails(statusBytes), mask) : [],
    trailers: trailersFromMetadata(status.metadata, mask),
  });
}

function decodeDetails(statusBytes: Uint8Array): readonly ErrorDetail[] {
  // require, not import: codecs of ten messages, which programs without errors never need.
  const { decodeErrorDetails } =
    require("../../../messages/error-details.js") as typeof import("../../../messages/error-details.js");
  return decodeErrorDetails(statusBytes);
}

function trailersFromMetadata(
  metadata: Metadata,
  mask: (text: string) => string,
): ReadonlyMap<string, readonly (string | Uint8Array)[]> {
  return new Map(Object.keys(metadata.getMap()).map((key) => [key, maskDeep(metadata.get(key), mask)]));
}
