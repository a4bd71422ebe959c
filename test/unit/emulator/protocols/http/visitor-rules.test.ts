// SPDX-License-Identifier: Apache-2.0
// What a web page may have sent is refused over every version of HTTP, and what native clients send passes.

import { type OutgoingHttpHeaders, request } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { accountName } from "../../services/iam-admin/admin-stage.js";
import { openStage, type Stage, TARGET } from "../../stage.js";

const PAGE = "http://localhost:3000";
const disable = `/v1/${accountName(TARGET)}:disable?access_token=owner`;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ allowedHosts: ["emulator.test"], allowedOrigins: [PAGE] });
});
afterAll(() => stage.close());
afterEach(() => stage.emulator.reset());

interface Answer {
  readonly code: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

// fetch sets `host` and `origin` itself.
function send(method: string, path: string, headers: OutgoingHttpHeaders = {}, body = ""): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(stage.emulator.url + path, { method, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.once("end", () => resolve({ code: response.statusCode ?? 0, headers: response.headers, text }));
    });
    outgoing.once("error", reject).end(body);
  });
}

function sendOverHttp2(method: string, path: string, headers: OutgoingHttpHeaders = {}): Promise<number> {
  const session = connectHttp2(stage.emulator.url);
  return new Promise((resolve, reject) => {
    const stream = session.request({ ":method": method, ":path": path, ...headers });
    stream.once("response", (response) => resolve(Number(response[":status"])));
    stream
      .once("error", reject)
      .resume()
      .once("close", () => session.close());
    stream.end();
  });
}

const isDisabled = async () => {
  const { text } = await send("GET", `/v1/${accountName(TARGET)}`, { authorization: "Bearer owner" });
  return JSON.parse(text).disabled === true;
};

describe("a name in the header Host", () => {
  const port = () => stage.emulator.host.split(":")[1];

  test.each(["localhost", "127.0.0.1", "[::1]", "LOCALHOST.", "api.localhost", "emulator.test"])(
    "%s is answered",
    async (name) => {
      expect((await send("GET", "/oauth2/v3/certs", { host: `${name}:${port()}` })).code).toBe(200);
      expect((await send("GET", "/oauth2/v3/certs", { host: name })).code).toBe(200);
    },
  );

  test.each(["attacker.example", "localhost.attacker.example", "10.0.0.7", "metadata.google.internal"])(
    "%s is refused, and the option that lets it in is named",
    async (name) => {
      const { code, text } = await send("GET", "/emulator/v1/state", { host: `${name}:${port()}` });
      expect([code, text.includes("allowedHosts")]).toEqual([403, true]);
      expect(await sendOverHttp2("GET", "/emulator/v1/state", { ":authority": name })).toBe(403);
    },
  );

  test("of the metadata server is answered on the metadata server's paths", async () => {
    const headers = { host: "metadata.google.internal", "metadata-flavor": "Google" };
    expect((await send("GET", "/computeMetadata/v1/instance/zone", headers)).code).toBe(200);
  });

  test("is anything where other machines come", async () => {
    await using open = await openStage({ host: "0.0.0.0" });
    const path = `http://127.0.0.1:${open.emulator.host.split(":")[1]}/oauth2/v3/certs`;
    const code = await new Promise((resolve) => {
      request(path, { headers: { host: "emulator" } }, (response) => resolve(response.resume().statusCode)).end();
    });
    expect(code).toBe(200);
  });
});

describe("a page of another origin", () => {
  test.each<[string, OutgoingHttpHeaders]>([
    ["by its origin", { origin: "https://attacker.example" }],
    ["of no origin", { origin: "null" }],
    ["at another port of this machine", { origin: "http://localhost:4000" }],
    ["that the browser calls cross-site", { "sec-fetch-site": "cross-site" }],
  ])("changes nothing: one %s", async (_, headers) => {
    const { code, text } = await send("POST", disable, { "content-type": "text/plain", ...headers }, "{}");
    expect([code, text.includes("allowedOrigins")]).toEqual([403, true]);
    expect(await sendOverHttp2("POST", disable, headers)).toBe(403);
    expect(await isDisabled()).toBe(false);
  });

  test.each(["/emulator/v1/state", "/emulator/v1/calls", "/revoke?token=x"])("gets no answer at %s", async (path) => {
    expect((await send("GET", path, { origin: "https://attacker.example" })).code).toBe(403);
  });

  test("is let read what changes nothing, which the browser keeps from it", async () => {
    const { code, headers } = await send("GET", "/oauth2/v3/certs", { origin: "https://attacker.example" });
    expect([code, headers["access-control-allow-origin"]]).toEqual([200, undefined]);
  });
});

describe("a page of a named origin", () => {
  test("may change what it likes and read the answer", async () => {
    const headers = { origin: PAGE, "content-type": "application/json" };
    const answer = await send("POST", disable, headers, "{}");
    expect([answer.code, answer.headers["access-control-allow-origin"]]).toEqual([200, PAGE]);
    expect(answer.headers["vary"]).toContain("Origin");
    expect(await isDisabled()).toBe(true);
  });

  test("is told by a preflight that it may", async () => {
    const asked = { "access-control-request-method": "POST", "access-control-request-headers": "authorization" };
    const { code, headers } = await send("OPTIONS", disable, { origin: PAGE, ...asked });
    expect([code, headers["access-control-allow-origin"], headers["access-control-allow-headers"]]).toEqual([
      204,
      PAGE,
      "authorization",
    ]);
    expect(headers["access-control-allow-methods"]).toContain("POST");
    const foreign = await send("OPTIONS", disable, { origin: "https://attacker.example", ...asked });
    expect([foreign.code, foreign.headers["access-control-allow-origin"]]).toEqual([404, undefined]);
  });
});

test("a page of the emulator's own origin, and a program without one, pass", async () => {
  const { host } = stage.emulator;
  const own = { host, origin: `http://${host}`, "sec-fetch-site": "same-origin" };
  expect((await send("POST", disable, own)).code).toBe(200);
  expect((await send("POST", disable)).code).toBe(200);
});
