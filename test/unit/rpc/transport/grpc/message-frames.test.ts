// SPDX-License-Identifier: Apache-2.0
// Messages out of a body that is cut anywhere, compressed or not, and the limits of both.

import { deflateSync, gzipSync } from "node:zlib";
import type { BinaryWriter } from "@bufbuild/protobuf/wire";
import { describe, expect, test } from "@jest/globals";
import {
  frameMessage,
  frameRequest,
  MessageReader,
  openMessage,
} from "../../../../../src/rpc/transport/grpc/message-frames.js";
import { SumRequest } from "../../../../streaming/generated/streaming/v1/counter.js";

const MESSAGES = [Buffer.from("first"), Buffer.alloc(0), Buffer.alloc(3_000, 7), Buffer.from("last")];
const BODY = Buffer.concat(MESSAGES.map((message) => frameMessage(message)));

/** Of all, for comparison: Jest compares buffers octet by octet. */
const hexOf = (messages: readonly Buffer[]): string => messages.map((message) => message.toString("hex")).join();

function readAll(pieces: readonly Buffer[], limit = 1_000_000): Buffer[] {
  const reader = new MessageReader(limit);
  const messages: Buffer[] = [];
  for (const piece of pieces) for (const { bytes } of reader.read(piece)) messages.push(bytes);
  expect(reader.isInside).toBe(false);
  return messages;
}

test("messages do not line up with the pieces that they come in", () => {
  for (let at = 0; at <= BODY.length; at++) {
    expect(hexOf(readAll([BODY.subarray(0, at), BODY.subarray(at)]))).toBe(hexOf(MESSAGES));
  }
  expect(hexOf(readAll(Array.from(BODY, (octet) => Buffer.from([octet]))))).toBe(hexOf(MESSAGES));
});

test("a message that has begun says so, and how long it will be", () => {
  const reader = new MessageReader(100);
  reader.read(BODY.subarray(0, 3));
  expect([reader.isInside, reader.needed]).toEqual([true, 5]);
  reader.read(BODY.subarray(3, 7));
  expect([reader.isInside, reader.needed]).toEqual([true, 10]);
});

test("a message above the limit is refused before any of it is kept", () => {
  const announced = Buffer.from([0, 0xff, 0xff, 0xff, 0xff]);
  expect(() => new MessageReader(1_000).read(announced)).toThrow(
    "received a message of 4294967295 bytes; at most 1000 are accepted",
  );
  const pieces = Array.from(announced, (octet) => Buffer.from([octet]));
  expect(() => readAll(pieces, 1_000)).toThrow("at most 1000 are accepted");
});

test.each([2, 128, 255])("a message with the flag %d is INTERNAL", (flag) => {
  const read = () => new MessageReader(1_000).read(Buffer.from([flag, 0, 0, 0, 0]));
  expect(read).toThrow(
    expect.objectContaining({ problem: { code: 13, text: `received a message with the unknown flag ${flag}` } }),
  );
});

test("time to read a large message in small pieces grows with its size, not with its square", () => {
  const large = frameMessage(Buffer.alloc(20_000_000, 1));
  const pieces = Array.from({ length: Math.ceil(large.length / 1_000) }, (_, at) =>
    large.subarray(at * 1_000, (at + 1) * 1_000),
  );
  const [message] = readAll(pieces, 32_000_000);
  expect(message?.length).toBe(20_000_000);
});

test.each([
  ["gzip", gzipSync],
  ["deflate", deflateSync],
] as const)("%s is undone, small or large", async (encoding, compress) => {
  for (const size of [10, 1_000_000]) {
    // Noise, so that it stays large.
    const message = Buffer.alloc(size);
    for (let at = 0; at < size; at++) message[at] = Math.imul(at, 2_654_435_761) >>> 24;
    const raw = { bytes: compress(message), isCompressed: true, size };
    expect((await openMessage(raw, encoding, 2_000_000)).equals(message)).toBe(true);
  }
});

test("what is not compressed is left alone, whatever the encoding is", () => {
  const bytes = Buffer.from("as it is");
  expect(openMessage({ bytes, isCompressed: false, size: 13 }, "snappy", 100)).toBe(bytes);
});

test.each([10_000, 20_000_000])(
  "a compressed message that grows beyond the limit is RESOURCE_EXHAUSTED (%d octets)",
  async (size) => {
    const raw = { bytes: gzipSync(Buffer.alloc(size)), isCompressed: true, size };
    const open = async () => openMessage(raw, "gzip", 9_999);
    await expect(open()).rejects.toMatchObject({
      problem: { code: 8, text: "received a message of more than 9999 bytes; at most 9999 are accepted" },
    });
  },
);

test.each([
  [undefined, "received a compressed message without a grpc-encoding"],
  ["identity", "received a compressed message without a grpc-encoding"],
  ["snappy", "received a message compressed with snappy; identity, gzip and deflate are supported"],
  ["a\u0007b", "received a message compressed with a?b; identity, gzip and deflate are supported"],
  ["gzip", "received a message that cannot be decompressed"],
])("a compressed message under the encoding %j is INTERNAL", (encoding, text) => {
  const raw = { bytes: Buffer.from("none"), isCompressed: true, size: 9 };
  expect(() => openMessage(raw, encoding, 100)).toThrow(
    expect.objectContaining({ problem: expect.objectContaining({ code: 13, text }) }),
  );
});

describe("a request", () => {
  const codec = SumRequest;
  const method = {
    encode: (message: SumRequest) => Buffer.from(codec.encode(message).finish()),
    encodeInto: (message: SumRequest, writer: BinaryWriter) => codec.encode(message, writer),
  };

  test.each([0, 1, 300, 100_000])(
    "with %d octets of padding is the same in a writer that served others before",
    (size) => {
      const padding = Buffer.alloc(size, 7);
      for (const number of [1, 2, 70_000]) {
        const framed = frameRequest(method, { number, padding });
        expect(Buffer.compare(framed, frameRequest({ encode: method.encode }, { number, padding }))).toBe(0);
      }
    },
  );

  test("keeps its octets when the next one is written", () => {
    const first = frameRequest(method, { number: 1, padding: Buffer.from("first") });
    const copy = Buffer.from(first);
    frameRequest(method, { number: 2, padding: Buffer.from("other") });
    expect(Buffer.compare(first, copy)).toBe(0);
  });

  test("that cannot be encoded leaves nothing behind for the next", () => {
    const broken = { ...method, encodeInto: (_: SumRequest, writer: BinaryWriter) => writer.uint32(8).uint32(-1) };
    expect(() => frameRequest(broken, { number: 1, padding: Buffer.alloc(0) })).toThrow();
    const message = { number: 1, padding: Buffer.alloc(0) };
    expect(frameRequest(method, message)).toEqual(new Uint8Array(frameRequest({ encode: method.encode }, message)));
  });
});
