// SPDX-License-Identifier: Apache-2.0
// The other end of an HTTP/2 connection, as a script: says octets that a test writes, and reads what it is told. Has no
// rules of its own, and shares no code with what it tests.

import { Duplex } from "node:stream";
import type { ConnectionOwner } from "../../src/rpc/transport/http2/connection-owner.js";
import type { StreamFailure, StreamHandler } from "../../src/rpc/transport/http2/stream.js";

/** A frame as it was read. */
export interface ReadFrame {
  readonly type: number;
  readonly flags: number;
  readonly id: number;
  readonly payload: Buffer;
}

/** The peer of a connection over a pair of streams in this process. */
export class Http2Peer {
  /** What the connection is given. */
  readonly socket: Duplex & { isReferenced: boolean };
  #received: Buffer = Buffer.alloc(0);
  #taken = 0;
  #callback: (() => void) | undefined;
  /** Whether the socket takes what it is given; when it is set again, what waits is taken. */
  isReading = true;

  constructor() {
    const write = (chunk: Buffer, callback: () => void): void => {
      this.#received = Buffer.concat([this.#received, chunk]);
      if (this.isReading) callback();
      else this.#callback = callback;
    };
    const duplex = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, callback) => write(chunk, callback),
      final: (callback) => callback(),
    });
    const hold = (isReferenced: boolean): void => {
      this.socket.isReferenced = isReferenced;
    };
    const held = { isReferenced: true, ref: () => hold(true), unref: () => hold(false) };
    this.socket = Object.assign(duplex, held);
  }

  /** Sends octets, and lets the connection read and answer. */
  async say(...parts: readonly Uint8Array[]): Promise<void> {
    this.socket.push(Buffer.concat(parts));
    await turn();
  }

  /** Takes what waits, when the socket was not read. */
  async resume(): Promise<void> {
    this.isReading = true;
    const callback = this.#callback;
    this.#callback = undefined;
    callback?.();
    await turn();
  }

  /** Ends the connection. */
  async end(): Promise<void> {
    this.socket.push(null);
    await turn();
  }

  /** All octets that were received, the preface among them. */
  get octets(): Buffer {
    return this.#received;
  }

  /** The frames that came since this was last asked, without the preface. */
  frames(): ReadFrame[] {
    if (this.#taken === 0) this.#taken = 24;
    const found: ReadFrame[] = [];
    while (this.#received.length - this.#taken >= 9) {
      const head = this.#received.subarray(this.#taken);
      const length = head.readUIntBE(0, 3);
      if (head.length < 9 + length) break;
      const payload = Buffer.from(head.subarray(9, 9 + length));
      found.push({ type: head[3] ?? 0, flags: head[4] ?? 0, id: head.readUInt32BE(5), payload });
      this.#taken += 9 + length;
    }
    return found;
  }

  /** The code of the GOAWAY that came; `undefined`: none did. */
  goAwayCode(): number | undefined {
    return this.frames()
      .find(({ type }) => type === 7)
      ?.payload.readUInt32BE(4);
  }
}

/** Lets everything that waits for this turn of the event loop, and the next, happen. */
export async function turn(): Promise<void> {
  for (let count = 0; count < 3; count++) await new Promise((resolve) => setImmediate(resolve));
}

/** What a stream's handler heard. */
export class HeardStream implements StreamHandler {
  headers: readonly string[] | undefined;
  readonly chunks: Buffer[] = [];
  trailers: readonly string[] | undefined;
  hasEnded = false;
  failure: StreamFailure | undefined;

  onHeaders(fields: readonly string[]): void {
    this.headers = fields;
  }

  onData(bytes: Buffer): void {
    this.chunks.push(Buffer.from(bytes));
  }

  onEnd(fields: readonly string[] | undefined): void {
    if (this.hasEnded || this.failure !== undefined) throw new Error("the stream ends twice");
    this.hasEnded = true;
    this.trailers = fields;
  }

  onFailure(failure: StreamFailure): void {
    if (this.hasEnded || this.failure !== undefined) throw new Error("the stream ends twice");
    this.failure = failure;
  }

  get body(): string {
    return Buffer.concat(this.chunks).toString("latin1");
  }

  /** All that was heard, for comparison. */
  get summary(): object {
    const { headers, body, trailers, hasEnded, failure } = this;
    const error = failure?.kind === "lost" ? failure.error.message : undefined;
    return { headers, body, trailers, hasEnded, failure: failure?.kind, error };
  }
}

/** What a connection's owner heard. */
export class HeardConnection implements ConnectionOwner {
  rooms = 0;
  readies = 0;
  drains = 0;
  ends = 0;
  error: Error | undefined;

  onReady(): void {
    this.readies++;
  }

  onRoom(): void {
    this.rooms++;
  }

  onDrain(): void {
    this.drains++;
  }

  onEnd(error: Error | undefined): void {
    this.ends++;
    this.error = error;
  }
}
