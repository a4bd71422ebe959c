// SPDX-License-Identifier: Apache-2.0
// The HTTP face: public keys in each form, and a page for what is unknown.

import { createPublicKey, X509Certificate } from "node:crypto";
import { request as httpRequest } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { importX509, jwtVerify } from "jose";
import { IAMCredentialsService as rows } from "../../../../../generated/google/iam/credentials/v1/iamcredentials.js";
import { nameOf, openStage, type Stage, TARGET } from "../../stage.js";

let stage: Stage;
let userKeyId: string;
let systemKeyId: string;
let signedJwt: string;
beforeAll(async () => {
  stage = await openStage();
  userKeyId = (await stage.emulator.createServiceAccountKey(TARGET)).private_key_id;
  const request = { name: nameOf(TARGET), delegates: [], payload: "{}" };
  const response = await stage.client.call(rows.signJwt, request, { token: "owner" });
  systemKeyId = response.keyId;
  signedJwt = response.signedJwt;
});
afterAll(() => stage.close());

async function get(path: string): Promise<Record<string, unknown>> {
  const response = await fetch(stage.emulator.url + path);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/json; charset=UTF-8");
  expect(response.headers.get("cache-control")).toBe("public, max-age=900, must-revalidate, no-transform");
  return (await response.json()) as Record<string, unknown>; // every document here is an object
}

describe("an account's keys, system-managed and user-managed", () => {
  test.each(["/service_accounts/v1/metadata/x509", "/robot/v1/metadata/x509"])(
    "are certificates under %s",
    async (path) => {
      const certificates = await get(`${path}/${TARGET}`);
      expect(Object.keys(certificates)).toEqual([systemKeyId, userKeyId]);
      await jwtVerify(signedJwt, await importX509(String(certificates[systemKeyId]), "RS256"));
    },
  );

  test.each([
    ["service_accounts/v1/metadata/jwk/", "keys"],
    ["service_accounts/v1/jwk/", "keys"],
    ["robot/v1/metadata/jwk/", "keys"],
    ["service_accounts/v1/metadata/raw/", "keyvalues"],
    ["robot/v1/metadata/x509/", undefined],
  ])("are published under /%s, whether the account goes by its e-mail or its id", async (path, list) => {
    const { uniqueId } = stage.emulator.addServiceAccount(TARGET);
    const byEmail = await get(`/${path}${TARGET}`);
    expect(list === undefined ? Object.keys(byEmail) : byEmail[list]).toHaveLength(2);
    expect(await get(`/${path}${uniqueId}`)).toEqual(byEmail);
  });

  test("are a JSON Web Key Set and raw numbers of the same keys", async () => {
    const jwks = (await get(`/service_accounts/v1/metadata/jwk/${TARGET}`)) as { keys: Record<string, string>[] };
    const raw = (await get(`/service_accounts/v1/metadata/raw/${TARGET}`)) as { keyvalues: Record<string, string>[] };
    const certificates = await get(`/service_accounts/v1/metadata/x509/${TARGET}`);
    expect(jwks.keys.map((key) => key["kid"])).toEqual([systemKeyId, userKeyId]);
    for (const [index, key] of jwks.keys.entries()) {
      expect(key).toEqual({ alg: "RS256", e: "AQAB", kid: key["kid"], kty: "RSA", n: expect.any(String), use: "sig" });
      const modulus = Buffer.from(key["n"] ?? "", "base64url");
      expect(modulus).toHaveLength(256);
      expect(raw.keyvalues[index]).toEqual({
        algorithm: "RSA",
        exponent: "AQAB",
        keyid: key["kid"],
        modulus: modulus.toString("base64"),
      });
      const { publicKey } = new X509Certificate(String(certificates[key["kid"] ?? ""]));
      expect(createPublicKey({ key, format: "jwk" }).equals(publicKey)).toBe(true);
    }
  });

  test("are found by percent-encoded e-mail and with a query", async () => {
    const path = `/service_accounts/v1/metadata/x509/${encodeURIComponent(TARGET)}?alt=json`;
    expect(Object.keys(await get(path))).toEqual([systemKeyId, userKeyId]);
  });

  test("are there before anything was signed", async () => {
    const { email } = stage.emulator.addServiceAccount("fresh@demo-project.iam.gserviceaccount.com");
    const [keyId] = Object.keys(await get(`/service_accounts/v1/metadata/x509/${email}`));
    const request = { name: nameOf(email), delegates: [], payload: Buffer.of(1) };
    expect((await stage.client.call(rows.signBlob, request, { token: "owner" })).keyId).toBe(keyId);
  });
});

test("the key of ID tokens is the same key set at oauth2/v2/certs", async () => {
  expect(await get("/oauth2/v2/certs")).toEqual(await get("/oauth2/v3/certs"));
});

test("the key of ID tokens is a key set at oauth2/v3/certs and a certificate at oauth2/v1/certs", async () => {
  const { keys } = (await get("/oauth2/v3/certs")) as { keys: Record<string, string>[] };
  const certificates = await get("/oauth2/v1/certs");
  expect(Object.keys(certificates)).toEqual(keys.map((key) => key["kid"]));
  expect(new X509Certificate(String(Object.values(certificates)[0])).subject).toBe(
    "CN=federated-signon.system.gserviceaccount.com",
  );
});

describe("any other path is an HTML page with 404", () => {
  test.each([
    "/v1/folders",
    "/service_accounts/v1/metadata/pem/x@y.example",
    "/service_accounts/v1/metadata/jwk/ghost@demo-project.iam.gserviceaccount.com",
    "/service_accounts/v1/metadata/jwk/",
    `/service_accounts/v1/metadata/jwk/${TARGET}/`,
    "/oauth2/v3/certs/",
    "/%",
    "/<script>",
    "/constructor",
  ])("%s", async (path) => {
    const response = await fetch(stage.emulator.url + path);
    const page = await response.text();
    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toBe("text/html; charset=UTF-8");
    expect(page).toContain("<title>Error 404 (Not Found)!!1</title>");
    expect(page).toContain("was not found on this server.");
    expect(page).not.toContain("<script>");
  });

  test("that does not repeat the query, which may have a key", async () => {
    for (const path of ["/nowhere", "/v1/nowhere", "/%"]) {
      const page = await (await fetch(`${stage.emulator.url}${path}?key=AIza-a-key&access_token=ya29.secret`)).text();
      expect(page).toContain("was not found on this server.");
      expect(page).not.toMatch(/AIza|ya29|\?key/);
    }
  });
});

function send(
  method: string,
  body?: string,
  path = "/oauth2/v3/certs",
): Promise<{ status: number | undefined; body: string; connection: unknown }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(stage.emulator.url + path, { method }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({
          status: response.statusCode,
          body: Buffer.concat(chunks).toString(),
          connection: response.headers.connection,
        }),
      );
    });
    request.on("error", reject).end(body);
  });
}

test("HEAD has no body, other methods are refused, and a body at an unknown path ends the connection", async () => {
  expect(await send("HEAD")).toMatchObject({ status: 200, body: "" });
  expect(await send("DELETE")).toMatchObject({ status: 405, body: expect.stringContaining("Method Not Allowed") });
  expect(await send("POST", "x=1")).toMatchObject({ status: 405 });
  expect(await send("POST", "x=1", "/none")).toMatchObject({ status: 404, connection: "close" });
});

test("who reads keys is in the log, and faults strike it", async () => {
  await get(`/robot/v1/metadata/x509/${TARGET}`);
  const told = { service: "www.googleapis.com", transport: "http", method: "serviceAccounts.certs", status: "OK" };
  expect(stage.emulator.calls().at(-1)).toMatchObject(told);
  const status = { code: "UNAVAILABLE", message: "Later." } as const;
  stage.emulator.addFault({ method: "oauth2.certs", status, times: 1 });
  const struck = await fetch(`${stage.emulator.url}/oauth2/v3/certs`);
  expect([struck.status, await struck.text()]).toEqual([503, expect.stringContaining("Later.")]);
  await get("/oauth2/v3/certs");
});
