// SPDX-License-Identifier: Apache-2.0
// What the REST API says of requests that it can't serve, in both formats, and what its system parameters do.

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { fc } from "../../../../support/property.js";
import { ALICE, CLOUD_PLATFORM, nameOf, TARGET } from "../../stage.js";
import { EXTENDED, openRestStage, PROJECT, type RestStage, target } from "./rest-stage.js";

let stage: RestStage;
beforeAll(async () => {
  stage = await openRestStage();
});
afterAll(() => stage.close());

describe("errors", () => {
  const path = `${target}:generateAccessToken`;
  const scope = [CLOUD_PLATFORM];

  test("without a token are 401 with the reason, and name the scheme", async () => {
    const { status, json, headers } = await stage.ask(path, { body: { scope }, token: null });
    expect(status).toBe(401);
    expect(headers.get("www-authenticate")).toBe('Bearer realm="https://accounts.google.com/"');
    expect(json).toEqual({
      error: {
        code: 401,
        message: expect.stringMatching(/^Request is missing required authentication credential\. /),
        status: "UNAUTHENTICATED",
        details: [
          {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            reason: "CREDENTIALS_MISSING",
            domain: "googleapis.com",
            metadata: {
              method: "google.iam.credentials.v1.IAMCredentials.GenerateAccessToken",
              service: "iamcredentials.googleapis.com",
            },
          },
        ],
      },
    });
  });

  test("have details in format 2 and errors in format 1", async () => {
    const token = await stage.emulator.accessToken("user:nobody@example.com");
    const message = "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).";
    const second = await stage.ask(path, { body: { scope }, token });
    expect(second.json).toEqual({
      error: {
        code: 403,
        message,
        status: "PERMISSION_DENIED",
        details: [
          {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            reason: "IAM_PERMISSION_DENIED",
            domain: "iam.googleapis.com",
            metadata: { permission: "iam.serviceAccounts.getAccessToken" },
          },
        ],
      },
    });
    expect((await stage.ask(`${path}?$.xgafv=2`, { body: { scope }, token })).json).toEqual(second.json);
    const first = await stage.ask(`${path}?%24.xgafv=1`, { body: { scope }, token });
    expect([first.status, first.json]).toEqual([
      403,
      {
        error: {
          code: 403,
          message,
          errors: [{ message, domain: "global", reason: "forbidden" }],
          status: "PERMISSION_DENIED",
        },
      },
    ]);
  });

  test.each<[string, unknown, string, string]>([
    [
      "a lifetime that is no duration",
      { scope, lifetime: "x" },
      `Invalid value at 'lifetime' (type.googleapis.com/google.protobuf.Duration), "x"`,
      "lifetime",
    ],
    ["a number as scope", { scope: [1] }, "Invalid value at 'scope[0]' (TYPE_STRING), 1", "scope[0]"],
  ])("name the field of %s", async (_title, body, description, field) => {
    const { status, json } = await stage.ask(path, { body });
    expect(status).toBe(400);
    expect(json.error).toEqual({
      code: 400,
      message: description,
      status: "INVALID_ARGUMENT",
      details: [{ "@type": "type.googleapis.com/google.rpc.BadRequest", fieldViolations: [{ field, description }] }],
    });
  });

  test.each([
    ["{", "Invalid JSON payload received. Unexpected token."],
    ["[]", 'Invalid JSON payload received. Unknown name "": Root element must be a message.'],
    ['{"a":1,"b":2}', /^Invalid JSON .*"a": Cannot find field\.\nInvalid JSON .*"b": Cannot find field\.$/],
    ["", "Request contains an invalid argument."],
    ['{"scope":[]}', "Request contains an invalid argument."],
  ])("say what is wrong with the body %j", async (body, message) => {
    const { json } = await stage.ask(path, { method: "POST", body });
    expect(json.error).toMatchObject({ code: 400, status: "INVALID_ARGUMENT" });
    expect(json.error.message).toEqual(typeof message === "string" ? message : expect.stringMatching(message));
  });

  test("name a parameter that there is not", async () => {
    const { json } = await stage.ask(`${path}?colour=red`, { body: { scope } });
    expect(json.error.message).toBe(
      'Invalid JSON payload received. Unknown name "colour": Cannot bind query parameter. ' +
        "Field 'colour' could not be found in request message.",
    );
  });

  test.each([
    [
      "account that does not exist",
      404,
      "ghost@demo-project.iam.gserviceaccount.com",
      "Not found; Gaia id not found for email ghost@demo-project.iam.gserviceaccount.com",
    ],
    ["user's e-mail", 404, "bob@example.com", "Requested entity was not found."],
    ["malformed name", 400, "bob", "Request contains an invalid argument."],
  ])("of an %s", async (_title, status, identifier, message) => {
    const { json } = await stage.ask(`/v1/${nameOf(identifier)}:generateAccessToken`, {
      body: { scope },
      token: "owner",
    });
    expect([json.error.code, json.error.message]).toEqual([status, message]);
  });

  test("take the name from the path, whatever the body says", async () => {
    const { status } = await stage.ask(path, { body: { name: nameOf(EXTENDED), scope } });
    expect(status).toBe(200);
    expect(stage.emulator.calls().at(-1)?.serviceAccount).toBe(TARGET);
  });
});

describe("unknown paths get a page, not JSON", () => {
  test.each([
    ["GET", "/v1/"],
    ["GET", "/v1/folders"],
    ["GET", "/v2/roles"],
    ["POST", `${target}:signNothing`],
    ["GET", `${target}:signBlob`],
    ["DELETE", `/v1/projects/${PROJECT}/serviceAccounts`],
    ["POST", `/v1/projects/%zz/serviceAccounts/x:signBlob`],
  ])("%s %s", async (method, path) => {
    const { status, headers, text } = await stage.ask(path, { method });
    expect([status, headers.get("content-type")]).toEqual([404, "text/html; charset=UTF-8"]);
    expect(text).toMatch(/^<!DOCTYPE html>[\s\S]*was not found on this server\./);
  });

  test("a body over six megabytes gets one, too, and the next request is served", async () => {
    const payload = "A".repeat(7 * 1024 * 1024);
    const outcome = await stage.ask(`${target}:signBlob`, { body: { payload } }).catch((error: unknown) => error);
    // The page comes while the body is still on its way: a client may see the end of the connection first.
    if (!(outcome instanceof Error)) expect(outcome).toMatchObject({ status: 413 });
    expect((await stage.ask("/v1/roles?pageSize=1", { token: "owner" })).status).toBe(200);
  });
});

describe("system parameters", () => {
  const path = `${target}:signJwt`;
  const body = { payload: "{}" };

  test("prettyPrint=false writes one line", async () => {
    expect((await stage.ask(path, { body })).text).toMatch(/^\{\n {2}"keyId": /);
    expect((await stage.ask(`${path}?prettyPrint=false`, { body })).text).toMatch(/^\{"keyId":"[^\n]*\}$/);
  });

  test("fields cuts the answer, and is checked before anything is done", async () => {
    expect(Object.keys((await stage.ask(`${path}?fields=keyId`, { body })).json)).toEqual(["keyId"]);
    const create = `/v1/projects/${PROJECT}/serviceAccounts?fields=colour`;
    const { status, json } = await stage.askAdmin(create, { body: { accountId: "never-1" } });
    expect(status).toBe(400);
    expect(json.error.details[0].fieldViolations).toEqual([
      {
        field: "colour",
        description: "Error expanding 'fields' parameter. Cannot find matching fields for path 'colour'.",
      },
    ]);
    const never = await stage.askAdmin(
      `/v1/projects/${PROJECT}/serviceAccounts/never-1@demo-project.iam.gserviceaccount.com`,
    );
    expect(never.status).toBe(404);
  });

  test("access_token stands for the header", async () => {
    for (const name of ["access_token", "oauth_token"]) {
      expect((await stage.ask(`${path}?${name}=${stage.alice}`, { body, token: null })).status).toBe(200);
    }
    expect((await stage.ask(`${path}?key=abc`, { body, token: null })).status).toBe(401);
  });

  test("alt=json;enum-encoding=int writes enums as numbers", async () => {
    const { json } = await stage.askAdmin("/v1/roles/iam.roleViewer?$alt=json%3Benum-encoding%3Dint");
    expect(json.stage).toBe(2);
    expect((await stage.askAdmin("/v1/roles?alt=json")).status).toBe(200);
  });

  test("quotaUser, key, uploadType and the like are taken and do nothing", async () => {
    const query = "key=k&quotaUser=q&uploadType=media&upload_protocol=raw&callback=f&$userProject=p";
    expect((await stage.ask(`${path}?${query}`, { body })).status).toBe(200);
  });
});

test("calls are in the log, with the transport and without a secret", async () => {
  await stage.ask(`${target}:signJwt?access_token=${stage.alice}`, {
    body: { payload: '{"x":"planted-secret"}' },
    headers: { "x-goog-api-client": "gl-test/1", "x-server-timeout": "30" },
  });
  const call = stage.emulator.calls().at(-1);
  expect(call).toMatchObject({
    service: "iamcredentials.googleapis.com",
    transport: "rest",
    method: "SignJwt",
    status: "OK",
    principal: ALICE,
    serviceAccount: TARGET,
    apiClient: "gl-test/1",
    timeoutMs: 30_000,
  });
  expect(JSON.stringify(call)).not.toMatch(/planted-secret|ya29/);
});

test("any body and any query are answered, and never with 500", async () => {
  const body = fc.oneof(
    fc.string(),
    fc.json(),
    fc.jsonValue().map((value) => JSON.stringify({ policy: value })),
  );
  const paths = ["generateAccessToken", "generateIdToken", "signBlob", "signJwt", "setIamPolicy"];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), body, fc.string(), async (method, text, query) => {
      const path = `${target}:${method}?${encodeURIComponent(query)}`;
      const { status } = await stage.ask(path, { method: "POST", body: text, token: "owner" });
      expect([200, 400]).toContain(status);
    }),
    { numRuns: 300 },
  );
});
