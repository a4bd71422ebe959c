// SPDX-License-Identifier: Apache-2.0
// Batches: requests of the REST API in one body, answered in one.

import { request } from "node:http";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { ALICE, TARGET } from "../../stage.js";
import { openRestStage, type RestStage, target } from "./rest-stage.js";

let stage: RestStage;
beforeAll(async () => {
  stage = await openRestStage();
});
afterAll(() => stage.close());

interface Part {
  readonly request: string;
  readonly headers?: readonly string[];
  readonly body?: string;
  readonly id?: string;
}

const wrap = (parts: readonly Part[], end = "\r\n") =>
  [
    ...parts.flatMap(({ request: line, headers = [], body = "", id }) => [
      "--=_b+1",
      "Content-Type: application/http",
      ...(id === undefined ? [] : [`Content-ID: ${id}`]),
      "",
      line,
      ...headers,
      "",
      body,
    ]),
    "--=_b+1--",
    "",
  ].join(end);

// Each answer of a batch: its id, status line, headers and body.
function unwrap(text: string, contentType: string) {
  const boundary = /boundary=(\S+)$/.exec(contentType)?.[1];
  return text
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => {
      const [head = "", inner = "", ...body] = part.split("\r\n\r\n");
      const [status, ...headers] = inner.split("\r\n");
      const text = body.join("\r\n\r\n").trim();
      return {
        id: /content-id: (.+)/i.exec(head)?.[1],
        status,
        headers: headers.join("\n").toLowerCase(),
        body: /application\/json/.test(inner) ? JSON.parse(text) : text,
      };
    });
}

async function send(body: string, headers: Record<string, string> = {}, path = "/batch") {
  const response = await fetch(stage.emulator.url + path, {
    method: "POST",
    body,
    headers: { "content-type": 'multipart/mixed; boundary="=_b+1"', ...headers },
  });
  const text = await response.text();
  return { status: response.status, text, parts: unwrap(text, response.headers.get("content-type") ?? "") };
}

const owner = { authorization: "Bearer owner" };
const sign = { request: `POST ${target}:signBlob?alt=json HTTP/1.1`, body: '{"payload":"AQ=="}' };

test("each request is run and answered in its place, under its id", async () => {
  const before = stage.emulator.calls().length;
  const { status, parts } = await send(
    wrap([
      { ...sign, id: "<abc + 1>", headers: ["Content-Type: application/json", "Content-Length: 18"] },
      { request: "GET /v1/roles/none HTTP/1.1", id: "<abc + 2>" },
      { request: "GET /nowhere HTTP/1.1" },
      { request: "no request" },
    ]),
    owner,
  );
  expect(status).toBe(200);
  expect(parts.map(({ id, status: line }) => [id, line])).toEqual([
    ["<response-abc + 1>", "HTTP/1.1 200 OK"],
    ["<response-abc + 2>", "HTTP/1.1 404 Not Found"],
    [undefined, "HTTP/1.1 404 Not Found"],
    [undefined, "HTTP/1.1 400 Bad Request"],
  ]);
  expect(parts[0]?.body).toEqual({ keyId: expect.any(String), signedBlob: expect.any(String) });
  expect(parts[1]?.body.error).toMatchObject({ code: 404, status: "NOT_FOUND" });
  const calls = stage.emulator.calls().slice(before);
  expect(calls.map(({ method, status: name }) => [method, name])).toEqual([
    ["SignBlob", "OK"],
    ["GetRole", "NOT_FOUND"],
  ]);
});

test("a request has its own token, or the batch's, and lines may end as they like", async () => {
  const own = { ...sign, headers: [`Authorization: Bearer ${stage.alice}`] };
  const { parts } = await send(wrap([own, { request: "GET /v1/roles?pageSize=1" }, own], "\n"), {}, "/batch/iam/v1");
  expect(parts.map(({ status }) => status)).toEqual([
    "HTTP/1.1 200 OK",
    "HTTP/1.1 401 Unauthorized",
    "HTTP/1.1 200 OK",
  ]);
  expect(stage.emulator.calls().at(-1)).toMatchObject({ principal: ALICE, serviceAccount: TARGET });
});

test("a fault strikes the request that it is meant for, and a cut connection is that request's", async () => {
  const remove = stage.emulator.addFault({ method: "SignBlob", times: 1, connection: "reset" });
  const { parts } = await send(wrap([sign, sign]), owner);
  remove();
  expect(parts.map(({ status }) => status)).toEqual(["HTTP/1.1 503 Service Unavailable", "HTTP/1.1 200 OK"]);
});

test("nothing but the REST API is found in one", async () => {
  const { parts } = await send(
    wrap([
      { request: "POST /emulator/v1/reset HTTP/1.1", headers: ["content-type: application/json"], body: "{}" },
      { request: "POST /batch HTTP/1.1" },
      { request: "POST /token HTTP/1.1" },
    ]),
    owner,
  );
  expect(parts.map(({ status }) => status)).toEqual(Array(3).fill("HTTP/1.1 404 Not Found"));
});

test.each([
  ["no multipart", "{}", "application/json"],
  ["no boundary", wrap([sign]), "multipart/mixed"],
  ["another boundary", wrap([sign]), "multipart/mixed; boundary=x"],
  ["no parts", "--=_b+1--", 'multipart/mixed; boundary="=_b+1"'],
  ["too many parts", wrap(Array(1001).fill({ request: "GET /v1/roles" })), 'multipart/mixed; boundary="=_b+1"'],
])("%s is refused in words", async (_name, body, type) => {
  const { status, text } = await send(body, { ...owner, "content-type": type });
  expect(status).toBe(400);
  expect(JSON.parse(text).error.message).toBe(
    "The body of a batch must be multipart/mixed, with 1 to 1000 parts of application/http.",
  );
});

test("a batch of another origin's page changes nothing", async () => {
  const { status } = await send(wrap([sign]), { ...owner, origin: "https://evil.example" });
  expect(status).toBe(403);
});

test("a body that is cut short runs what came of it and no more", async () => {
  const cut = wrap([sign, sign]).slice(0, -30);
  const answers = await new Promise<string>((resolve, reject) => {
    const headers = { ...owner, "content-type": 'multipart/mixed; boundary="=_b+1"' };
    const outgoing = request(`${stage.emulator.url}/batch`, { method: "POST", headers }, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve(text));
    });
    outgoing.once("error", reject).end(cut);
  });
  expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200"]);
});
