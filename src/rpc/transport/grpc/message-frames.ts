// SPDX-License-Identifier: Apache-2.0
// Messages in the body of a stream: five octets, then the message. Source: gRPC over HTTP2, "Length-Prefixed-Message". Knows no call.

import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { Status } from "../../../base/causes/status.js";
import type { MethodDescriptor } from "../../method/method.js";
import type { Problem } from "./statuses.js";

/** Octets before each message. */
const PREFIX = 5;
/** From this size on, a message is decompressed off the event loop. */
const ASYNC_FROM = 8_192;

/** The problem that ends a body early, as an exception. */
export class MessageProblem extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.text);
    this.problem = problem;
  }
}

/** A message with its prefix, not compressed. */
export function frameMessage(message: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(PREFIX + message.length);
  framed[0] = 0;
  framed.writeUInt32BE(message.length, 1);
  framed.set(message, PREFIX);
  return framed;
}

/** The longest message, in octets, after which the writer is kept for the next one. */
const KEPT_WRITER_BYTES = 65_536;
const PREFIX_PLACE = new Uint8Array(PREFIX);
let kept: BinaryWriter | undefined;

/** A request with its prefix: written once, into a reused buffer, and copied once. */
export function frameRequest<Message>(
  method: Pick<MethodDescriptor<Message, unknown>, "encode" | "encodeInto">,
  message: Message,
): Uint8Array {
  if (method.encodeInto === undefined) return frameMessage(method.encode(message));
  const writer = (kept ?? new BinaryWriter()).raw(PREFIX_PLACE);
  // Until the message is complete: a failure in between leaves a partial message in the writer.
  kept = undefined;
  method.encodeInto(message, writer as never); // as: the writer type that the declaration does not name
  const framed = writer.finish();
  const length = framed.length - PREFIX;
  framed[1] = length >>> 24;
  framed[2] = length >>> 16;
  framed[3] = length >>> 8;
  framed[4] = length;
  if (framed.length <= KEPT_WRITER_BYTES) kept = writer;
  return framed;
}

/** A message from a body; decompressed on demand. */
export interface RawMessage {
  readonly bytes: Buffer;
  readonly isCompressed: boolean;
  /** Its size in the body in octets, including the prefix. */
  readonly size: number;
}

/** Splits a body into messages. */
export class MessageReader {
  readonly #limit: number;
  /** The beginning of an incomplete message. It grows with what arrives, not with the announced length. */
  #begun: Buffer = NOTHING;
  #length = 0;

  /** @param limit the maximum size of a message in octets */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether a message is incomplete. */
  get isInside(): boolean {
    return this.#length > 0;
  }

  /** The length of the incomplete message, as far as it is known. */
  get needed(): number {
    return this.#length < PREFIX ? PREFIX : PREFIX + this.#begun.readUInt32BE(1);
  }

  /** Returns the messages that these octets complete. @throws MessageProblem */
  read(chunk: Buffer): readonly RawMessage[] {
    const messages: RawMessage[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (this.#length > 0) {
        at = this.#complete(chunk, at, messages);
        continue;
      }
      const left = chunk.length - at;
      const needed = left < PREFIX ? PREFIX : this.#lengthAt(chunk, at);
      if (left < needed) {
        this.#keep(chunk, at, chunk.length);
        break;
      }
      messages.push({ bytes: chunk.subarray(at + PREFIX, at + needed), isCompressed: chunk[at] === 1, size: needed });
      at += needed;
    }
    return messages;
  }

  /** Adds to the incomplete message. Returns how far the chunk is used up. */
  #complete(chunk: Buffer, from: number, messages: RawMessage[]): number {
    let at = from;
    if (this.#length < PREFIX) at = this.#take(chunk, at, PREFIX);
    if (this.#length < PREFIX) return at;
    const needed = this.#lengthAt(this.#begun, 0);
    at = this.#take(chunk, at, needed);
    if (this.#length < needed) return at;
    messages.push({ bytes: this.#begun.subarray(PREFIX, needed), isCompressed: this.#begun[0] === 1, size: needed });
    this.#begun = NOTHING;
    this.#length = 0;
    return at;
  }

  #take(chunk: Buffer, from: number, needed: number): number {
    const to = Math.min(chunk.length, from + needed - this.#length);
    this.#keep(chunk, from, to);
    return to;
  }

  #keep(chunk: Buffer, from: number, to: number): void {
    const length = this.#length + to - from;
    if (length > this.#begun.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, this.#begun.length * 2, SMALLEST));
      this.#begun.copy(larger, 0, 0, this.#length);
      this.#begun = larger;
    }
    chunk.copy(this.#begun, this.#length, from, to);
    this.#length = length;
  }

  /** The length of the message at an offset, including the prefix; checked before any of it is kept. */
  #lengthAt(bytes: Buffer, at: number): number {
    const flag = bytes[at] ?? 0;
    if (flag > 1)
      throw new MessageProblem({ code: Status.INTERNAL, text: `received a message with the unknown flag ${flag}` });
    const length = bytes.readUInt32BE(at + 1);
    if (length > this.#limit) throw tooLarge(length, this.#limit);
    return PREFIX + length;
  }
}

const NOTHING = Buffer.alloc(0);
const SMALLEST = 1_024;

/**
 * The octets of a message; a promise if it is large and compressed.
 *
 * @param encoding the value of `grpc-encoding`
 * @throws MessageProblem (the promise rejects with it)
 */
export function openMessage(
  { bytes, isCompressed }: RawMessage,
  encoding: string | undefined,
  limit: number,
): Buffer | Promise<Buffer> {
  if (!isCompressed) return bytes;
  const zlib = require("node:zlib") as typeof import("node:zlib");
  const known = { gzip: [zlib.gunzip, zlib.gunzipSync], deflate: [zlib.inflate, zlib.inflateSync] } as const;
  if (encoding !== "gzip" && encoding !== "deflate") throw unknownEncoding(encoding);
  const [inflate, inflateSync] = known[encoding];
  const options = limit < MAX_ZLIB ? { maxOutputLength: limit } : {};
  if (bytes.length < ASYNC_FROM) {
    try {
      return inflateSync(bytes, options);
    } catch (cause) {
      throw brokenMessage(cause, limit);
    }
  }
  return new Promise((resolve, reject) => {
    inflate(bytes, options, (cause, result) =>
      cause === null ? resolve(result) : reject(brokenMessage(cause, limit)),
    );
  });
}

/** The largest limit that zlib accepts. */
const MAX_ZLIB = 2 ** 31;

function tooLarge(length: number | undefined, limit: number): MessageProblem {
  const size =
    length === undefined ? `received a message of more than ${limit} bytes` : `received a message of ${length} bytes`;
  return new MessageProblem({ code: Status.RESOURCE_EXHAUSTED, text: `${size}; at most ${limit} are accepted` });
}

function brokenMessage(cause: unknown, limit: number): MessageProblem {
  if (Object(cause).code === "ERR_BUFFER_TOO_LARGE") return tooLarge(undefined, limit);
  return new MessageProblem({ code: Status.INTERNAL, text: "received a message that cannot be decompressed", cause });
}

function unknownEncoding(encoding: string | undefined): MessageProblem {
  const printable = encoding?.replace(/[^\x21-\x7e]/g, "?").slice(0, 40);
  const text =
    printable === undefined || printable === "identity"
      ? "received a compressed message without a grpc-encoding"
      : `received a message compressed with ${printable}; identity, gzip and deflate are supported`;
  return new MessageProblem({ code: Status.INTERNAL, text });
}
