// SPDX-License-Identifier: Apache-2.0
// Calls of our gRPC transport on a connection of our own, whose other end is a script, with time by hand. Its owner does what a
// transport does, and notes it.

import type { MethodDescriptor } from "../../src/rpc/method/method.js";
import { ConnectionLog } from "../../src/rpc/transport/grpc/connection-log.js";
import type { Exchange, ExchangeOwner, Line } from "../../src/rpc/transport/grpc/exchange.js";
import { methodFields } from "../../src/rpc/transport/grpc/request-fields.js";
import { Http2Connection } from "../../src/rpc/transport/http2/connection.js";
import type { FixedFields } from "../../src/rpc/transport/http2/request-head.js";
import { frame, settings } from "./http2-frames.js";
import { HeardConnection, Http2Peer } from "./http2-peer.js";
import { frameMessage } from "./http2-server.js";
import { ManualClock } from "./manual-clock.js";

/** A method whose messages are text. What reads `broken` is no message. */
export const SAY: MethodDescriptor<string, string> = {
  label: "Text.Say",
  path: "/test.Text/Say",
  encode: (text) => Buffer.from(text),
  decode: (bytes) => {
    const text = bytes.toString();
    if (text === "broken") throw new Error("no message");
    return text;
  },
};

/** A message in the form in which gRPC sends it. */
export const framed = (text: string): Buffer => frameMessage(Buffer.from(text));

/** The owner of exchanges on one connection. */
export class ExchangeStage implements ExchangeOwner {
  readonly host = "server.test:443";
  readonly clock = new ManualClock();
  readonly log = new ConnectionLog(undefined, "server.test:443");
  readonly waitsFor = "no connection to server.test:443";
  maxReplyBytes = 1_000;
  readonly peer = new Http2Peer();
  readonly connection: Http2Connection;
  /** Exchanges that asked for a connection again. */
  readonly dispatched: Exchange[] = [];
  /** Exchanges that ended. */
  readonly left: Exchange[] = [];
  /** Lines that were distrusted. */
  readonly distrusted: Line[] = [];

  constructor() {
    this.connection = new Http2Connection(this.peer.socket, new HeardConnection(), { clock: new ManualClock() });
  }

  dispatch(exchange: Exchange): void {
    this.dispatched.push(exchange);
  }

  leave(exchange: Exchange): void {
    this.left.push(exchange);
  }

  distrust(line: Line): void {
    this.distrusted.push(line);
  }

  fieldsOf(path: string): FixedFields {
    return methodFields(path, this.host, "https");
  }

  /** The types, flags and payloads of the frames that came of one stream since the last look. */
  framesOf(id: number): [type: number, flags: number, payload: string][] {
    const frames = this.peer.frames().filter((each) => each.id === id);
    return frames.map(({ type, flags, payload }) => [type, flags, type === 1 ? "" : payload.toString("latin1")]);
  }
}

/** A stage whose peer has said its SETTINGS. */
export async function openExchangeStage(pairs: Parameters<typeof settings>[0] = []): Promise<ExchangeStage> {
  const stage = new ExchangeStage();
  await stage.peer.say(settings(pairs), frame(4, 1, 0));
  stage.peer.frames();
  return stage;
}
