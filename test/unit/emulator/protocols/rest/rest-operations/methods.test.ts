// SPDX-License-Identifier: Apache-2.0
// The methods of both services over fetch, and what the REST API has beside the protos.

import { createPublicKey, verify } from "node:crypto";
import { request as httpRequest } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { decodeJwt } from "jose";
import { ALICE, CLOUD_PLATFORM, openStage, TARGET } from "../../../stage.js";
import { EXTENDED, openRestStage, PROJECT, type RestStage, target } from "../rest-stage.js";

let stage: RestStage;
beforeAll(async () => {
  stage = await openRestStage();
});
afterAll(() => stage.close());

describe("the credentials API", () => {
  test("generateAccessToken takes a duration and gives an instant", async () => {
    const { status, json, headers } = await stage.ask(`${target}:generateAccessToken`, {
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
      const { json } = await stage.ask(`${target}:generateIdToken`, { body: { audience: "a", ...body } });
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
      const { json } = await stage.ask(`${target}:signBlob`, { body: { payload: text } });
      const { json: keys } = await stage.ask(`/service_accounts/v1/metadata/jwk/${TARGET}`);
      const jwk = keys.keys.find(({ kid }: { kid: string }) => kid === json.keyId);
      const publicKey = createPublicKey({ key: jwk, format: "jwk" });
      expect(verify("sha256", payload, publicKey, Buffer.from(json.signedBlob, "base64"))).toBe(true);
    }
  });

  test("signJwt is the credentials API's unless the host is the admin API's", async () => {
    const { json } = await stage.ask(`${target}:signJwt`, { body: { payload: '{"sub":"x"}' } });
    expect(decodeJwt(json.signedJwt)).toEqual({ sub: "x" });
    const fromAdmin = await new Promise<string>((resolve, reject) => {
      const asked = httpRequest(`${stage.emulator.url}${target}:signJwt`, {
        method: "POST",
        headers: { host: "iam.googleapis.com", authorization: `Bearer ${stage.alice}` },
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
    const { json } = await stage.ask(`${target}:signBlob`, { body: { bytesToSign: "AAAA" } });
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
    const { json } = await stage.ask(`${path}/allowedLocations`);
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
    const created = await stage.askAdmin(`${project}/serviceAccounts`, {
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
    const patched = await stage.askAdmin(path, { method: "PATCH", body: patch });
    expect(patched.json).toEqual({ ...created.json, description: "signs" });
    const put = await stage.askAdmin(path, { method: "PUT", body: { displayName: "Other" } });
    expect(put.json).toEqual({ ...patched.json, displayName: "Other" });
    expect((await stage.askAdmin(path)).json).toEqual(put.json);
    const listed = await stage.askAdmin(`${project}/serviceAccounts?pageSize=1&fields=accounts(email),nextPageToken`);
    expect(listed.json).toEqual({ accounts: [{ email: EXTENDED }], nextPageToken: expect.any(String) });
    const next = await stage.askAdmin(`${project}/serviceAccounts?page_size=1&pageToken=${listed.json.nextPageToken}`);
    expect(next.json.accounts).toEqual([put.json]);
    expect((await stage.askAdmin(`${path}:disable`, { body: {} })).json).toEqual({});
    expect((await stage.askAdmin(path)).json).toMatchObject({ disabled: true });
    expect((await stage.askAdmin(path, { method: "DELETE" })).json).toEqual({});
    expect((await stage.askAdmin(path)).json.error).toEqual({
      code: 404,
      message: "Unknown service account",
      status: "NOT_FOUND",
    });
    const undelete = `${project}/serviceAccounts/${created.json.uniqueId}:undelete`;
    expect((await stage.askAdmin(undelete, { method: "POST" })).json).toEqual({
      restoredAccount: { ...put.json, disabled: true },
    });
  });

  test("policies are read with a parameter and written with a body", async () => {
    const get = (version: number) =>
      stage.askAdmin(`${target}:getIamPolicy?options.requestedPolicyVersion=${version}`, { method: "POST" });
    const { json } = await get(3);
    const binding = { role: "roles/iam.serviceAccountUser", members: [ALICE], condition: { expression: "true" } };
    const policy = { version: 3, bindings: [...json.bindings, binding], etag: json.etag };
    const written = await stage.askAdmin(`${target}:setIamPolicy`, { body: { policy } });
    expect(written.json).toEqual({ ...policy, etag: expect.stringMatching(/^Bw[\w+/]{9}=$/) });
    expect((await get(3)).json).toEqual(written.json);
    expect((await stage.askAdmin(`${target}:setIamPolicy`, { body: { policy } })).json.error).toMatchObject({
      code: 409,
      status: "ABORTED",
      message: expect.stringMatching(/^There were concurrent policy changes\. .*ETag '\\007\\0\d\d/),
    });
    const { json: tested } = await stage.ask(`${target}:testIamPermissions`, {
      body: { permissions: ["iam.serviceAccounts.actAs", "iam.serviceAccounts.delete"] },
    });
    expect(tested).toEqual({ permissions: ["iam.serviceAccounts.actAs"] });
  });

  test("keys are created, listed by type, read and deleted", async () => {
    const { json: key } = await stage.askAdmin(`${target}/keys`, {
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
    const listed = await stage.askAdmin(`${target}/keys?keyTypes=USER_MANAGED`);
    expect(listed.json.keys.map(({ name }: { name: string }) => name)).toEqual([key.name]);
    const both = await stage.askAdmin(`${target}/keys?keyTypes=USER_MANAGED&key_types=SYSTEM_MANAGED`);
    expect(both.json.keys).toHaveLength(2);
    const { json: read } = await stage.askAdmin(`/v1/${key.name}?publicKeyType=TYPE_X509_PEM_FILE`);
    expect(Buffer.from(read.publicKeyData, "base64").toString()).toMatch(/^-----BEGIN CERTIFICATE-----/);
    expect((await stage.askAdmin(`/v1/${key.name}:disable`, { body: {} })).json).toEqual({});
    expect((await stage.askAdmin(`/v1/${key.name}`, { method: "DELETE" })).json).toEqual({});
  });

  test("roles are written with a role as the body and a mask in the query", async () => {
    const body = { roleId: "signer", role: { title: "Signer", includedPermissions: ["iam.serviceAccounts.signJwt"] } };
    const { json: role } = await stage.askAdmin(`${project}/roles`, { body });
    expect(role).toEqual({ name: `projects/${PROJECT}/roles/signer`, ...body.role, etag: expect.any(String) });
    const patched = await stage.askAdmin(`/v1/${role.name}?updateMask=title,stage`, {
      method: "PATCH",
      body: { title: "New", stage: "GA" },
    });
    expect(patched.json).toMatchObject({
      title: "New",
      stage: "GA",
      includedPermissions: body.role.includedPermissions,
    });
    const deleted = await stage.askAdmin(`/v1/${role.name}?etag=${encodeURIComponent(patched.json.etag)}`, {
      method: "DELETE",
    });
    expect(deleted.json).toMatchObject({ deleted: true });
    expect((await stage.askAdmin(`${project}/roles?showDeleted=true&view=FULL`)).json.roles).toHaveLength(1);
    expect((await stage.askAdmin("/v1/roles/iam.roleViewer")).json).toMatchObject({
      title: "Role Viewer",
      etag: "AA==",
    });
    expect((await stage.askAdmin("/v1/roles?pageSize=1")).json.roles).toHaveLength(1);
    const lint = await stage.askAdmin("/v1/iamPolicies:lintPolicy", { body: { condition: { expression: "1 +" } } });
    expect(lint.json.lintResults).toMatchObject([{ level: "CONDITION", severity: "ERROR" }]);
  });
});
