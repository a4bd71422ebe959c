// SPDX-License-Identifier: Apache-2.0
// Clients that nobody here wrote against our emulator: an emulator that only our own client understands is worth nothing.

import { IAMCredentialsClient } from "@google-cloud/iam-credentials";
import { type Client, credentials, loadPackageDefinition, Metadata, type ServiceError } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  ALICE,
  CLOUD_PLATFORM,
  type DelegationStage,
  FAR,
  FIRST,
  LOCKED,
  openDelegationStage,
  SECOND,
  TARGET,
} from "../support/delegation-stage.js";
import { fetchAccountKey, isSignatureOf, verifyJwt } from "../support/published-keys.js";
import { PUBLISHED_PROTOS, SHARED_PROTOS } from "../support/published-protos.js";
import { rejectionOf } from "../support/rejection-of.js";

const nameOf = (email: string) => `projects/-/serviceAccounts/${email}`;
const payload = Buffer.from("signed by a stranger's request");

let stage: DelegationStage;
let authorization: string;
beforeAll(async () => {
  stage = await openDelegationStage();
  authorization = `Bearer ${await stage.emulator.accessToken(ALICE)}`;
});
afterAll(() => stage[Symbol.asyncDispose]());

const denied =
  "7 PERMISSION_DENIED: Permission 'iam.serviceAccounts.signBlob' denied on resource (or it may not exist).";

describe("@google-cloud/iam-credentials", () => {
  let client: IAMCredentialsClient;
  const options = () => ({ otherArgs: { headers: { authorization } } });

  beforeAll(async () => {
    const key = await stage.emulator.createServiceAccountKey(FIRST);
    const [host = "", port] = stage.emulator.host.split(":");
    client = new IAMCredentialsClient({
      apiEndpoint: host,
      port: Number(port),
      sslCreds: credentials.createInsecure(),
      // Not used over a plain connection; without them it asks the metadata server who it is.
      credentials: { client_email: key.client_email, private_key: key.private_key },
    });
  });
  afterAll(() => client.close());

  test("gets an access token that ends in an hour", async () => {
    const request = { name: nameOf(TARGET), scope: [CLOUD_PLATFORM], lifetime: { seconds: 3600 } };
    const [{ accessToken, expireTime }] = await client.generateAccessToken(request, options());
    expect(accessToken).toMatch(/^ya29\./);
    expect(Number(expireTime?.seconds) * 1000 - Date.now()).toBeGreaterThan(3_500_000);
  });

  test("gets an ID token through two delegates that the published keys verify", async () => {
    const delegates = [FIRST, SECOND].map(nameOf);
    const request = { name: nameOf(FAR), delegates, audience: "https://a.example", includeEmail: true };
    const [{ token }] = await client.generateIdToken(request, options());
    const { payload: claims } = await verifyJwt(String(token), `${stage.emulator.url}/oauth2/v3/certs`);
    expect(claims).toMatchObject({ aud: "https://a.example", email: FAR });
  });

  test("gets a signature that the published keys verify", async () => {
    const [{ keyId, signedBlob }] = await client.signBlob({ name: nameOf(TARGET), payload }, options());
    const keys = await fetchAccountKey(stage.emulator.url, TARGET, String(keyId));
    const signature = Buffer.from(signedBlob ?? "");
    expect([...keys.values()].map((key) => isSignatureOf(payload, signature, key))).toEqual([true, true, true]);
  });

  test("gets a signed JWT that the published keys verify", async () => {
    const [{ signedJwt }] = await client.signJwt({ name: nameOf(TARGET), payload: '{"sub":"x"}' }, options());
    const url = `${stage.emulator.url}/service_accounts/v1/metadata/jwk/${TARGET}`;
    expect((await verifyJwt(String(signedJwt), url)).payload).toEqual({ sub: "x" });
  });

  test("reads the refusal and its ErrorInfo", async () => {
    const error = await rejectionOf(client.signBlob({ name: nameOf(LOCKED), payload }, options()));
    expect(error).toMatchObject({
      code: 7,
      message: denied,
      reason: "IAM_PERMISSION_DENIED",
      domain: "iam.googleapis.com",
      errorInfoMetadata: { permission: "iam.serviceAccounts.signBlob" },
    });
  });
});

describe("a client of @grpc/proto-loader", () => {
  type Call = (request: object, metadata: Metadata, done: (error: ServiceError | null, reply: object) => void) => void;
  let client: Client & Record<string, Call>;

  beforeAll(() => {
    const definition = loadSync("google/iam/credentials/v1/iamcredentials.proto", {
      includeDirs: [PUBLISHED_PROTOS, SHARED_PROTOS],
      longs: Number,
    });
    // as: the loader makes classes of the definition that it has just read
    const { google } = loadPackageDefinition(definition) as unknown as {
      google: { iam: { credentials: { v1: { IAMCredentials: new (...args: unknown[]) => typeof client } } } };
    };
    client = new google.iam.credentials.v1.IAMCredentials(stage.emulator.host, credentials.createInsecure());
  });
  afterAll(() => client.close());

  function call(method: string, request: object, bearer = authorization): Promise<Record<string, unknown>> {
    const metadata = new Metadata();
    metadata.set("authorization", bearer);
    return new Promise((resolve, reject) => {
      client[method]?.(request, metadata, (error, reply) => (error === null ? resolve({ ...reply }) : reject(error)));
    });
  }

  test("gets what it asks for from all four methods", async () => {
    const name = nameOf(TARGET);
    const { accessToken, expireTime } = await call("generateAccessToken", { name, scope: [CLOUD_PLATFORM] });
    expect(accessToken).toMatch(/^ya29\./);
    expect(expireTime).toEqual({ seconds: expect.any(Number) });
    const { token } = await call("generateIdToken", { name, audience: "a" });
    expect((await verifyJwt(String(token), `${stage.emulator.url}/oauth2/v3/certs`)).payload.aud).toBe("a");
    const { keyId, signedBlob } = await call("signBlob", { name, payload });
    const key = (await fetchAccountKey(stage.emulator.url, TARGET, String(keyId))).get("x509");
    expect(key && isSignatureOf(payload, Buffer.from(signedBlob as Buffer), key)).toBe(true); // as: a bytes field
    const { signedJwt } = await call("signJwt", { name, payload: "{}" });
    const url = `${stage.emulator.url}/service_accounts/v1/metadata/jwk/${TARGET}`;
    expect((await verifyJwt(String(signedJwt), url)).payload).toEqual({});
  });

  test("gets the refusal as code and text, and the details as bytes", async () => {
    const error = (await rejectionOf(call("signBlob", { name: nameOf(LOCKED), payload }))) as ServiceError; // as: grpc-js rejects with it
    expect(error.message).toBe(denied);
    expect(error.code).toBe(7);
    const [details] = error.metadata.get("grpc-status-details-bin");
    expect(Buffer.from(details ?? "").includes("IAM_PERMISSION_DENIED")).toBe(true);
  });

  test("without a known token is UNAUTHENTICATED", async () => {
    const error = await rejectionOf(call("signBlob", { name: nameOf(TARGET), payload }, "Bearer nonsense"));
    expect(error).toMatchObject({
      code: 16,
      message: expect.stringMatching(/^16 UNAUTHENTICATED: Request had invalid authentication credentials\./),
    });
  });
});
