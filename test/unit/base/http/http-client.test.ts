// SPDX-License-Identifier: Apache-2.0
// The one HTTP client over real sockets: connections that are kept, that die, that are too many, and bodies that are too large.

import { gzipSync } from "node:zlib";
import { systemClock } from "../../../../src/base/clock.js";
import { HttpClient } from "../../../../src/base/http/http-client.js";
import { HttpTimeoutError } from "../../../../src/base/http/http-exchange.js";
import { type HttpRequest, originOf } from "../../../../src/base/http/http-message.js";
import { startHttpServer } from "../../../support/http-server.js";
import { ManualClock } from "../../../support/manual-clock.js";
import { startRawServer } from "../../../support/raw-server.js";
import { rejectionOf } from "../../../support/rejection-of.js";
import { settle, waitUntil } from "../../../support/wait-until.js";

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

function requestTo(host: string, more: Partial<HttpRequest> = {}): HttpRequest {
  const base = { method: "POST", path: "/", headers: [], body: "{}", timeoutMs: 10_000, maxBytes: 1_000 };
  return { ...base, origin: originOf(new URL(`http://${host}`)), isRepeatable: true, ...more };
}

it("keeps a connection for the next request, and ends it when it closes", async () => {
  await using server = await startHttpServer((_, response) => response.end("ok"));
  const client = new HttpClient({ clock: systemClock });
  for (let times = 0; times < 5; times++)
    expect(await client.send(requestTo(server.host))).toMatchObject({ text: "ok" });
  expect(server.accepted).toBe(1);
  client.close();
  await waitUntil("the connection ends", () => server.sockets.size === 0);
  expect(await rejectionOf(client.send(requestTo(server.host)))).toMatchObject({
    message: "the HTTP client is closed",
  });
});

describe("a kept connection that dies before a byte of the answer", () => {
  const startMortal = () =>
    startRawServer((socket) => {
      let requests = 0;
      // The first request is answered; the second finds the connection dead.
      socket.on("data", () => (++requests === 1 ? socket.write(OK) : socket.resetAndDestroy()));
    });

  it("is replaced, and the request goes once more", async () => {
    await using server = await startMortal();
    const client = new HttpClient({ clock: systemClock });
    for (let times = 0; times < 3; times++) expect((await client.send(requestTo(server.host))).text).toBe("ok");
    expect(server.accepted).toBe(3);
    client.close();
  });

  it("ends a request that the server must not see twice", async () => {
    await using server = await startMortal();
    const client = new HttpClient({ clock: systemClock });
    const request = requestTo(server.host, { isRepeatable: false });
    await client.send(request);
    expect(await rejectionOf(client.send(request))).toMatchObject({ code: "ECONNRESET" });
    expect(server.accepted).toBe(1);
    client.close();
  });

  it("is not taken for such a request when it was idle for more than a second", async () => {
    await using server = await startMortal();
    const clock = new ManualClock();
    const client = new HttpClient({ clock });
    const request = requestTo(server.host, { isRepeatable: false });
    await client.send(request);
    clock.jump(1_001);
    expect((await client.send(request)).text).toBe("ok");
    expect(server.accepted).toBe(2);
    client.close();
  });
});

it("takes no connection that was idle for a minute, as after the process stood still", async () => {
  await using server = await startHttpServer((_, response) => response.end("ok"));
  const clock = new ManualClock();
  const client = new HttpClient({ clock });
  await client.send(requestTo(server.host));
  clock.jumpWall(60_000);
  await client.send(requestTo(server.host));
  expect(server.accepted).toBe(2);
  client.close();
});

it("never repeats a request whose answer had begun", async () => {
  await using server = await startRawServer((socket) => {
    let requests = 0;
    socket.on("data", () => {
      if (++requests === 1) socket.write(OK);
      else socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhal", () => socket.destroy());
    });
  });
  const client = new HttpClient({ clock: systemClock });
  await client.send(requestTo(server.host));
  expect(await rejectionOf(client.send(requestTo(server.host)))).toMatchObject({ code: "ECONNRESET" });
  expect(server.accepted).toBe(1);
  client.close();
});

it("opens no more than 256 connections to one origin, and serves all", async () => {
  let most = 0;
  await using server = await startHttpServer((_, response) => {
    most = Math.max(most, server.sockets.size);
    setImmediate(() => response.end("ok"));
  });
  const client = new HttpClient({ clock: systemClock });
  const answers = await Promise.all(Array.from({ length: 600 }, () => client.send(requestTo(server.host))));
  expect(answers.every(({ text }) => text === "ok")).toBe(true);
  expect(most).toBeLessThanOrEqual(256);
  client.close();
});

it.each([
  ["as it is", (text: string) => Buffer.from(text), {}],
  ["compressed", (text: string) => gzipSync(text), { "content-encoding": "gzip" }],
])("reads a body %s, up to its limit", async (_, encode, headers) => {
  let length = 1_000;
  await using server = await startHttpServer((__, response) => {
    response.writeHead(200, headers).end(encode("x".repeat(length)));
  });
  const client = new HttpClient({ clock: systemClock });
  expect(await client.send(requestTo(server.host))).toMatchObject({ isWhole: true, text: "x".repeat(1_000) });
  length = 1_001;
  expect(await client.send(requestTo(server.host))).toMatchObject({ isWhole: false });
  client.close();
});

it("says what it still waited for when its time is over, and gives the connection up", async () => {
  await using silent = await startRawServer();
  const clock = new ManualClock();
  const client = new HttpClient({ clock, proxyFor: () => `http://${silent.host}/` });
  const failure = rejectionOf(client.send(requestTo("far.example", { timeoutMs: 500 })));
  await waitUntil("the proxy is asked", () => silent.received.length > 0);
  await clock.advance(500);
  const error = await failure;
  expect(error).toBeInstanceOf(HttpTimeoutError);
  expect(error).toMatchObject({
    message: `no complete response from far.example after 500 ms: still waiting for the proxy ${silent.host} to respond to CONNECT`,
  });
  await waitUntil("the connection ends", () => silent.open === 0);
  client.close();
});

it("ends with the reason of its signal, while it connects and while it waits for the answer", async () => {
  await using silent = await startRawServer();
  const client = new HttpClient({ clock: systemClock });
  const controller = new AbortController();
  const { signal } = controller;
  const failure = rejectionOf(client.send(requestTo(silent.host, { signal })));
  await waitUntil("the request arrives", () => silent.received.length > 0);
  const reason = new Error("enough");
  controller.abort(reason);
  expect(await failure).toBe(reason);
  await waitUntil("the connection ends", () => silent.open === 0);
  expect(await rejectionOf(client.send(requestTo(silent.host, { signal })))).toBe(reason);
  await settle(1);
  expect(silent.accepted).toBe(1);
  client.close();
});
