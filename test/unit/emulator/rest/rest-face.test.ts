// SPDX-License-Identifier: Apache-2.0
// The REST API over fetch: paths, system parameters, both formats of errors, and what it has beside the protos.

import { createPublicKey, verify } from "node:crypto";
import { request as httpRequest } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { decodeJwt } from "jose";
import { ALICE, CLOUD_PLATFORM, nameOf, openStage, type Stage, TARGET, TOKEN_CREATOR } from "../stage.js";

const PROJECT = "demo-project";
const ADMIN = "user:admin@example.com";
const EXTENDED = "extended@demo-project.iam.gserviceaccount.com";

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what is asserted on is whatever came.
  readonly json: any;
}

interface Asked {
  readonly method?: string;
  readonly body?: unknown;
  readonly token?: string | null;
  readonly headers?: Record<string, string>;
}

let stage: Stage;
let alice: string;
beforeAll(async () => {
  const roles = ["roles/iam.serviceAccountAdmin", "roles/iam.serviceAccountKeyAdmin", "roles/iam.roleAdmin"];
  stage = await openStage({
    serviceAccounts: [TARGET, EXTENDED],
    extendedLifetimeAccounts: [EXTENDED],
    organizationNumber: "123456789",
    grants: [
      { member: ALICE, role: TOKEN_CREATOR, serviceAccount: TARGET },
      ...roles.map((role) => ({ member: ADMIN, role, project: PROJECT })),
    ],
  });
  alice = await stage.emulator.accessToken(ALICE);
});
afterAll(() => stage.close());

async function ask(path: string, { method, body, token = alice, headers = {} }: Asked = {}): Promise<Answer> {
  const response = await fetch(`${stage.emulator.url}${path}`, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json") ?? false;
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
}

const target = `/v1/${nameOf(TARGET)}`;
const askAdmin = async (path: string, asked: Asked = {}) =>
  ask(path, { token: await stage.emulator.accessToken(ADMIN), ...asked });

describe("the credentials API", () => {
  test("generateAccessToken takes a duration and gives an instant", async () => {
    const { status, json, headers } = await ask(`${target}:generateAccessToken`, {
      body: { scope: [CLOUD_PLATFORM], lifetime: "300s" },
    });
    expect(status).toBe(200);
    expect(json).toEqual({
      accessToken: expect.stringMatching(/^ya29\.c\./),
      expireTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
    const leftMs = Date.parse(json.expireTime) - Date.now();
    expect(leftMs).toBeGreaterThan(280_000);
    expect(leftMs).toBeLessThanOrEqual(300_000);
    expect(headers.get("content-type")).toBe("application/json; charset=UTF-8");
  });

  test("generateIdToken takes a bool in a string, either spelling, and the fields that the proto does not have", async () => {
    const claims = async (body: object) => {
      const { json } = await ask(`${target}:generateIdToken`, { body: { audience: "a", ...body } });
      return decodeJwt(json.token);
    };
    expect(await claims({ includeEmail: "true" })).toMatchObject({ email: TARGET });
    expect(await claims({ include_email: true })).toMatchObject({ email: TARGET });
    const plain = await claims({ includeEmail: "false" });
    expect(plain).not.toHaveProperty("email");
    expect(plain).not.toHaveProperty("google");
    expect(plain["azp"]).toBe(plain.sub);
    expect(await claims({ useEmailAzp: true })).toMatchObject({ azp: TARGET, sub: plain.sub });
    expect(await claims({ organizationNumberIncluded: true })).toMatchObject({
      google: { organization_number: "123456789" },
    });
  });

  test("without an organization the number is null", async () => {
    await using other = await openStage();
    const response = await fetch(`${other.emulator.url}${target}:generateIdToken`, {
      method: "POST",
      headers: { authorization: "Bearer owner" },
      body: '{"audience":"a","organization_number_included":true}',
    });
    const { token } = (await response.json()) as { token: string };
    expect(decodeJwt(token)["google"]).toEqual({ organization_number: null });
  });

  test("signBlob takes either base64 and signs with the published key", async () => {
    const payload = Buffer.from([0xfb, 0xff, 0xfe, 0x00]);
    for (const text of [payload.toString("base64"), payload.toString("base64url")]) {
      const { json } = await ask(`${target}:signBlob`, { body: { payload: text } });
      const { json: keys } = await ask(`/service_accounts/v1/metadata/jwk/${TARGET}`);
      const jwk = keys.keys.find(({ kid }: { kid: string }) => kid === json.keyId);
      const publicKey = createPublicKey({ key: jwk, format: "jwk" });
      expect(verify("sha256", payload, publicKey, Buffer.from(json.signedBlob, "base64"))).toBe(true);
    }
  });

  test("signJwt is the credentials API's unless the host is the admin API's", async () => {
    const { json } = await ask(`${target}:signJwt`, { body: { payload: '{"sub":"x"}' } });
    expect(decodeJwt(json.signedJwt)).toEqual({ sub: "x" });
    const fromAdmin = await new Promise<string>((resolve, reject) => {
      const asked = httpRequest(`${stage.emulator.url}${target}:signJwt`, {
        method: "POST",
        headers: { host: "iam.googleapis.com", authorization: `Bearer ${alice}` },
      });
      asked.on("error", reject);
      asked.on("response", (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () => resolve(text));
      });
      asked.end('{"payload":"{\\"sub\\":\\"x\\"}"}');
    });
    expect(decodeJwt(JSON.parse(fromAdmin).signedJwt)).toEqual({ sub: "x", exp: expect.any(Number) });
  });

  test("signBlob is the deprecated one when the body has its field", async () => {
    const { json } = await ask(`${target}:signBlob`, { body: { bytesToSign: "AAAA" } });
    expect(json).toEqual({ keyId: expect.stringMatching(/^[0-9a-f]{40}$/), signature: expect.any(String) });
  });
});

describe("allowedLocations", () => {
  test.each([
    target,
    `/v1/projects/${PROJECT}/serviceAccounts/${TARGET}`,
    "/v1/projects/1/locations/global/workloadIdentityPools/p",
    "/v1/locations/global/workforcePools/p",
  ])("of %s are none, written out", async (path) => {
    const { json } = await ask(`${path}/allowedLocations`);
    expect(json).toEqual({ locations: [], encodedLocations: "0x0" });
  });

  test("are what the option says, and need a caller", async () => {
    const allowedLocations = { locations: ["us-central1", "europe-west1"], encodedLocations: "0xA30" };
    await using other = await openStage({ allowedLocations });
    const url = `${other.emulator.url}${target}/allowedLocations`;
    const response = await fetch(url, { headers: { authorization: "Bearer owner" } });
    expect(await response.json()).toEqual(allowedLocations);
    expect((await fetch(url)).status).toBe(401);
    const ghost = url.replace("target", "ghost");
    expect((await fetch(ghost, { headers: { authorization: "Bearer owner" } })).status).toBe(404);
  });
});

describe("the admin API", () => {
  const project = `/v1/projects/${PROJECT}`;

  test("accounts are created, read, patched, put, listed, disabled, deleted and undeleted", async () => {
    const created = await askAdmin(`${project}/serviceAccounts`, {
      body: { accountId: "robot-1", serviceAccount: { displayName: "Robot" } },
    });
    expect([created.status, created.json]).toEqual([
      200,
      {
        name: `projects/${PROJECT}/serviceAccounts/robot-1@demo-project.iam.gserviceaccount.com`,
        projectId: PROJECT,
        uniqueId: expect.stringMatching(/^\d{21}$/),
        email: "robot-1@demo-project.iam.gserviceaccount.com",
        displayName: "Robot",
        etag: "MDEwMjE5MjA=",
        oauth2ClientId: created.json.uniqueId,
      },
    ]);
    const path = `/v1/${encodeURI(created.json.name).replace("@", "%40")}`;
    const patch = { serviceAccount: { description: "signs", displayName: "no" }, updateMask: "description" };
    const patched = await askAdmin(path, { method: "PATCH", body: patch });
    expect(patched.json).toEqual({ ...created.json, description: "signs" });
    const put = await askAdmin(path, { method: "PUT", body: { displayName: "Other" } });
    expect(put.json).toEqual({ ...patched.json, displayName: "Other" });
    expect((await askAdmin(path)).json).toEqual(put.json);
    const listed = await askAdmin(`${project}/serviceAccounts?pageSize=1&fields=accounts(email),nextPageToken`);
    expect(listed.json).toEqual({ accounts: [{ email: EXTENDED }], nextPageToken: expect.any(String) });
    const next = await askAdmin(`${project}/serviceAccounts?page_size=1&pageToken=${listed.json.nextPageToken}`);
    expect(next.json.accounts).toEqual([put.json]);
    expect((await askAdmin(`${path}:disable`, { body: {} })).json).toEqual({});
    expect((await askAdmin(path)).json).toMatchObject({ disabled: true });
    expect((await askAdmin(path, { method: "DELETE" })).json).toEqual({});
    expect((await askAdmin(path)).json.error).toEqual({
      code: 404,
      message: "Unknown service account",
      status: "NOT_FOUND",
    });
    const undelete = `${project}/serviceAccounts/${created.json.uniqueId}:undelete`;
    expect((await askAdmin(undelete, { method: "POST" })).json).toEqual({
      restoredAccount: { ...put.json, disabled: true },
    });
  });

  test("policies are read with a parameter and written with a body", async () => {
    const get = (version: number) =>
      askAdmin(`${target}:getIamPolicy?options.requestedPolicyVersion=${version}`, { method: "POST" });
    const { json } = await get(3);
    const binding = { role: "roles/iam.serviceAccountUser", members: [ALICE], condition: { expression: "true" } };
    const policy = { version: 3, bindings: [...json.bindings, binding], etag: json.etag };
    const written = await askAdmin(`${target}:setIamPolicy`, { body: { policy } });
    expect(written.json).toEqual({ ...policy, etag: expect.stringMatching(/^Bw[\w+/]{9}=$/) });
    expect((await get(3)).json).toEqual(written.json);
    expect((await askAdmin(`${target}:setIamPolicy`, { body: { policy } })).json.error).toMatchObject({
      code: 409,
      status: "ABORTED",
      message: expect.stringMatching(/^There were concurrent policy changes\. .*ETag '\\007\\0\d\d/),
    });
    const { json: tested } = await ask(`${target}:testIamPermissions`, {
      body: { permissions: ["iam.serviceAccounts.actAs", "iam.serviceAccounts.delete"] },
    });
    expect(tested).toEqual({ permissions: ["iam.serviceAccounts.actAs"] });
  });

  test("keys are created, listed by type, read and deleted", async () => {
    const { json: key } = await askAdmin(`${target}/keys`, {
      body: { privateKeyType: "TYPE_GOOGLE_CREDENTIALS_FILE" },
    });
    const file = JSON.parse(Buffer.from(key.privateKeyData, "base64").toString("utf8"));
    expect(file.client_email).toBe(TARGET);
    expect(key).toMatchObject({
      privateKeyType: "TYPE_GOOGLE_CREDENTIALS_FILE",
      keyAlgorithm: "KEY_ALG_RSA_2048",
      keyOrigin: "GOOGLE_PROVIDED",
      keyType: "USER_MANAGED",
      validAfterTime: expect.stringMatching(/Z$/),
    });
    const listed = await askAdmin(`${target}/keys?keyTypes=USER_MANAGED`);
    expect(listed.json.keys.map(({ name }: { name: string }) => name)).toEqual([key.name]);
    const both = await askAdmin(`${target}/keys?keyTypes=USER_MANAGED&key_types=SYSTEM_MANAGED`);
    expect(both.json.keys).toHaveLength(2);
    const { json: read } = await askAdmin(`/v1/${key.name}?publicKeyType=TYPE_X509_PEM_FILE`);
    expect(Buffer.from(read.publicKeyData, "base64").toString()).toMatch(/^-----BEGIN CERTIFICATE-----/);
    expect((await askAdmin(`/v1/${key.name}:disable`, { body: {} })).json).toEqual({});
    expect((await askAdmin(`/v1/${key.name}`, { method: "DELETE" })).json).toEqual({});
  });

  test("roles are written with a role as the body and a mask in the query", async () => {
    const body = { roleId: "signer", role: { title: "Signer", includedPermissions: ["iam.serviceAccounts.signJwt"] } };
    const { json: role } = await askAdmin(`${project}/roles`, { body });
    expect(role).toEqual({ name: `projects/${PROJECT}/roles/signer`, ...body.role, etag: expect.any(String) });
    const patched = await askAdmin(`/v1/${role.name}?updateMask=title,stage`, {
      method: "PATCH",
      body: { title: "New", stage: "GA" },
    });
    expect(patched.json).toMatchObject({
      title: "New",
      stage: "GA",
      includedPermissions: body.role.includedPermissions,
    });
    const deleted = await askAdmin(`/v1/${role.name}?etag=${encodeURIComponent(patched.json.etag)}`, {
      method: "DELETE",
    });
    expect(deleted.json).toMatchObject({ deleted: true });
    expect((await askAdmin(`${project}/roles?showDeleted=true&view=FULL`)).json.roles).toHaveLength(1);
    expect((await askAdmin("/v1/roles/iam.roleViewer")).json).toMatchObject({ title: "Role Viewer", etag: "AA==" });
    expect((await askAdmin("/v1/roles?pageSize=1")).json.roles).toHaveLength(1);
    const lint = await askAdmin("/v1/iamPolicies:lintPolicy", { body: { condition: { expression: "1 +" } } });
    expect(lint.json.lintResults).toMatchObject([{ level: "CONDITION", severity: "ERROR" }]);
  });
});

describe("errors", () => {
  const path = `${target}:generateAccessToken`;
  const scope = [CLOUD_PLATFORM];

  test("without a token are 401 with the reason, and name the scheme", async () => {
    const { status, json, headers } = await ask(path, { body: { scope }, token: null });
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
    const second = await ask(path, { body: { scope }, token });
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
    expect((await ask(`${path}?$.xgafv=2`, { body: { scope }, token })).json).toEqual(second.json);
    const first = await ask(`${path}?%24.xgafv=1`, { body: { scope }, token });
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
    const { status, json } = await ask(path, { body });
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
    const { json } = await ask(path, { method: "POST", body });
    expect(json.error).toMatchObject({ code: 400, status: "INVALID_ARGUMENT" });
    expect(json.error.message).toEqual(typeof message === "string" ? message : expect.stringMatching(message));
  });

  test("name a parameter that there is not", async () => {
    const { json } = await ask(`${path}?colour=red`, { body: { scope } });
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
    const { json } = await ask(`/v1/${nameOf(identifier)}:generateAccessToken`, { body: { scope }, token: "owner" });
    expect([json.error.code, json.error.message]).toEqual([status, message]);
  });

  test("take the name from the path, whatever the body says", async () => {
    const { status } = await ask(path, { body: { name: nameOf(EXTENDED), scope } });
    expect(status).toBe(200);
    expect(stage.emulator.calls().at(-1)?.serviceAccount).toBe(TARGET);
  });
});

describe("unknown paths get a page, not JSON", () => {
  test.each([
    ["GET", "/v1/"],
    ["GET", "/v1/projects"],
    ["GET", "/v2/roles"],
    ["POST", `${target}:signNothing`],
    ["GET", `${target}:signBlob`],
    ["DELETE", `/v1/projects/${PROJECT}/serviceAccounts`],
    ["POST", `/v1/projects/%zz/serviceAccounts/x:signBlob`],
  ])("%s %s", async (method, path) => {
    const { status, headers, text } = await ask(path, { method });
    expect([status, headers.get("content-type")]).toEqual([404, "text/html; charset=UTF-8"]);
    expect(text).toMatch(/^<!DOCTYPE html>[\s\S]*was not found on this server\./);
  });

  test("a body over six megabytes gets one, too, and the next request is served", async () => {
    const payload = "A".repeat(7 * 1024 * 1024);
    const outcome = await ask(`${target}:signBlob`, { body: { payload } }).catch((error: unknown) => error);
    // The page comes while the body is still on its way: a client may see the end of the connection first.
    if (!(outcome instanceof Error)) expect(outcome).toMatchObject({ status: 413 });
    expect((await ask("/v1/roles?pageSize=1", { token: "owner" })).status).toBe(200);
  });
});

describe("system parameters", () => {
  const path = `${target}:signJwt`;
  const body = { payload: "{}" };

  test("prettyPrint=false writes one line", async () => {
    expect((await ask(path, { body })).text).toMatch(/^\{\n {2}"keyId": /);
    expect((await ask(`${path}?prettyPrint=false`, { body })).text).toMatch(/^\{"keyId":"[^\n]*\}$/);
  });

  test("fields cuts the answer, and is checked before anything is done", async () => {
    expect(Object.keys((await ask(`${path}?fields=keyId`, { body })).json)).toEqual(["keyId"]);
    const create = `/v1/projects/${PROJECT}/serviceAccounts?fields=colour`;
    const { status, json } = await askAdmin(create, { body: { accountId: "never-1" } });
    expect(status).toBe(400);
    expect(json.error.details[0].fieldViolations).toEqual([
      {
        field: "colour",
        description: "Error expanding 'fields' parameter. Cannot find matching fields for path 'colour'.",
      },
    ]);
    const never = await askAdmin(
      `/v1/projects/${PROJECT}/serviceAccounts/never-1@demo-project.iam.gserviceaccount.com`,
    );
    expect(never.status).toBe(404);
  });

  test("access_token stands for the header", async () => {
    for (const name of ["access_token", "oauth_token"]) {
      expect((await ask(`${path}?${name}=${alice}`, { body, token: null })).status).toBe(200);
    }
    expect((await ask(`${path}?key=abc`, { body, token: null })).status).toBe(401);
  });

  test("alt=json;enum-encoding=int writes enums as numbers, and other forms are refused", async () => {
    const { json } = await askAdmin("/v1/roles/iam.roleViewer?$alt=json%3Benum-encoding%3Dint");
    expect(json.stage).toBe(2);
    expect((await askAdmin("/v1/roles?alt=json")).status).toBe(200);
    const { json: refused } = await askAdmin("/v1/roles?alt=proto");
    expect(refused.error).toMatchObject({ code: 400, message: 'The emulator answers alt=json only, not "proto".' });
  });

  test("quotaUser, key, uploadType and the like are taken and do nothing", async () => {
    const query = "key=k&quotaUser=q&uploadType=media&upload_protocol=raw&callback=f&$userProject=p";
    expect((await ask(`${path}?${query}`, { body })).status).toBe(200);
  });
});

test("calls are in the log, with the transport and without a secret", async () => {
  await ask(`${target}:signJwt?access_token=${alice}`, {
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
      const { status } = await ask(path, { method: "POST", body: text, token: "owner" });
      expect([200, 400]).toContain(status);
    }),
    { numRuns: 300 },
  );
});
