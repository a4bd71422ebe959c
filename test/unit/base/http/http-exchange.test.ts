// SPDX-License-Identifier: Apache-2.0
// One request on its way, over real sockets: what is sent, what its answer becomes, and that it settles and leaves once.

import { Agent, type RequestListener } from "node:http";
import { deflateSync, gzipSync } from "node:zlib";
import { afterEach, describe, expect, it, test } from "@jest/globals";
import { type ExchangeOwner, HttpExchange } from "../../../../src/base/http/http-exchange.js";
import { type HttpAnswer, type HttpRequest, originOf } from "../../../../src/base/http/http-message.js";
import { type RecordingHttpServer, startHttpServer } from "../../../support/http-server.js";
import { ManualClock } from "../../../support/manual-clock.js";
import { freeHost, startRawServer } from "../../../support/raw-server.js";
import { rejectionOf } from "../../../support/rejection-of.js";
import { waitUntil } from "../../../support/wait-until.js";

const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function serve(listener: RequestListener): Promise<RecordingHttpServer> {
  const server = await startHttpServer(listener);
  ends.push(() => server[Symbol.asyncDispose]());
  return server;
}

function send(host: string, changes: Partial<HttpRequest> = {}) {
  const clock = new ManualClock();
  const agent = new Agent();
  ends.push(() => agent.destroy());
  const told = { answers: 0, ends: 0, dropped: 0 };
  const owner: ExchangeOwner = {
    clock,
    agent,
    dropIdle: () => void told.dropped++,
    onAnswer: () => void told.answers++,
    onEnd: () => void told.ends++,
  };
  const request: HttpRequest = {
    origin: originOf(new URL(`http://${host}`)),
    method: "POST",
    path: "/p?q",
    headers: ["x-own", "1"],
    body: "body",
    timeoutMs: 10_000,
    maxBytes: 100,
    isRepeatable: false,
    ...changes,
  };
  let cut = (_reason: unknown): void => undefined;
  const answer = new Promise<HttpAnswer>((resolve, reject) => {
    const exchange = new HttpExchange(request, owner, resolve, reject);
    cut = (reason) => exchange.cut(reason);
    exchange.send();
  });
  return { clock, told, answer, cut };
}

describe("an exchange", () => {
  it("sends method, path, headers and body, and gives the answer whatever its status", async () => {
    const server = await serve((_, response) => void response.writeHead(404, { "x-answer": "2" }).end("gone"));
    const { answer, clock, told } = send(server.host);
    expect(await answer).toMatchObject({ status: 404, text: "gone", isWhole: true, headers: { "x-answer": "2" } });
    const [request] = server.requests;
    expect(request).toMatchObject({ method: "POST", url: "/p?q", body: "body" });
    expect(request?.headers).toMatchObject({ host: server.host, "x-own": "1", "content-length": "4" });
    expect([told, clock.waits]).toEqual([{ answers: 1, ends: 1, dropped: 0 }, []]);
  });

  it("names the length of no body, but for GET", async () => {
    const server = await serve((_, response) => void response.end());
    await send(server.host, { body: undefined }).answer;
    await send(server.host, { body: undefined, method: "GET" }).answer;
    expect(server.requests.map(({ headers }) => headers["content-length"])).toEqual(["0", undefined]);
  });

  it("reads what is compressed, and cuts what is or becomes longer than it may", async () => {
    const answers: [Buffer, Record<string, string>][] = [
      [gzipSync("small"), { "content-encoding": "gzip" }],
      [gzipSync("x".repeat(1_000)), { "content-encoding": "gzip" }],
      [Buffer.alloc(1_000, "x"), {}],
    ];
    const server = await serve((_, response) => {
      const [body, headers] = answers.shift() ?? [];
      response.writeHead(200, headers).end(body);
    });
    expect(await send(server.host).answer).toMatchObject({ text: "small", isWhole: true });
    expect(await send(server.host).answer).toMatchObject({ text: "", isWhole: false });
    expect((await send(server.host).answer).isWhole).toBe(false);
  });

  test.each([
    ["br", "the body has a content encoding that was not requested"],
    ["gzip", "the body cannot be decompressed"],
  ])("fails on a body that is no %s", async (encoding, message) => {
    const server = await serve(
      (_, response) => void response.writeHead(200, { "content-encoding": encoding }).end("secret"),
    );
    expect(await rejectionOf(send(server.host).answer)).toMatchObject({ message });
  });

  it("keeps the status of a refusal whose body it cannot read", async () => {
    const server = await serve(
      (_, response) => void response.writeHead(403, { "content-encoding": "br" }).end("secret"),
    );
    expect(await send(server.host).answer).toMatchObject({ status: 403, text: "", isWhole: true });
  });

  test.each(["GZIP", "X-Gzip", "Deflate", "Identity"])("takes the encoding %s in any case", async (encoding) => {
    const encode = { GZIP: gzipSync, "X-Gzip": gzipSync, Deflate: deflateSync, Identity: Buffer.from }[encoding];
    const server = await serve((_, response) => {
      response.writeHead(200, { "content-encoding": encoding }).end(encode?.("\ufeffread"));
    });
    expect(await send(server.host).answer).toMatchObject({ text: "read", isWhole: true });
  });

  it("ends with a 101 that it did not ask for, and with its connection", async () => {
    const server = await startRawServer((socket) => {
      socket.once("data", () =>
        socket.write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n"),
      );
    });
    ends.push(() => server[Symbol.asyncDispose]());
    const { answer, told } = send(server.host);
    expect(await answer).toMatchObject({ status: 101, text: "", isWhole: true });
    expect(told.ends).toBe(1);
  });

  it("fails with the error of the connection, and of a header that is none, without its value", async () => {
    const { answer, told } = send(await freeHost());
    expect(await rejectionOf(answer)).toMatchObject({ code: "ECONNREFUSED" });
    expect(told).toEqual({ answers: 0, ends: 1, dropped: 0 });
    const error = await rejectionOf(send("127.0.0.1:1", { headers: ["x-own", "secret\n"] }).answer);
    expect(error).toMatchObject({ code: "ERR_INVALID_CHAR", message: expect.not.stringContaining("secret") });
  });
});

describe("the end of an exchange", () => {
  it("is its time's, by the clock", async () => {
    const server = await serve(() => undefined);
    const { answer, clock, told } = send(server.host);
    await waitUntil("the request has come", () => server.requests.length === 1);
    const failure = rejectionOf(answer);
    await clock.advance(10_000);
    expect(await failure).toMatchObject({
      name: "HttpTimeoutError",
      code: "ETIMEDOUT",
      message: `no complete response from ${server.host} after 10000 ms`,
    });
    expect(told.ends).toBe(1);
    await waitUntil("the connection ends", () => server.sockets.size === 0);
  });

  it("is its signal's reason, or that of whoever cuts it, and comes once", async () => {
    const server = await serve(() => undefined);
    const stop = new AbortController();
    const [first, second] = [send(server.host, { signal: stop.signal }), send(server.host)];
    const reasons = [new Error("aborted"), new Error("cut")];
    const failures = [rejectionOf(first.answer), rejectionOf(second.answer)];
    stop.abort(reasons[0]);
    second.cut(reasons[1]);
    second.cut(new Error("again"));
    expect(await Promise.all(failures)).toEqual(reasons);
    expect([first.told.ends, second.told.ends, second.clock.waits]).toEqual([1, 1, []]);
  });
});
