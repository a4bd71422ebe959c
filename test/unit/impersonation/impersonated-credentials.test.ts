// SPDX-License-Identifier: Apache-2.0
// Impersonated credentials against the emulator: tokens, signatures and copies.

import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import {
  ConfigurationError,
  CredentialsError,
  IAMCredentialsAsyncClient,
  ImpersonatedCredentials,
  RpcError,
  type TokenProvider,
} from "../../../src/index.js";
import { type HttpStage, startHttpStage } from "../../support/http-stage.js";
import {
  BUILD,
  CREATOR,
  DANA,
  type ImpersonationStage,
  openImpersonationStage,
  ROBOT,
  SCOPE,
} from "../../support/impersonation-stage.js";
import { rejectionOf } from "../../support/rejection-of.js";

let stage: ImpersonationStage;
beforeEach(async () => {
  stage = await openImpersonationStage();
});
afterEach(() => stage[Symbol.asyncDispose]());

async function accountKeys(email: string) {
  const response = await fetch(`${stage.emulator.url}/service_accounts/v1/metadata/jwk/${email}`);
  return createLocalJWKSet((await response.json()) as JSONWebKeySet); // as: the emulator's own tests check its form
}

describe("access tokens", () => {
  test("a thousand concurrent callers without a token make one RPC and get the same token", async () => {
    const robot = stage.asDana();
    const tokens = await Promise.all(Array.from({ length: 1000 }, () => robot.getAccessToken()));
    expect(new Set(tokens.map(({ token }) => token)).size).toBe(1);
    expect(stage.emulator.calls().map(({ method }) => method)).toEqual(["GenerateAccessToken"]);
    await robot.close();
  });

  test("the token works as the account: it is the source of a client that acts as the account", async () => {
    stage.emulator.addGrant({ member: `serviceAccount:${ROBOT}`, role: CREATOR, serviceAccount: BUILD });
    const robot = stage.asDana();
    const { apiEndpoint, insecure } = stage.emulator.clientOptions(DANA);
    const client = new IAMCredentialsAsyncClient({ apiEndpoint, insecure, credentials: robot });
    await client.signBlob({ name: BUILD, payload: Buffer.from("to be signed") });
    expect(stage.emulator.calls().at(-1)).toMatchObject({ method: "SignBlob", principal: `serviceAccount:${ROBOT}` });
    await Promise.all([client.close(), robot.close()]);
  });

  test("metadata is handed out without a promise once there is a token", async () => {
    const robot = stage.asDana({ quotaProjectId: "billed" });
    const { token } = await robot.getAccessToken();
    const { signal } = new AbortController();
    expect(robot.getRequestMetadata({ signal })).toEqual({
      authorization: `Bearer ${token}`,
      "x-goog-user-project": "billed",
    });
    await robot.close();
  });

  test("the request says scopes, lifetime and delegates, and that an impersonated access token is wanted", async () => {
    stage.emulator.addGrant({ member: DANA, role: CREATOR, serviceAccount: BUILD });
    stage.emulator.addGrant({ member: `serviceAccount:${BUILD}`, role: CREATOR, serviceAccount: ROBOT });
    const robot = stage.asDana({ delegates: [BUILD], scopes: [SCOPE], lifetime: "600s" });
    const before = Date.now();
    await robot.getAccessToken();
    const call = stage.emulator.calls().at(-1);
    expect(call).toMatchObject({ serviceAccount: ROBOT, delegates: [BUILD] });
    expect(call?.apiClient).toMatch(/ auth-request-type\/at cred-type\/imp$/);
    const leftSeconds = (Number(robot.expiry) - before) / 1000;
    expect(leftSeconds).toBeGreaterThan(590);
    expect(leftSeconds).toBeLessThan(620);
    expect([robot.valid, robot.expired]).toEqual([true, false]);
    await robot.close();
  });

  test("a refused impersonation rejects with the service's own error, and nothing of it is remembered", async () => {
    const robot = stage.asDana({ targetPrincipal: BUILD });
    const error = await rejectionOf(robot.getAccessToken());
    expect(error).toBeInstanceOf(RpcError);
    expect(error).toMatchObject({ code: 7, reason: "IAM_PERMISSION_DENIED" });
    expect((error as Error).message).toMatch(/^IAMCredentials\.GenerateAccessToken: PERMISSION_DENIED: Permission /);
    stage.emulator.addGrant({ member: DANA, role: CREATOR, serviceAccount: BUILD });
    expect((await robot.getAccessToken()).token).toMatch(/^ya29\./);
    await robot.close();
  });

  test("a source that never answers: every caller is rejected at its own deadline, with its own reason", async () => {
    const hanging: TokenProvider = { getRequestMetadata: () => new Promise(() => undefined) };
    const robot = stage.asDana({ clientOptions: { ...stage.emulator.clientOptions(DANA), credentials: hanging } });
    const callers = [20, 40, 60].map((ms) => AbortSignal.timeout(ms));
    const errors = await Promise.all(callers.map((signal) => rejectionOf(robot.getAccessToken({ signal }))));
    expect(errors).toEqual(callers.map(({ reason }) => reason));
    await robot.close({ gracePeriod: 0 });
  });

  test("a signal that is none is refused by name", async () => {
    const robot = stage.asDana();
    const error = await rejectionOf(robot.getAccessToken({ signal: 5 as never })); // as: what a program without types may do
    expect(error).toEqual(new ConfigurationError("signal: must be an AbortSignal"));
    await robot.close();
  });

  test("a refresh has a deadline of its own, and its end reaches a caller without one", async () => {
    const hanging: TokenProvider = { getRequestMetadata: () => new Promise(() => undefined) };
    const clientOptions = { ...stage.emulator.clientOptions(DANA), credentials: hanging };
    const robot = stage.asDana({ clientOptions, refreshTimeout: 50 });
    const error = await rejectionOf(robot.getRequestHeaders());
    expect(error).toBeInstanceOf(CredentialsError);
    expect((error as Error).message).toBe("the credentials did not return a token within 50 ms");
    await robot.close({ gracePeriod: 0 });
  });
});

describe("copies", () => {
  test("lose nothing but the token, and share the client", async () => {
    const options = { delegates: [BUILD], lifetime: 1200, quotaProjectId: "billed", subject: "dana@example.com" };
    const robot = stage.asDana(options);
    const copies = [
      robot.withScopes([SCOPE]),
      robot.withQuotaProject("other"),
      robot.withSubject("eve@example.com"),
      robot.withLifetime(60),
    ];
    const traits = (each: ImpersonatedCredentials) => ({
      delegates: each.delegates,
      lifetime: each.lifetime,
      quotaProjectId: each.quotaProjectId,
      subject: each.subject,
      scopes: each.scopes,
      target: each.targetPrincipal,
    });
    expect(copies.map(traits)).toEqual([
      { ...traits(robot), scopes: [SCOPE] },
      { ...traits(robot), quotaProjectId: "other" },
      { ...traits(robot), subject: "eve@example.com" },
      { ...traits(robot), lifetime: 60 },
    ]);
    for (const copy of copies) {
      expect(copy.token).toBeUndefined();
      expect(copy.client).toBe(robot.client);
    }
    await robot.close();
  });
});

describe("signing", () => {
  test("signBlob, sign and signBytes give one signature; signJwt verifies with the account's published key", async () => {
    const robot = stage.asDana();
    const payload = Buffer.from("to be signed");
    const { signedBlob, keyId } = await robot.signBlob(payload);
    expect(keyId).toMatch(/^[0-9a-f]{40}$/);
    expect(await robot.sign("to be signed")).toBe(signedBlob.toString("base64"));
    expect(await robot.signBytes(payload)).toEqual(signedBlob);
    const { signedJwt } = await robot.signJwt({ sub: "robot-7", aud: "https://my-service.example" });
    const { payload: claims } = await jwtVerify(signedJwt, await accountKeys(ROBOT));
    expect(claims).toMatchObject({ sub: "robot-7" });
    expect(await robot.getCredentials()).toEqual({ client_email: ROBOT, universe_domain: "googleapis.com" });
    await robot.close();
  });
});

describe("domain-wide delegation", () => {
  let endpoint: HttpStage;
  beforeEach(async () => {
    endpoint = await startHttpStage(() => ({
      body: { access_token: "token-of-dana", expires_in: 1800, token_type: "Bearer" },
    }));
  });
  afterEach(() => endpoint.close());

  test("an assertion that the account signs is traded for the user's token", async () => {
    const robot = stage.asDana({ subject: "dana@example.com", scopes: [SCOPE], tokenUri: `${endpoint.url}/token` });
    expect(await robot.getAccessToken()).toEqual({ token: "token-of-dana" });
    const form = new URLSearchParams(endpoint.requests[0]?.body);
    expect(form.get("grant_type")).toBe("urn:ietf:params:oauth:grant-type:jwt-bearer");
    const { payload } = await jwtVerify(form.get("assertion") ?? "", await accountKeys(ROBOT));
    expect(payload).toMatchObject({
      iss: ROBOT,
      sub: "dana@example.com",
      scope: SCOPE,
      aud: "https://oauth2.googleapis.com/token",
      exp: Number(payload.iat) + 3600,
    });
    expect(stage.emulator.calls().map(({ method }) => method)).toEqual(["SignJwt", "serviceAccounts.certs"]);
    await robot.close();
  });

  test("a refusal says what the endpoint said, and not the assertion", async () => {
    const body = { error: "unauthorized_client", error_description: "Client is unauthorized." };
    endpoint.answer = () => ({ status: 401, body });
    const robot = stage.asDana({ subject: "dana@example.com", tokenUri: `${endpoint.url}/token` });
    const error = await rejectionOf(robot.getAccessToken());
    expect(error).toBeInstanceOf(CredentialsError);
    expect((error as Error).message).toBe(
      `the token endpoint ${endpoint.url}/token returned 401: unauthorized_client: Client is unauthorized.`,
    );
    await robot.close();
  });

  test("is refused outside of the default universe, before anything is sent", () => {
    expect(() => stage.asDana({ subject: "dana@example.com", universeDomain: "example.com" })).toThrow(
      new ConfigurationError(
        "subject: domain-wide delegation is not supported in universes other than googleapis.com, and this is example.com",
      ),
    );
  });
});

describe("options", () => {
  test.each([
    [{ targetPrincipal: "serviceAccount:robot" }, /^targetPrincipal: must be projects\/-/],
    [{ delegates: ["nobody"] }, /^delegates\[0\]: must be/],
    [{ scopes: [] }, /^scopes: must be an array of at least one OAuth scope$/],
    [{ scopes: ["https://my-service.run.app"] }, /^scopes\[0\]: .* for the URL of a service, request an ID token$/],
    [{ lifetime: 0 }, /^lifetime: must be above 0 and at most 43200 seconds, not 0$/],
    [{ refreshTimeout: 0 }, /^refreshTimeout: must be a positive number of milliseconds, not 0$/],
    [{ tokenUri: "http://tokens.example" }, /^tokenUri: must be an https URL, not "http:\/\/tokens.example"$/],
    [{ target: ROBOT }, /^target: no such option; valid names are client, /],
    [{ quotaProjectId: "two\nlines" }, /^quotaProjectId: must be a project ID$/],
    [{ regionalAccessBoundary: 1 }, /^regionalAccessBoundary: must be a boolean, not 1$/],
  ])("%j is refused by name, at construction", (wrong, message) => {
    const build = () => stage.asDana(wrong as object);
    expect(build).toThrow(ConfigurationError);
    expect(build).toThrow(message);
  });

  test.each([
    [{ subject: 5 }, "subject: must be the e-mail address of a user"],
    [{ subject: "" }, "subject: must be the e-mail address of a user"],
    [{ universeDomain: 5 }, "universeDomain: must be a domain such as googleapis.com"],
  ])("%j is refused at once", (wrong, message) => {
    const options = { targetPrincipal: ROBOT, ...wrong } as { targetPrincipal: string }; // as: wrong on purpose
    expect(() => new ImpersonatedCredentials(options)).toThrow(new ConfigurationError(message));
  });

  test("client and clientOptions exclude each other, and a given client is not closed", async () => {
    const client = new IAMCredentialsAsyncClient(stage.emulator.clientOptions(DANA));
    expect(() => stage.asDana({ client })).toThrow(
      new ConfigurationError("client and clientOptions: set one of them, not both"),
    );
    const robot = new ImpersonatedCredentials({ client, targetPrincipal: ROBOT });
    await robot.getAccessToken();
    await robot.close();
    await client.signBlob({ name: ROBOT, payload: Buffer.from("still open") });
    await client.close();
  });
});
