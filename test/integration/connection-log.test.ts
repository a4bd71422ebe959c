// SPDX-License-Identifier: Apache-2.0
// What a logger hears of connections, as users of grpc-js know it from GRPC_TRACE, and that no secret is in it.

import { constants } from "node:http2";
import { expect, test } from "@jest/globals";
import type { Logger } from "../../src/index.js";
import { answerGrpc, SIGN_BLOB_RESPONSE, startHttp2Server } from "../support/http2-server.js";
import { ManualClock } from "../support/manual-clock.js";
import { plainClient, REQUEST } from "../support/plain-client.js";
import { freeHost } from "../support/raw-server.js";
import { rejectionOf } from "../support/rejection-of.js";
import { PLANTED } from "../support/secrets.js";
import { startTcpProxy } from "../support/tcp-proxy.js";
import { settle, waitUntil } from "../support/wait-until.js";

const credentials = { getRequestMetadata: () => ({ authorization: `Bearer ${PLANTED.token}` }) };
const once = { retry: false } as const;

/** A logger, and what it heard of connections. */
function recorder() {
  const lines: [message: string, fields: Readonly<Record<string, unknown>>][] = [];
  const hear = (message: string, fields: object): void => void lines.push([message, { ...fields }]);
  const logger: Logger = { debug: hear, info: hear, warn: hear, error: hear };
  const ofConnections = () => lines.filter(([, fields]) => "host" in fields);
  return {
    logger,
    messages: () => ofConnections().map(([message]) => message),
    fieldsOf: (wanted: string) => lines.find(([message]) => message === wanted)?.[1],
    all: lines,
  };
}

test("a connection is opened and closed", async () => {
  await using server = await startHttp2Server((stream) => answerGrpc(stream, SIGN_BLOB_RESPONSE));
  const { logger, messages, fieldsOf, all } = recorder();
  const client = plainClient(server.host, { logger, credentials });
  await client.signBlob(REQUEST, once);
  expect(messages()).toEqual(["connection opened"]);
  expect(fieldsOf("connection opened")).toEqual({ host: server.host, durationMs: expect.any(Number) });
  await client.close();
  expect(messages()).toEqual(["connection opened", "connection closed"]);
  expect(JSON.stringify(all)).not.toContain(PLANTED.token);
});

test("one that cannot be made says why", async () => {
  const host = await freeHost();
  const { logger, messages, fieldsOf } = recorder();
  await using client = plainClient(host, { logger });
  await rejectionOf(client.signBlob(REQUEST, once));
  expect(messages()).toEqual(["connection failed"]);
  expect(fieldsOf("connection failed")).toEqual({ host, error: expect.stringContaining("ECONNREFUSED") });
});

test("GOAWAY with its code and text, in which what was sent is hidden, a refused call, and the next connection", async () => {
  await using server = await startHttp2Server((stream, _headers, number) => {
    if (number !== 2) answerGrpc(stream, SIGN_BLOB_RESPONSE);
    else stream.session?.goaway(constants.NGHTTP2_NO_ERROR, 1, Buffer.from(`Bearer ${PLANTED.token} must wait`));
  });
  const { logger, messages, fieldsOf } = recorder();
  await using client = plainClient(server.host, { logger, credentials });
  await client.signBlob(REQUEST, once);
  await client.signBlob(REQUEST, once);
  expect(messages()).toEqual([
    "connection opened",
    "server sent GOAWAY",
    "call was not processed and is sent again",
    "connection closed",
    "connection opened",
  ]);
  const said = { code: "NO_ERROR", lastStreamId: 1, text: "Bearer [hidden] must wait" };
  expect(fieldsOf("server sent GOAWAY")).toEqual({ host: server.host, ...said });
  const again = fieldsOf("call was not processed and is sent again");
  expect(again).toEqual({ host: server.host, rpcName: "IAMCredentials.SignBlob" });
});

test("a server that wants fewer PINGs is a warning, and gets half as many on the next connection", async () => {
  await using server = await startHttp2Server((stream, _headers, number) => {
    if (number > 1) return;
    stream.session?.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 1, Buffer.from("too_many_pings"));
    answerGrpc(stream, SIGN_BLOB_RESPONSE);
  });
  const { logger, messages, fieldsOf } = recorder();
  const clock = new ManualClock();
  await using client = plainClient(server.host, { logger, clock, keepalive: { intervalMs: 10_000 } });
  await client.signBlob(REQUEST, once);
  expect(messages()[2]).toBe("the server wants fewer PINGs; keepalive sends half as many from the next connection on");
  const call = rejectionOf(client.signBlob(REQUEST, { ...once, timeout: 45_000 }));
  await waitUntil("the second call has arrived", () => server.requests === 2);
  await settle();
  for (let second = 0; second < 45; second++) await clock.advance(1_000);
  await call;
  expect(fieldsOf("keepalive PING on a silent connection")).toMatchObject({ silentMs: 20_000 });
});

test("keepalive PING on a silent connection, and closes one that does not answer", async () => {
  await using server = await startHttp2Server(() => undefined);
  await using proxy = await startTcpProxy(Number(server.host.split(":")[1]));
  const { logger, messages, fieldsOf } = recorder();
  const clock = new ManualClock();
  await using client = plainClient(proxy.host, { logger, clock, keepalive: { intervalMs: 10_000, timeoutMs: 5_000 } });
  const call = rejectionOf(client.signBlob(REQUEST, once));
  await waitUntil("the call has arrived", () => server.requests === 1);
  await settle();
  proxy.silence();
  for (const ms of [10_000, 10_000, 5_000]) await clock.advance(ms);
  expect(String(await call)).toContain("UNAVAILABLE: the connection to");
  expect(messages()).toEqual([
    "connection opened",
    "keepalive PING on a silent connection",
    "keepalive PING was not acknowledged",
    "connection closed",
  ]);
  expect(fieldsOf("connection closed")).toEqual({ host: proxy.host, error: "a PING was not acknowledged in time" });
});
