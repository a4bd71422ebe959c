// SPDX-License-Identifier: Apache-2.0
// Malformed requests of the API, over HTTP of both versions, one at a time and in batches.

import { type ClientHttp2Session, connect as connectHttp2, type OutgoingHttpHeaders } from "node:http2";
import { afterAll, beforeAll, describe, test } from "@jest/globals";
import { fc } from "../../support/property.js";
import {
  checkCases,
  expectRefusalOrAnswer,
  NAME,
  openRobustnessStage,
  ROBOT,
  type RobustnessStage,
  TIMEOUT_MS,
} from "../../support/robustness-stage.js";

let stage: RobustnessStage;
beforeAll(async () => {
  stage = await openRobustnessStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const pathArbitrary = fc.constantFrom(
  `/v1/${NAME}:signBlob`,
  `/v1/${NAME}:signJwt`,
  `/v1/${NAME}:generateAccessToken`,
  `/v1/${NAME}:generateIdToken`,
  `/v1/projects/demo-project/serviceAccounts`,
  `/v1/projects/demo-project/serviceAccounts/${ROBOT}:setIamPolicy`,
  "/token",
  "/v1/token",
  "/tokeninfo",
  "/revoke",
  "/batch",
);

const fieldNames = ["payload", "delegates", "scope", "lifetime", "audience", "includeEmail", "policy", "accountId"];

const jsonArbitrary = fc.oneof(
  fc.json({ maxDepth: 4 }),
  fc.dictionary(fc.constantFrom(...fieldNames), fc.jsonValue({ maxDepth: 3 })).map((value) => JSON.stringify(value)),
  fc.string({ unit: "binary", maxLength: 200 }),
);

describe("malformed input leaves the emulator serving:", () => {
  test(
    "JSON bodies at the API and the OAuth endpoints",
    async () => {
      await checkCases(fc.tuple(pathArbitrary, jsonArbitrary), 20_000, async ([path, body]) => {
        await expectRefusalOrAnswer(await stage.post(path, body, "application/json"));
      });
      await stage.expectAlive();
    },
    TIMEOUT_MS,
  );

  test(
    "policies and conditions",
    async () => {
      const text = fc.oneof(
        fc.string({ maxLength: 60 }),
        fc.constantFrom("roles/viewer", "allUsers", "user:a@b.example", "deleted:serviceAccount:a@b.example?uid=1"),
      );
      const symbols = "resource.name request.time == && ( ) [ ] \" ' .all( 1 . ? : { } ! - r timestamp( x,";
      const words = fc.constantFrom(...symbols.split(" "));
      const expression = fc.oneof(
        text,
        fc.array(words, { maxLength: 60 }).map((list) => list.join("")),
      );
      const binding = fc.record(
        { role: text, members: fc.array(text, { maxLength: 3 }), condition: fc.record({ expression, title: text }) },
        { requiredKeys: [] },
      );
      const policy = fc.record(
        { version: fc.constantFrom(0, 1, 2, 3), etag: text, bindings: fc.array(binding, { maxLength: 3 }) },
        { requiredKeys: [] },
      );
      const path = `/v1/projects/demo-project/serviceAccounts/${ROBOT}:setIamPolicy`;
      await checkCases(policy, 5_000, async (each) => {
        await expectRefusalOrAnswer(await stage.post(path, JSON.stringify({ policy: each }), "application/json"));
      });
      await stage.expectAlive();
    },
    TIMEOUT_MS,
  );

  test(
    "batches",
    async () => {
      const words = fc.constantFrom(
        "--b",
        "--b--",
        "\r\n",
        "\n",
        "content-type: application/http",
        "content-id: <a + 1>",
        "content-length: 5",
        `POST /v1/${NAME}:signBlob HTTP/1.1`,
        "GET /v1/roles?pageSize=1 HTTP/1.1",
        "GET /v1/%zz",
        '{"payload":"AQ=="}',
        "\0",
      );
      const text = fc
        .array(fc.oneof(words, fc.string({ maxLength: 20 })), { maxLength: 40 })
        .map((list) => list.join(""));
      await checkCases(text, 2_500, async (body) => {
        await expectRefusalOrAnswer(await stage.post("/batch", body, "multipart/mixed; boundary=b"));
        await expectRefusalOrAnswer(
          await stage.post("/batch", `--b\r\n${body}\r\n--b--`, "multipart/mixed; boundary=b"),
        );
      });
      await stage.expectAlive();
    },
    TIMEOUT_MS,
  );

  test(
    "requests of REST over HTTP/2",
    async () => {
      const session = connectHttp2(stage.emulator.url);
      const headers = fc.dictionary(
        fc.constantFrom("content-type", "content-encoding", "x-http-method-override", "origin", "accept-encoding"),
        fc.constantFrom(
          "gzip",
          "GET",
          "DELETE",
          "application/json",
          "null",
          "http://localhost",
          "identity, br",
          "application/grpc-web",
        ),
      );
      const method = fc.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS");
      await checkCases(fc.tuple(method, pathArbitrary, headers, jsonArbitrary), 5_000, ([verb, path, more, body]) =>
        askOverHttp2(session, { ":method": verb, ":path": path, authorization: "Bearer owner", ...more }, body),
      );
      session.destroy();
      await stage.expectAlive();
    },
    TIMEOUT_MS,
  );
});

function askOverHttp2(session: ClientHttp2Session, headers: OutgoingHttpHeaders, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers, { endStream: false });
    let code = 0;
    stream.once("response", (head) => {
      code = Number(head[":status"]);
    });
    stream.on("error", () => {}).resume();
    stream.once("close", () => (code >= 500 ? reject(new Error(`the emulator answered with ${code}`)) : resolve()));
    stream.end(body);
  });
}
