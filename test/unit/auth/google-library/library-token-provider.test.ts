// SPDX-License-Identifier: Apache-2.0
// Tokens by way of google-auth-library: over a real token endpoint, its failures with the way out and without secrets, and the universe.

import { generateKeyPairSync, verify } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, test } from "@jest/globals";
import {
  LibraryTokenProvider,
  namedUniverse,
  universeOfInfo,
} from "../../../../src/auth/google-library/library-token-provider.js";
import { type RecordingHttpServer, startHttpServer } from "../../../support/http-server.js";
import { rejectionOf } from "../../../support/rejection-of.js";

const SCOPES = ["https://www.googleapis.com/auth/cloud-platform"];
const SUBJECT = "subject-token-that-is-secret";

let folder: string;
let server: RecordingHttpServer;
let answer: { status: number; body: object };
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "library-"));
  writeFileSync(join(folder, "subject"), SUBJECT);
  answer = {
    status: 200,
    body: { access_token: "t-1", expires_in: 3600, token_type: "Bearer", issued_token_type: "x" },
  };
  server = await startHttpServer((_, response) => {
    response.writeHead(answer.status, { "content-type": "application/json" }).end(JSON.stringify(answer.body));
  });
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const external = () => ({
  type: "external_account",
  audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/p",
  subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
  token_url: `http://${server.host}/v1/token`,
  credential_source: { file: join(folder, "subject") },
});
const open = (info: object, path?: string) =>
  new LibraryTokenProvider(
    { ...info },
    { name: "credentialsFile", path, scopes: SCOPES, audience: "https://a.example/" },
  );

describe("an external account", () => {
  it("trades its subject token at the endpoint, and keeps what it gets", async () => {
    const provider = open(external());
    expect(await provider.getRequestMetadata()).toMatchObject({ authorization: "Bearer t-1" });
    expect(await provider.getRequestMetadata()).toMatchObject({ authorization: "Bearer t-1" });
    expect(server.requests).toHaveLength(1);
    const asked = new URLSearchParams(server.requests[0]?.body);
    expect([asked.get("subject_token"), asked.get("scope")]).toEqual([SUBJECT, SCOPES[0]]);
  });

  it("that is refused names the option and the file, and no secret; the next call asks anew", async () => {
    answer = { status: 400, body: { error: "invalid_request", error_description: `no such ${SUBJECT}` } };
    const provider = open(external(), "/some/file.json");
    const error = await rejectionOf(provider.getRequestMetadata());
    expect(error).toMatchObject({
      name: "CredentialsError",
      message: expect.stringMatching(/^credentialsFile: could not get a token with .*file\.json.* \(.*invalid_request/),
    });
    expect(JSON.stringify([String(error), String(Object(error).cause)])).not.toContain(server.requests[0]?.body ?? "-");
    answer = {
      status: 200,
      body: { access_token: "t-2", expires_in: 3600, token_type: "Bearer", issued_token_type: "x" },
    };
    expect(await provider.getRequestMetadata()).toMatchObject({ authorization: "Bearer t-2" });
  });
});

test("a workforce login that is over says how to log in again", async () => {
  answer = { status: 400, body: { error: "invalid_grant", error_description: "expired" } };
  const provider = open({
    type: "external_account_authorized_user",
    client_id: "c",
    client_secret: "s-e-c-r-e-t",
    refresh_token: "r-e-f-r-e-s-h",
    token_url: `http://${server.host}/v1/oauthtoken`,
  });
  const { message } = Object(await rejectionOf(provider.getRequestMetadata()));
  expect(message).toMatch(/^credentialsFile: could not get a token \(/);
  expect(message).toMatch(/run gcloud auth application-default login --login-config=… again$/);
  expect(message).not.toMatch(/s-e-c-r-e-t|r-e-f-r-e-s-h/);
});

const url = (host: string) => `https://${host}/v1/projects/-/serviceAccounts/a@b.example:generateAccessToken`;

test.each([
  [{}, undefined],
  [{ universe_domain: "u.example" }, "u.example"],
  [{ universe_domain: "", source_credentials: { universe_domain: "s.example" } }, "s.example"],
  [{ service_account_impersonation_url: url("iamcredentials.u.example") }, "u.example"],
  [{ service_account_impersonation_url: url("iamcredentials.europe-west1.rep.u.example") }, "u.example"],
  [{ service_account_impersonation_url: url("iamcredentials.mtls.u.example") }, "u.example"],
  [{ service_account_impersonation_url: url("other.u.example") }, undefined],
  [{ service_account_impersonation_url: "no URL" }, undefined],
  [{ universe_domain: 5 }, undefined],
])("the universe of %j is %s", (info, universe) => {
  expect(namedUniverse(info)).toBe(universe);
  expect(universeOfInfo(info)).toBe(universe ?? "googleapis.com");
  expect(open(info).getUniverseDomain()).toBe(universe ?? "googleapis.com");
});

describe("a GDCH service account", () => {
  it("trades a JWT of its key at the server of its file, for the audience of the API", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const provider = open({
      type: "gdch_service_account",
      format_version: "1",
      project: "p",
      private_key_id: "1",
      private_key: privateKey.export({ type: "sec1", format: "pem" }),
      name: "robot",
      token_uri: `http://${server.host}/token`,
    });
    expect(await provider.getRequestMetadata()).toEqual({ authorization: "Bearer t-1" });
    const asked = JSON.parse(server.requests[0]?.body ?? "");
    expect(asked.audience).toBe("https://a.example/");
    const [head, claims, signature] = asked.subject_token.split(".");
    const verifier = { key: publicKey, dsaEncoding: "ieee-p1363" } as const;
    const signed = Buffer.from(`${head}.${claims}`);
    expect(verify("sha256", signed, verifier, Buffer.from(signature, "base64url"))).toBe(true);
  });
});
