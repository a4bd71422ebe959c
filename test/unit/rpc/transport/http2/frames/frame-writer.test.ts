// SPDX-License-Identifier: Apache-2.0
// Which octets the writer makes of frames, and in how many writes they reach the socket.

import { Writable } from "node:stream";
import { describe, expect, it } from "@jest/globals";
import { FrameWriter } from "../../../../../../src/rpc/transport/http2/frames/frame-writer.js";
import { frame, settings, uint32 } from "../../../../../support/http2-frames.js";
import { turn } from "../../../../../support/http2-peer.js";

/** A socket that keeps each system call's chunks. */
class Socket extends Writable {
  readonly batches: Buffer[][] = [];
  readonly #isRead: boolean;

  constructor(isRead = true) {
    super({ highWaterMark: 100 });
    this.#isRead = isRead;
  }

  override _write(chunk: Buffer, _encoding: unknown, callback: () => void): void {
    this.batches.push([chunk]);
    if (this.#isRead) callback();
  }

  override _writev(chunks: { chunk: Buffer }[], callback: () => void): void {
    this.batches.push(chunks.map(({ chunk }) => chunk));
    if (this.#isRead) callback();
  }

  get octets(): Buffer {
    return Buffer.concat(this.batches.flat());
  }
}

function start(socket = new Socket()) {
  return { socket, writer: new FrameWriter(socket) };
}

describe("a frame writer", () => {
  it("writes frames as RFC 9113 has them", () => {
    const { socket, writer } = start();
    writer.head(0x01_02_03, 0xaa, 0xbb, 0x01_02_03_04);
    writer.flush();
    writer.number(8, 5, 0x7fff_ffff);
    writer.settings([
      [4, 1_000_000],
      [2, 0],
    ]);
    writer.settings("acknowledged");
    writer.ping(Buffer.from("12345678"), false);
    writer.ping(Buffer.from("87654321"), true);
    writer.goAway();
    writer.goAway(11);
    writer.flush();
    expect(socket.octets).toEqual(
      Buffer.concat([
        Buffer.from([1, 2, 3, 0xaa, 0xbb, 1, 2, 3, 4]),
        frame(8, 0, 5, uint32(0x7fff_ffff)),
        settings([
          [4, 1_000_000],
          [2, 0],
        ]),
        frame(4, 1, 0),
        frame(6, 0, 0, Buffer.from("12345678")),
        frame(6, 1, 0, Buffer.from("87654321")),
        frame(7, 0, 0, uint32(0, 0)),
        frame(7, 0, 0, uint32(0, 11)),
      ]),
    );
  });

  it("gathers all frames of one turn of the event loop into one write", async () => {
    const { socket, writer } = start();
    for (let id = 1; id < 20; id += 2) writer.number(8, id, id);
    expect(socket.batches).toEqual([]);
    await turn();
    expect(socket.batches.map((batch) => batch.length)).toEqual([1]);
    expect(socket.octets).toHaveLength(10 * 13);
    writer.number(8, 1, 1);
    await turn();
    expect(socket.batches).toHaveLength(2);
  });

  it("copies small payloads and hands large ones on as they are, in their order and in one system call", async () => {
    const { socket, writer } = start();
    const small = Buffer.from("small");
    const large = Buffer.alloc(8_192, "L");
    writer.append(small);
    writer.append(large);
    writer.append(Buffer.from("after"));
    small.fill("x");
    await turn();
    expect(socket.octets.toString()).toBe(`small${"L".repeat(8_192)}after`);
    expect(socket.batches).toHaveLength(1);
    expect(socket.batches[0]?.[1]).toBe(large);
  });

  it("never writes over what the socket still holds", async () => {
    const { socket, writer } = start(new Socket(false));
    writer.append(Buffer.alloc(60, "a"));
    await turn();
    writer.append(Buffer.alloc(60, "b"));
    await turn();
    expect(socket.octets.toString()).toBe("a".repeat(60));
    expect(writer.isFull).toBe(true);
  });

  it("makes room in one piece for more than a slab has left", async () => {
    const { socket, writer } = start();
    writer.append(Buffer.from("before"));
    writer.reserve(100_000);
    expect(writer.bytes.length - writer.at).toBeGreaterThanOrEqual(100_000);
    writer.append(Buffer.from("behind"));
    await turn();
    expect(socket.octets.toString()).toBe("beforebehind");
  });

  it("is full when the socket wants no more, until it drains", () => {
    const { socket, writer } = start();
    expect(writer.isFull).toBe(false);
    socket.cork();
    writer.append(Buffer.alloc(200));
    writer.flush();
    expect(writer.isFull).toBe(true);
  });

  it("writes nothing after its end, not even what was gathered before", async () => {
    const { socket, writer } = start();
    writer.append(Buffer.from("gathered"));
    writer.end();
    writer.append(Buffer.from("later"));
    await turn();
    writer.flush();
    expect(socket.batches).toEqual([]);
  });
});
