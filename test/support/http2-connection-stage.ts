// SPDX-License-Identifier: Apache-2.0
// A connection of ours whose other end is a script and has said its SETTINGS, and requests on it.

import { type Clock, systemClock } from "../../src/base/clock.js";
import { Http2Connection } from "../../src/rpc/transport/http2/connection.js";
import { fixedFields } from "../../src/rpc/transport/http2/request-head.js";
import type { Http2Stream } from "../../src/rpc/transport/http2/stream.js";
import { frame, settings } from "./http2-frames.js";
import { HeardConnection, HeardStream, Http2Peer } from "./http2-peer.js";

/** The head of a request without fields of its own. */
export const REQUEST_HEAD = {
  fixed: fixedFields([
    [":method", "POST"],
    [":scheme", "http"],
    [":path", "/a"],
    [":authority", "h"],
  ]),
  extra: undefined,
  own: [],
};

/** The stage. */
interface Http2ConnectionStage {
  readonly peer: Http2Peer;
  readonly owner: HeardConnection;
  readonly connection: Http2Connection;
  /** Begins a request whose body the test writes. */
  begin(): { readonly heard: HeardStream; readonly stream: Http2Stream };
  /** Begins a request; with a body, sends it whole. */
  open(body?: string): HeardStream;
}

/** Opens the stage. @param pairs the peer's SETTINGS @param clock the connection's; default: the machine's */
export async function openHttp2Connection(
  pairs: Parameters<typeof settings>[0] = [],
  clock: Clock = systemClock,
): Promise<Http2ConnectionStage> {
  const peer = new Http2Peer();
  const owner = new HeardConnection();
  const connection = new Http2Connection(peer.socket, owner, { clock });
  await peer.say(settings(pairs), frame(4, 1, 0));
  peer.frames();
  const begin = () => {
    const heard = new HeardStream();
    return { heard, stream: connection.open(REQUEST_HEAD, heard) };
  };
  return {
    peer,
    owner,
    connection,
    begin,
    open(body) {
      const { heard, stream } = begin();
      if (body !== undefined) stream.write(Buffer.from(body), true);
      return heard;
    },
  };
}
