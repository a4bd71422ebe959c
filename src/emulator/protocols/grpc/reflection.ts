// SPDX-License-Identifier: Apache-2.0
// gRPC server reflection, v1 and v1alpha, which differ only in name: how a client without protos asks a server for them. Source:
// grpc/reflection/v1/reflection.proto.

import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { Server, ServerDuplexStream } from "@grpc/grpc-js";
import { Status } from "../../../base/causes/status.js";
import { services } from "../../services/services.js";
import { type DescriptorFile, openDescriptorIndex } from "./descriptor-index.js";

const PATHS = ["v1", "v1alpha"].map((version) => `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`);

// Numbers of fields: those of ServerReflectionRequest, and those of the reply with what each holds.
const ASKED = { host: 1, file: 3, symbol: 4, extension: 5, extensionNumbers: 6, services: 7 } as const;
const REPLY = { host: 1, request: 2, files: 4, extensionNumbers: 5, services: 6, error: 7 } as const;

const KINDS: readonly number[] = [ASKED.file, ASKED.symbol, ASKED.extension, ASKED.extensionNumbers, ASKED.services];

interface Question {
  readonly host: string;
  /** What is asked for: the field's number; 0 for anything unknown. */
  readonly kind: number;
  readonly value: Uint8Array;
}

function readQuestion(bytes: Uint8Array): Question {
  const reader = new BinaryReader(bytes);
  let host = "";
  let kind = 0;
  let value: Uint8Array = new Uint8Array();
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (type !== WireType.LengthDelimited) {
      reader.skip(type, field);
      continue;
    }
    const given = reader.bytes();
    if (field === ASKED.host) host = Buffer.from(given).toString("utf8");
    if (KINDS.includes(field)) {
      kind = field;
      value = given;
    }
  }
  return { host, kind, value };
}

// ExtensionRequest: the extended message and a number.
function readExtension(bytes: Uint8Array): string {
  const reader = new BinaryReader(bytes);
  let type = "";
  let number = 0;
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1 && wireType === WireType.LengthDelimited) type = reader.string();
    else if (field === 2 && wireType === WireType.Varint) number = reader.int32();
    else reader.skip(wireType, field);
  }
  return `${type} ${number}`;
}

type Reply = readonly [field: number, write: (writer: BinaryWriter) => BinaryWriter];

function refuse(code: number, message: string): Reply {
  return [
    REPLY.error,
    (writer) => writer.tag(1, WireType.Varint).int32(code).tag(2, WireType.LengthDelimited).string(message),
  ];
}

function giveFile(file: DescriptorFile | undefined, asked: string): Reply {
  if (file === undefined) return refuse(Status.NOT_FOUND, `not found: ${asked.slice(0, 200)}`);
  return [REPLY.files, (writer) => writer.tag(1, WireType.LengthDelimited).bytes(file.bytes)];
}

function giveExtensionNumbers(type: string): Reply {
  const { bySymbol, byExtension } = openDescriptorIndex();
  if (!bySymbol.has(type)) return giveFile(undefined, type);
  const numbers = [...byExtension.keys()].filter((key) => key.startsWith(`${type} `));
  return [
    REPLY.extensionNumbers,
    (writer) => {
      writer.tag(1, WireType.LengthDelimited).string(type).tag(2, WireType.LengthDelimited).fork();
      for (const key of numbers) writer.int32(Number(key.slice(type.length + 1)));
      return writer.join();
    },
  ];
}

function listServices(): Reply {
  return [
    REPLY.services,
    (writer) => {
      for (const { fullName } of services) {
        writer.tag(1, WireType.LengthDelimited).fork().tag(1, WireType.LengthDelimited).string(fullName).join();
      }
      return writer;
    },
  ];
}

function answer({ kind, value }: Question): Reply {
  const text = Buffer.from(value).toString("utf8");
  const { byName, bySymbol, byExtension } = openDescriptorIndex();
  switch (kind) {
    case ASKED.file:
      return giveFile(byName.get(text), text);
    case ASKED.symbol:
      return giveFile(bySymbol.get(text.replace(/^\./, "")), text);
    case ASKED.extension: {
      const extension = readExtension(value);
      return giveFile(byExtension.get(extension), extension);
    }
    case ASKED.extensionNumbers:
      return giveExtensionNumbers(text);
    case ASKED.services:
      return listServices();
    default:
      return refuse(Status.UNIMPLEMENTED, "not a request that reflection knows");
  }
}

/**
 * Answers one question.
 *
 * @param request a ServerReflectionRequest
 * @returns a ServerReflectionResponse
 * @throws an error when the request can't be read
 */
function reflect(request: Uint8Array): Buffer {
  const question = readQuestion(request);
  const [field, write] = answer(question);
  const writer = new BinaryWriter();
  if (question.host !== "") writer.tag(REPLY.host, WireType.LengthDelimited).string(question.host);
  writer.tag(REPLY.request, WireType.LengthDelimited).bytes(request).tag(field, WireType.LengthDelimited).fork();
  return Buffer.from(write(writer).join().finish());
}

function serve(stream: ServerDuplexStream<Buffer, Buffer>): void {
  stream.on("error", () => {}); // the caller is gone
  stream.on("end", () => stream.end());
  stream.on("data", (request: Buffer) => {
    try {
      stream.write(reflect(request));
    } catch {
      stream.emit("error", { code: Status.INVALID_ARGUMENT, details: "The request cannot be read." });
    }
  });
}

const asItIs = (bytes: Buffer): Buffer => bytes;

/** Adds reflection to a server. */
export function addReflection(server: Server): void {
  for (const path of PATHS) server.register(path, serve, asItIs, asItIs, "bidi");
}
