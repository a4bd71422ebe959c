// SPDX-License-Identifier: Apache-2.0
// The server of gRPC calls: HTTP/2 frames by hand with one fixed answer, so that no client waits for a server that is as busy as
// itself. It refuses a call that lacks what every client must send, so that no client wins by sending less. Source: RFC 9113.

import common from "../../build/generated/google/iam/credentials/v1/common.js";
import { HpackDecoder } from "../../build/src/rpc/transport/http2/hpack/hpack-decoder.js";
import exchange from "./exchange.cjs";

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const HEAD_SIZE = 9;
const DATA = 0;
const HEADERS = 1;
const SETTINGS = 4;
const PING = 6;
const GOAWAY = 7;
const WINDOW_UPDATE = 8;
const END_STREAM = 1;
const ACK = 1;
const END_HEADERS = 4;
const PADDED = 8;
const PRIORITY = 32;
const DEFAULT_WINDOW = 65_535;
const INITIAL_WINDOW_SIZE = 4;
const MAX_HEADER_LIST = 16_384;

const PATH = "/google.iam.credentials.v1.IAMCredentials/GenerateAccessToken";
const EXPECTED = grpcMessage(common.GenerateAccessTokenRequest.encode(exchange.message).finish());
const BODY = grpcMessage(common.GenerateAccessTokenResponse.encode(exchange.reply).finish());
// :status 200 by its index; the rest literally, without the table, so that each answer is the same bytes.
const RESPONSE_HEADERS = Buffer.concat([
  Buffer.from([0x88]),
  literal("content-type", "application/grpc"),
  literal("server", "bench"),
]);
const TRAILERS = literal("grpc-status", "0");

function grpcMessage(bytes) {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

function literal(name, value) {
  const text = (string) => [Buffer.from([string.length]), Buffer.from(string, "latin1")];
  return Buffer.concat([Buffer.from([0]), ...text(name), ...text(value)]);
}

function frame(type, flags, streamId, payload) {
  const head = Buffer.alloc(HEAD_SIZE);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}

const uint32 = (value) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** The whole answer; only the stream's number differs from call to call. */
const ANSWER = Buffer.concat([
  frame(HEADERS, END_HEADERS, 0, RESPONSE_HEADERS),
  frame(DATA, 0, 0, BODY),
  frame(HEADERS, END_HEADERS | END_STREAM, 0, TRAILERS),
]);
const ID_OFFSETS = [
  5,
  5 + HEAD_SIZE + RESPONSE_HEADERS.length,
  5 + 2 * HEAD_SIZE + RESPONSE_HEADERS.length + BODY.length,
];

function answerTo(streamId) {
  const bytes = Buffer.from(ANSWER);
  for (const offset of ID_OFFSETS) bytes.writeUInt32BE(streamId, offset);
  return bytes;
}

const refusal = (streamId, missing) =>
  frame(
    HEADERS,
    END_HEADERS | END_STREAM,
    streamId,
    Buffer.concat([
      Buffer.from([0x88]),
      literal("content-type", "application/grpc"),
      literal("grpc-status", "3"),
      literal("grpc-message", `the call lacks ${missing}`),
    ]),
  );

function missingFrom(fields) {
  const headers = {};
  for (let at = 0; at < fields.length; at += 2) headers[fields[at]] = fields[at + 1];
  if (headers[":path"] !== PATH) return "the right path";
  if (!exchange.isAuthorized(headers.authorization)) return "the authorization";
  return ["x-goog-request-params", "x-goog-api-client", "grpc-timeout"].find((key) => headers[key] === undefined);
}

/**
 * Serves the calls of one connection.
 *
 * @param delayMs gives the time from a call to its answer; `undefined`: answers what one chunk has brought in one write
 */
export function serveFrames(socket, delayMs) {
  const decoder = new HpackDecoder(MAX_HEADER_LIST);
  const calls = new Map();
  let rest = Buffer.alloc(0);
  let hasPreface = false;
  let window = DEFAULT_WINDOW;
  let received = 0;
  let out = [];
  const waiting = [];

  const flush = () => {
    while (waiting.length > 0 && window >= BODY.length) {
      window -= BODY.length;
      out.push(answerTo(waiting.shift()));
    }
    if (out.length === 0) return;
    socket.write(out.length === 1 ? out[0] : Buffer.concat(out));
    out = [];
  };

  const answer = (streamId) => {
    const { missing, body } = calls.get(streamId);
    calls.delete(streamId);
    const lack = body?.equals(EXPECTED) === true ? missing : "the right message";
    if (lack !== undefined) out.push(refusal(streamId, lack));
    else if (delayMs === undefined) waiting.push(streamId);
    else
      setTimeout(() => {
        waiting.push(streamId);
        flush();
      }, delayMs());
  };

  const onData = (flags, streamId, payload) => {
    received += payload.length;
    if (received > DEFAULT_WINDOW / 2) {
      out.push(frame(WINDOW_UPDATE, 0, 0, uint32(received)));
      received = 0;
    }
    const call = calls.get(streamId);
    if (call === undefined) return;
    if (payload.length > 0)
      call.body = call.body === undefined ? Buffer.from(payload) : Buffer.concat([call.body, payload]);
    if ((flags & END_STREAM) !== 0) answer(streamId);
  };

  const onFrame = (type, flags, streamId, payload) => {
    if (type === DATA) onData(flags, streamId, payload);
    else if (type === HEADERS) {
      if ((flags & END_HEADERS) === 0) throw new Error("a block of several frames");
      const from = ((flags & PADDED) !== 0 ? 1 : 0) + ((flags & PRIORITY) !== 0 ? 5 : 0);
      const to = payload.length - ((flags & PADDED) !== 0 ? payload[0] : 0);
      calls.set(streamId, { missing: missingFrom(decoder.decode(payload, from, to).fields), body: undefined });
    } else if (type === SETTINGS && (flags & ACK) === 0) {
      for (let at = 0; at < payload.length; at += 6) {
        const isTooSmall =
          payload.readUInt16BE(at) === INITIAL_WINDOW_SIZE && payload.readUInt32BE(at + 2) < BODY.length;
        if (isTooSmall) throw new Error("a window smaller than the answer");
      }
      out.push(frame(SETTINGS, ACK, 0, Buffer.alloc(0)));
    } else if (type === PING && (flags & ACK) === 0) out.push(frame(PING, ACK, 0, payload));
    else if (type === WINDOW_UPDATE && streamId === 0) window += payload.readUInt32BE(0);
    else if (type === GOAWAY) socket.end();
  };

  const read = (chunk) => {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    if (!hasPreface) {
      if (bytes.length < PREFACE.length) {
        rest = bytes;
        return;
      }
      hasPreface = true;
      bytes = bytes.subarray(PREFACE.length);
    }
    let at = 0;
    while (bytes.length - at >= HEAD_SIZE) {
      const end = at + HEAD_SIZE + bytes.readUIntBE(at, 3);
      if (end > bytes.length) break;
      onFrame(
        bytes[at + 3],
        bytes[at + 4],
        bytes.readUInt32BE(at + 5) & 0x7fff_ffff,
        bytes.subarray(at + HEAD_SIZE, end),
      );
      at = end;
    }
    rest = bytes.subarray(at);
    flush();
  };

  socket.setNoDelay(true);
  socket.on("error", () => {}); // a client that leaves in mid-call
  socket.on("data", read);
  socket.write(frame(SETTINGS, 0, 0, Buffer.alloc(0)));
}
