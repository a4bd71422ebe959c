// SPDX-License-Identifier: Apache-2.0
// One call as one HTTP request: its headers, what its answer becomes, and every way in which there is none.

import type { RequestListener } from "node:http";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it, test } from "@jest/globals";
import { systemClock } from "../../../../../src/base/clock.js";
import { HttpClient } from "../../../../../src/base/http/http-client.js";
import { originOf } from "../../../../../src/base/http/http-message.js";
import { VERSION } from "../../../../../src/base/version.js";
import { RestExchange } from "../../../../../src/rpc/transport/rest/rest-exchange.js";
import { signBlobCall } from "../../../../support/counter-calls.js";
import { answerJson, type RecordingHttpServer, startHttpServer } from "../../../../support/http-server.js";
import { freeHost } from "../../../../support/raw-server.js";
import { rejectionOf, rpcErrorOf } from "../../../../support/rejection-of.js";
import { waitUntil } from "../../../../support/wait-until.js";

const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

type Changes = Parameters<typeof signBlobCall>[1];

function begin(host: string, changes: Changes = {}, body: string | null = "{}") {
  const http = new HttpClient({ clock: systemClock });
  ends.push(() => http.close());
  const told = { answers: 0 };
  const exchange = new RestExchange(signBlobCall("x", changes), {
    http,
    origin: originOf(new URL(`http://${host}`)),
    host,
    maxReplyBytes: 1_000,
    surroundings: () => ({ host, endpointVariable: "IAM_EMULATOR_HOST", proxyVariable: undefined, hasAnswered: false }),
    onAnswer: () => void told.answers++,
  });
  const reply = exchange.run({
    verb: body === null ? "GET" : "POST",
    target: "/v1/x?$alt=json",
    body: body ?? undefined,
  });
  return { reply, told, exchange };
}

async function serve(listener: RequestListener): Promise<RecordingHttpServer> {
  const server = await startHttpServer(listener);
  ends.push(() => server[Symbol.asyncDispose]());
  return server;
}

/** Answers with a body as it is. */
function answer(status: number, body: string | Buffer, headers: Record<string, string> = {}): RequestListener {
  return (_, response) => void response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
}

const SIGNED = { keyId: "k", signedBlob: "YmxvYg==" };

describe("a REST exchange", () => {
  it("sends metadata as headers, bytes in base64, and what REST wants", async () => {
    const server = await serve(answerJson(SIGNED));
    const { reply, told } = begin(server.host);
    expect(await reply).toEqual({ keyId: "k", signedBlob: Buffer.from("blob") });
    expect(server.requests[0]).toMatchObject({
      method: "POST",
      url: "/v1/x?$alt=json",
      body: "{}",
      headers: {
        accept: "*/*",
        "accept-encoding": "gzip, deflate",
        authorization: "Bearer x",
        "content-type": "application/json",
        "user-agent": `iam-credentials-client/${VERSION}`,
        "x-bytes-bin": "/wA=",
      },
    });
    expect(told.answers).toBe(1);
  });

  it("leaves the caller's user agent alone, and names no content where there is none", async () => {
    const server = await serve(answerJson(SIGNED));
    await begin(server.host, { metadata: [["user-agent", "mine/1"]] }, null).reply;
    const headers = server.requests[0]?.headers;
    expect([headers?.["user-agent"], headers?.["content-type"]]).toEqual(["mine/1", undefined]);
  });

  test.each<[string, RequestListener]>([
    ["behind a byte order mark", answer(200, `\ufeff${JSON.stringify(SIGNED)}`)],
    ["that is compressed", answer(200, gzipSync(JSON.stringify(SIGNED)), { "content-encoding": "gzip" })],
    ["with any status of success", answer(201, JSON.stringify(SIGNED))],
  ])("reads a reply %s", async (_, listener) => {
    const server = await serve(listener);
    expect(await begin(server.host).reply).toMatchObject({ keyId: "k" });
  });

  it("takes 204 for an empty reply", async () => {
    const server = await serve((_, response) => void response.writeHead(204).end());
    expect(await begin(server.host).reply).toEqual({ keyId: "", signedBlob: Buffer.alloc(0) });
  });

  test.each<[string, RequestListener, number, RegExp]>([
    [
      "an error of the service",
      answer(403, JSON.stringify({ error: { code: 403, status: "PERMISSION_DENIED", message: "not you" } })),
      7,
      /^IAMCredentials.SignBlob: PERMISSION_DENIED: not you$/,
    ],
    [
      "a body that is no JSON",
      answer(200, "ya29.secret", { "content-type": "text/html" }),
      13,
      /: INTERNAL: 127\.0\.0\.1:\d+ answered HTTP 200 with a body that is not JSON \(text\/html\)$/,
    ],
    [
      "a body of no type",
      (_, response) => void response.end("ya29.secret"),
      13,
      /with a body that is not JSON \(no content type\)$/,
    ],
    [
      "a body that is no reply",
      answer(200, '{"keyId":"k","signedBlob":"?ya29.secret"}'),
      13,
      /with a body that is not a response of this method: signedBlob: must be base64$/,
    ],
    [
      "a reply that is too large",
      answer(200, "x".repeat(2_000)),
      8,
      /: RESOURCE_EXHAUSTED: the response is larger than 1000 bytes \(maxReplyBytes\)$/,
    ],
    [
      "a reply that inflates too far",
      answer(200, gzipSync("x".repeat(2_000)), { "content-encoding": "gzip" }),
      8,
      /larger than 1000 bytes/,
    ],
  ])("fails on %s, and quotes none of it", async (_, listener, code, message) => {
    const server = await serve(listener);
    const error = await rpcErrorOf(begin(server.host).reply);
    expect(error).toMatchObject({ code, transport: "rest", message: expect.stringMatching(message) });
    expect(String(error.stack) + String(error.cause)).not.toContain("secret");
  });

  it("says where nobody listens, and that another attempt cannot heal it", async () => {
    const host = await freeHost();
    const error = await rpcErrorOf(begin(host).reply);
    expect(error).toMatchObject({ code: 14, transport: "rest" });
    expect(error.message).toContain("IAM_EMULATOR_HOST");
  });

  it("ends with DEADLINE_EXCEEDED, CANCELLED or the signal's reason", async () => {
    const server = await serve(() => undefined);
    expect((await rpcErrorOf(begin(server.host, { timeoutMs: 50 }).reply)).message).toMatch(
      /^IAMCredentials.SignBlob: DEADLINE_EXCEEDED: no complete response from 127\.0\.0\.1:\d+ after 50 ms/,
    );
    const { exchange, reply } = begin(server.host);
    const cancelled = rpcErrorOf(reply);
    exchange.cancel("not needed");
    expect((await cancelled).message).toBe("IAMCredentials.SignBlob: CANCELLED: not needed");
    const stop = new AbortController();
    const aborted = rejectionOf(begin(server.host, { signal: stop.signal }).reply);
    await waitUntil("the request has come", () => server.requests.length >= 2);
    const reason = new Error("enough");
    stop.abort(reason);
    expect(await aborted).toBe(reason);
  });

  test.each([
    ["x-own", "ya29.secret\n"],
    ["x own", "ya29.secret"],
  ])("names metadata that no header can carry, and not its value: %j", async (key, value) => {
    const error = await rpcErrorOf(
      begin("127.0.0.1:1", {
        metadata: [
          ["authorization", "Bearer x"],
          [key, value],
        ],
      }).reply,
    );
    expect(error.message).toBe(
      `IAMCredentials.SignBlob: INTERNAL: the metadata "${key}" cannot be sent as an HTTP header`,
    );
    expect(error.cause).toBeUndefined();
  });
});
