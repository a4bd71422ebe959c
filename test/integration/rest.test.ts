// SPDX-License-Identifier: Apache-2.0
// The REST transport against servers that answer as they should not, over real sockets.

import { gzipSync } from "node:zlib";
import { type ClientOptions, IAMCredentialsAsyncClient } from "../../src/index.js";
import { createCertificateAuthority } from "../support/certificate-authority.js";
import { runProgram } from "../support/child-program.js";
import { answerJson, startHttpServer } from "../support/http-server.js";
import { freeHost, startRawServer } from "../support/raw-server.js";
import { rejectionOf, rpcErrorOf } from "../support/rejection-of.js";
import { waitUntil } from "../support/wait-until.js";
import { withEnvironment } from "../support/with-environment.js";

const NAME = "projects/-/serviceAccounts/robot@p.iam.gserviceaccount.com";
const TOKEN_REPLY = { accessToken: "t", expireTime: "2014-10-02T15:01:23.045123456Z" };
const credentials = { getRequestMetadata: () => ({ authorization: "Bearer x" }) };
const once = { retry: false } as const;

function open(host: string, options: ClientOptions = {}): IAMCredentialsAsyncClient {
  const given = { apiEndpoint: host, insecure: true, transport: "rest", credentials, ...options } as const;
  return new IAMCredentialsAsyncClient(given);
}

function mint(client: IAMCredentialsAsyncClient, options = {}) {
  return client.generateAccessToken({ name: NAME, scope: ["s"] }, { ...once, ...options });
}

it("sends the request that Google's reference shows", async () => {
  await using server = await startHttpServer(answerJson(TOKEN_REPLY));
  await using client = open(server.host);
  const { accessToken, expireTime } = await client.generateAccessToken({ name: NAME, scope: ["s"], lifetime: 751 });
  expect([accessToken, expireTime.seconds, expireTime.nanos]).toEqual(["t", 1_412_262_083, 45_123_456]);
  expect(server.requests).toMatchObject([
    {
      method: "POST",
      url: "/v1/projects/-/serviceAccounts/robot%40p.iam.gserviceaccount.com:generateAccessToken?%24alt=json%3Benum-encoding%3Dint",
      body: '{"scope":["s"],"lifetime":"751s"}',
      headers: { "content-type": "application/json", authorization: "Bearer x" },
    },
  ]);
  expect(server.requests[0]?.headers["x-goog-api-client"]).toMatch(/^gl-node\/\S+ rest\/\S+ gax\/\S+ gapic\/\S+$/);
  expect(client.transport).toMatchObject({ kind: "rest", host: server.host });
});

it("reads a reply with unknown fields, old spelling, a byte order mark and compression", async () => {
  const text = '\ufeff{"access_token":"t","expire_time":"1970-01-01T00:00:01Z","newer":{"a":[]}}';
  await using server = await startHttpServer((_, response) => {
    response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" }).end(gzipSync(text));
  });
  await using client = open(server.host);
  expect(await mint(client)).toEqual({ accessToken: "t", expireTime: { seconds: 1, nanos: 0 } });
});

it("keeps a connection for the next call", async () => {
  await using server = await startHttpServer(answerJson(TOKEN_REPLY));
  await using client = open(server.host);
  for (let call = 0; call < 8; call++) await mint(client);
  // fetch sometimes takes a second one, when the first is not yet seen to be idle.
  expect(server.accepted).toBeLessThanOrEqual(2);
});

it("survives the HTML page of a wrong host", async () => {
  await using server = await startHttpServer((_, response) => {
    response.writeHead(404, { "content-type": "text/html; charset=UTF-8" });
    response.end("<!DOCTYPE html><html lang=en><title>Error 404 (Not Found)!!1</title><p>That’s all we know.</html>");
  });
  await using client = open(server.host);
  expect(await rpcErrorOf(mint(client))).toMatchObject({
    code: 5,
    message: `IAMCredentials.GenerateAccessToken: NOT_FOUND: ${server.host} answered HTTP 404 with a body that is not a google.rpc.Status (text/html): Error 404 (Not Found)!!1`,
  });
});

test.each([
  ["no JSON at all", "ya29.token-in-the-open", "with a body that is not JSON (text/plain)"],
  ["half of it", '{"accessToken":"ya29.token', "with a body that is not JSON (text/plain)"],
  ["nothing", "", "with a body that is not JSON (text/plain)"],
  ["a list", '["ya29.token"]', "with a body that is not a response of this method: the message: must be an object"],
  [
    "a field of another type",
    '{"accessToken":{"ya29":"token"}}',
    "with a body that is not a response of this method: accessToken: must be a string",
  ],
])("says what is wrong with a success of %s, without quoting it", async (_, body, problem) => {
  await using server = await startHttpServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/plain" }).end(body);
  });
  await using client = open(server.host);
  const error = await rpcErrorOf(mint(client));
  expect(error).toMatchObject({
    code: 13,
    message: `IAMCredentials.GenerateAccessToken: INTERNAL: ${server.host} answered HTTP 200 ${problem}`,
  });
  expect(error.cause).toBeUndefined();
});

it("does not follow a redirect, which would carry the token away", async () => {
  await using elsewhere = await startHttpServer(answerJson(TOKEN_REPLY));
  await using server = await startHttpServer((_, response) => {
    response.writeHead(307, { location: `http://${elsewhere.host}/` }).end();
  });
  await using client = open(server.host);
  expect(await rpcErrorOf(mint(client))).toMatchObject({
    code: 2,
    message: expect.stringContaining("answered HTTP 307 with a body that is not a google.rpc.Status"),
  });
  expect(elsewhere.requests).toEqual([]);
});

test.each([
  [429, "RESOURCE_EXHAUSTED", 1],
  [499, "CANCELLED", 1],
  [503, "UNAVAILABLE", 3],
  [504, "DEADLINE_EXCEEDED", 3],
])("HTTP %i is %s and gets %i attempts", async (httpStatus, status, attempts) => {
  await using server = await startHttpServer((_, response) => {
    response.writeHead(httpStatus, { "content-type": "text/plain" }).end("busy");
  });
  await using client = open(server.host);
  const error = await rpcErrorOf(mint(client, { retry: { initialDelay: 1, maxAttempts: 3 } }));
  expect(error).toMatchObject({ status, attempts });
  expect(error.message).toMatch(/answered HTTP \d+ with a body that is not a google.rpc.Status \(text\/plain\)$/);
  expect(server.requests).toHaveLength(attempts);
});

it("reads no more than 32 MiB of a reply or an error, and ends the connection", async () => {
  const chunk = Buffer.alloc(1024 * 1024, " ");
  let sent = 0;
  let cut = 0;
  let code = 200;
  await using server = await startHttpServer((_, response) => {
    sent = 0;
    response.once("close", () => cut++);
    response.writeHead(code, { "content-type": "application/json" });
    const send = (): void => {
      while (!response.destroyed && sent < 100) {
        sent++;
        if (!response.write(chunk)) {
          response.once("drain", send);
          return;
        }
      }
    };
    send();
  });
  await using client = open(server.host);
  expect(await rpcErrorOf(mint(client))).toMatchObject({
    code: 8,
    message:
      "IAMCredentials.GenerateAccessToken: RESOURCE_EXHAUSTED: the response is larger than 33554432 bytes (maxReplyBytes)",
  });
  await waitUntil("the answer is cut", () => cut === 1);
  expect(sent).toBeLessThan(100);
  code = 500;
  expect(await rpcErrorOf(mint(client))).toMatchObject({ code: 13 });
  await waitUntil("the answer is cut", () => cut === 2);
  expect(sent).toBeLessThan(60);
});

describe("a fault on the way is UNAVAILABLE, with its cause", () => {
  it("when nobody listens", async () => {
    const host = await freeHost();
    await using client = open(host);
    const error = await rpcErrorOf(mint(client));
    expect(error.code).toBe(14);
    expect(error.message).toBe(
      `IAMCredentials.GenerateAccessToken: UNAVAILABLE: the connection to ${host} failed: connect ECONNREFUSED ${host}`,
    );
    expect(error.cause).toMatchObject({ name: "DialError", code: "ECONNREFUSED" });
  });

  test.each([
    ["at once", ""],
    ["within the head", "HTTP/1.1 200 OK\r\ncontent-ty"],
    ["within the body", 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"accessToken":'],
  ])("when the peer hangs up %s", async (_, text) => {
    await using server = await startRawServer((socket) => socket.once("data", () => socket.end(text)));
    await using client = open(server.host);
    const error = await rpcErrorOf(mint(client));
    expect(error.code).toBe(14);
    expect(error.message).toContain(`UNAVAILABLE: the connection to ${server.host} failed: `);
  });

  it("when the peer speaks something else", async () => {
    await using server = await startRawServer((socket) => socket.write("SSH-2.0-OpenSSH\r\n"));
    await using client = open(server.host);
    expect(await rpcErrorOf(mint(client))).toMatchObject({ code: 14 });
  });
});

it("ends an attempt that gets half an answer when its time is over", async () => {
  let cut = 0;
  await using server = await startRawServer((socket) => {
    socket.once("close", () => cut++);
    socket.once("data", () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"accessToken":'));
  });
  await using client = open(server.host);
  const error = await rpcErrorOf(mint(client, { timeout: 300 }));
  expect(error.message).toBe(
    "IAMCredentials.GenerateAccessToken: DEADLINE_EXCEEDED: the deadline of 300 ms passed after 1 attempt",
  );
  expect(error.cause).toMatchObject({
    message: expect.stringContaining(`no complete response from ${server.host} after `),
  });
  await waitUntil("the connection ends", () => cut === 1);
});

it("trusts the roots that it is given, and no others", async () => {
  const authority = createCertificateAuthority();
  const { certificate, privateKey } = authority.issue(["localhost"]);
  await using server = await startHttpServer(answerJson(TOKEN_REPLY), { cert: certificate, key: privateKey });
  const host = `localhost:${server.port}`;
  await using trusting = open(host, { insecure: false, rootCertificates: authority.certificate });
  expect((await mint(trusting)).accessToken).toBe("t");
  for (const options of [{}, { rootCertificates: createCertificateAuthority().certificate }]) {
    await using wary = open(host, { insecure: false, ...options });
    const error = await rpcErrorOf(mint(wary));
    expect(error.code).toBe(14);
    expect(error.message).toMatch(/UNAVAILABLE: the connection to localhost:\d+ failed: .*certificate/);
  }
  expect(server.requests).toHaveLength(1);
  await trusting.close();
  await waitUntil("the connection of the closed client ends", () => server.sockets.size === 0);
});

it("speaks plain HTTP to an emulator that the environment names, as its owner", async () => {
  await using server = await startHttpServer(answerJson(TOKEN_REPLY));
  const variables = { IAM_CREDENTIALS_EMULATOR_HOST: server.host, http_proxy: "http://127.0.0.1:1" };
  const make = () => new IAMCredentialsAsyncClient({ transport: "rest" });
  await using client = withEnvironment(variables, make);
  expect((await mint(client)).accessToken).toBe("t");
  expect(server.requests[0]?.headers.authorization).toBe("Bearer owner");
});

it("takes no channel", () => {
  const channel = { createCall: () => undefined, getTarget: () => "h" } as unknown as NonNullable<
    ClientOptions["channel"]
  >;
  expect(() => open("127.0.0.1:1", { channel })).toThrow('channel: is not supported by the transport "rest"');
});

it("sends no token over a plain connection to another machine", () => {
  expect(() => open("iamcredentials.example:80")).toThrow(
    "insecure: a token would be sent to iamcredentials.example:80 over a plain connection",
  );
});

it("refuses calls once the client is closed", async () => {
  const client = open("127.0.0.1:1");
  await client.close();
  expect(await rejectionOf(mint(client))).toMatchObject({ name: "ClientClosedError" });
});

it("loads none of the large libraries", async () => {
  await using server = await startHttpServer(answerJson(TOKEN_REPLY));
  const { code, stdout, stderr } = await runProgram("test/integration/programs/rest-loads.ts", { HOST: server.host });
  expect([code, stderr]).toEqual([0, ""]);
  expect(JSON.parse(stdout)).toEqual({ plain: [], withRoots: [] });
});
