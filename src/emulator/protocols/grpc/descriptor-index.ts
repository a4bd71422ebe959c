// SPDX-License-Identifier: Apache-2.0
// Finds files of the descriptor set by their contents. Returns them as compiled, byte for byte. Knows no protocol.

import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { DESCRIPTOR_SET } from "../../../../generated/descriptor-set.js";

/** A file of the descriptor set. */
export interface DescriptorFile {
  /** Its path, for example `google/iam/admin/v1/iam.proto`. Required. */
  readonly name: string;
  /** The FileDescriptorProto. Required. */
  readonly bytes: Uint8Array;
}

/** The indexes. */
interface DescriptorIndex {
  /** The files by path. Required. */
  readonly byName: ReadonlyMap<string, DescriptorFile>;
  /** The files by the full names of their messages, fields, enums, services, methods and extensions. Required. */
  readonly bySymbol: ReadonlyMap<string, DescriptorFile>;
  /** The files by the extended message and the number: for example `google.protobuf.MethodOptions 72295728`. Required. */
  readonly byExtension: ReadonlyMap<string, DescriptorFile>;
}

// Numbers of fields. Source: google/protobuf/descriptor.proto.
const SET = { file: 1 } as const;
const FILE = { name: 1, package: 2, message: 4, enum: 5, service: 6, extension: 7 } as const;
const MESSAGE = { name: 1, field: 2, message: 3, enum: 4, extension: 6, oneof: 8 } as const;
const ENUM = { name: 1, value: 2 } as const;
const SERVICE = { name: 1, method: 2 } as const;
const EXTENSION = { name: 1, extendee: 2, number: 3 } as const;

/** The fields of a message of unknown type: those of bytes and of numbers, by field number. */
class RawMessage {
  readonly #bytes = new Map<number, Uint8Array[]>();
  readonly #numbers = new Map<number, number>();

  constructor(bytes: Uint8Array) {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [field, type] = reader.tag();
      if (type === WireType.LengthDelimited) this.#bytes.set(field, [...this.all(field), reader.bytes()]);
      else if (type === WireType.Varint) this.#numbers.set(field, Number(reader.uint64()));
      else reader.skip(type, field);
    }
  }

  all(field: number): readonly Uint8Array[] {
    return this.#bytes.get(field) ?? [];
  }

  messages(field: number): readonly RawMessage[] {
    return this.all(field).map((bytes) => new RawMessage(bytes));
  }

  text(field: number): string {
    return Buffer.from(this.all(field)[0] ?? []).toString("utf8");
  }

  number(field: number): number {
    return this.#numbers.get(field) ?? 0;
  }
}

const join = (scope: string, name: string) => (scope === "" ? name : `${scope}.${name}`);

function* symbolsOfEnum(each: RawMessage, scope: string): Iterable<string> {
  yield join(scope, each.text(ENUM.name));
  // Enum values are siblings of their enum, as in C++.
  for (const value of each.messages(ENUM.value)) yield join(scope, value.text(1));
}

function* symbolsOfMessage(message: RawMessage, scope: string): Iterable<string> {
  const name = join(scope, message.text(MESSAGE.name));
  yield name;
  for (const field of [MESSAGE.field, MESSAGE.oneof, MESSAGE.extension]) {
    for (const each of message.messages(field)) yield join(name, each.text(1));
  }
  for (const each of message.messages(MESSAGE.enum)) yield* symbolsOfEnum(each, name);
  for (const each of message.messages(MESSAGE.message)) yield* symbolsOfMessage(each, name);
}

function* symbolsOfFile(file: RawMessage): Iterable<string> {
  const scope = file.text(FILE.package);
  for (const each of file.messages(FILE.message)) yield* symbolsOfMessage(each, scope);
  for (const each of file.messages(FILE.enum)) yield* symbolsOfEnum(each, scope);
  for (const each of file.messages(FILE.extension)) yield join(scope, each.text(EXTENSION.name));
  for (const service of file.messages(FILE.service)) {
    const name = join(scope, service.text(SERVICE.name));
    yield name;
    for (const method of service.messages(SERVICE.method)) yield join(name, method.text(1));
  }
}

let index: DescriptorIndex | undefined;

/** The index of the descriptor set. Made with the first call. */
export function openDescriptorIndex(): DescriptorIndex {
  if (index !== undefined) return index;
  const byName = new Map<string, DescriptorFile>();
  const bySymbol = new Map<string, DescriptorFile>();
  const byExtension = new Map<string, DescriptorFile>();
  for (const bytes of new RawMessage(DESCRIPTOR_SET).all(SET.file)) {
    const raw = new RawMessage(bytes);
    const file = { name: raw.text(FILE.name), bytes };
    byName.set(file.name, file);
    for (const symbol of symbolsOfFile(raw)) bySymbol.set(symbol, file);
    for (const each of raw.messages(FILE.extension)) {
      byExtension.set(`${each.text(EXTENSION.extendee).replace(/^\./, "")} ${each.number(EXTENSION.number)}`, file);
    }
  }
  index = { byName, bySymbol, byExtension };
  return index;
}
