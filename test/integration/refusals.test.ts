// SPDX-License-Identifier: Apache-2.0
// Calls that the service refuses: what the caller sees of each refusal, and that none of them is repeated.

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { IAMCredentialsError, RequestError, RpcError } from "../../src/index.js";
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
import { rejectionOf, rpcErrorOf } from "../support/rejection-of.js";

const EXTENDED = "extended@stage-project.iam.gserviceaccount.com";
const NOBODY = "nobody@stage-project.iam.gserviceaccount.com";
const payload = Buffer.from("payload");

let stage: DelegationStage;
beforeAll(async () => {
  stage = await openDelegationStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const callCount = () => stage.emulator.calls().length;

function expectDenied(error: RpcError, method: string, permission: string): void {
  expect(error.message).toBe(
    `IAMCredentials.${method}: PERMISSION_DENIED: Permission '${permission}' denied on resource (or it may not exist).`,
  );
  expect(error).toMatchObject({
    name: "RpcError",
    code: 7,
    status: "PERMISSION_DENIED",
    method: `IAMCredentials.${method}`,
    transport: "grpc",
    attempts: 1,
    reason: "IAM_PERMISSION_DENIED",
    domain: "iam.googleapis.com",
    errorMetadata: { permission },
  });
  expect(error.details).toHaveLength(1);
  expect(error.details[0]?.["@type"]).toBe("type.googleapis.com/google.rpc.ErrorInfo");
}

describe("without the permission", () => {
  test.each([
    {
      method: "GenerateAccessToken",
      permission: "getAccessToken",
      call: () => stage.alice.generateAccessToken({ name: LOCKED, scope: [CLOUD_PLATFORM] }),
    },
    {
      method: "GenerateIdToken",
      permission: "getOpenIdToken",
      call: () => stage.alice.generateIdToken({ name: LOCKED, audience: "a" }),
    },
    { method: "SignBlob", permission: "signBlob", call: () => stage.alice.signBlob({ name: LOCKED, payload }) },
    { method: "SignJwt", permission: "signJwt", call: () => stage.alice.signJwt({ name: LOCKED, payload: {} }) },
  ])("$method is denied, once, and says which permission is missing", async ({ method, permission, call }) => {
    const before = callCount();
    const error = await rpcErrorOf(call());
    expectDenied(error, method, `iam.serviceAccounts.${permission}`);
    expect(callCount() - before).toBe(1);
  });

  test("a chain is denied at its first hop", async () => {
    const error = await rpcErrorOf(stage.alice.signBlob({ name: FAR, delegates: [SECOND], payload }));
    expectDenied(error, "SignBlob", "iam.serviceAccounts.implicitDelegation");
  });

  test("a chain is denied at its second hop", async () => {
    const error = await rpcErrorOf(stage.alice.signBlob({ name: FAR, delegates: [FIRST, TARGET, SECOND], payload }));
    expectDenied(error, "SignBlob", "iam.serviceAccounts.implicitDelegation");
  });

  test("a chain is denied at the account itself", async () => {
    const error = await rpcErrorOf(stage.alice.signJwt({ name: LOCKED, delegates: [FIRST, SECOND], payload: {} }));
    expectDenied(error, "SignJwt", "iam.serviceAccounts.signJwt");
  });

  test("a chain in the wrong order is denied", async () => {
    const error = await rpcErrorOf(stage.alice.signBlob({ name: FAR, delegates: [SECOND, FIRST], payload }));
    expectDenied(error, "SignBlob", "iam.serviceAccounts.implicitDelegation");
  });

  test("a grant that is taken away ends what it allowed", async () => {
    const grant = { member: ALICE, role: "roles/iam.serviceAccountOpenIdTokenCreator", serviceAccount: LOCKED };
    const remove = stage.emulator.addGrant(grant);
    await stage.alice.generateIdToken({ name: LOCKED, audience: "a" });
    remove();
    const error = await rpcErrorOf(stage.alice.generateIdToken({ name: LOCKED, audience: "a" }));
    expectDenied(error, "GenerateIdToken", "iam.serviceAccounts.getOpenIdToken");
  });
});

describe("the service says no to", () => {
  test("an account that does not exist", async () => {
    const error = await rpcErrorOf(stage.alice.signBlob({ name: NOBODY, payload }));
    expect(error.message).toBe(`IAMCredentials.SignBlob: NOT_FOUND: Not found; Gaia id not found for email ${NOBODY}`);
    expect(error).toMatchObject({ code: 5, status: "NOT_FOUND", attempts: 1, details: [], reason: undefined });
  });

  test("a lifetime over an hour where the organization allows no more", async () => {
    const request = { name: TARGET, scope: [CLOUD_PLATFORM], lifetime: 3601 };
    const error = await rpcErrorOf(stage.alice.generateAccessToken(request));
    expect(error.message).toMatch(
      /^IAMCredentials\.GenerateAccessToken: INVALID_ARGUMENT: The access token lifetime cannot exceed 3600 seconds\./,
    );
    expect(error).toMatchObject({ code: 3, attempts: 1 });
  });

  test("a JWT whose exp lies more than twelve hours ahead", async () => {
    const exp = Math.floor(Date.now() / 1000) + 43_300;
    const error = await rpcErrorOf(stage.alice.signJwt({ name: TARGET, payload: { exp } }));
    expect(error.message).toBe("IAMCredentials.SignJwt: INVALID_ARGUMENT: Request contains an invalid argument.");
    expect(error.code).toBe(3);
  });

  test("a caller whose token lacks the scope", async () => {
    const scope = ["https://www.googleapis.com/auth/devstorage.read_only"];
    const { accessToken } = await stage.alice.generateAccessToken({ name: TARGET, scope });
    const credentials = { getRequestMetadata: () => ({ authorization: `Bearer ${accessToken}` }) };
    const narrow = stage.client({ ...stage.emulator.clientOptions(ALICE), credentials });
    const error = await rpcErrorOf(narrow.signBlob({ name: TARGET, payload }));
    expect(error.message).toBe(
      "IAMCredentials.SignBlob: PERMISSION_DENIED: Request had insufficient authentication scopes.",
    );
    expect(error).toMatchObject({
      code: 7,
      reason: "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
      domain: "googleapis.com",
      errorMetadata: {
        method: "google.iam.credentials.v1.IAMCredentials.SignBlob",
        service: "iamcredentials.googleapis.com",
      },
    });
  });

  test("a caller whose token is forged", async () => {
    const credentials = { getRequestMetadata: () => ({ authorization: "Bearer ya29.c.forged" }) };
    const forger = stage.client({ ...stage.emulator.clientOptions(ALICE), credentials });
    const error = await rpcErrorOf(forger.signBlob({ name: TARGET, payload }));
    expect(error.message).toMatch(
      /^IAMCredentials\.SignBlob: UNAUTHENTICATED: Request had invalid authentication credentials\. Expected OAuth 2/,
    );
    expect(error).toMatchObject({ code: 16, status: "UNAUTHENTICATED", attempts: 1 });
    expect(String(error.stack)).not.toContain("forged");
  });

  test("a caller without a token", async () => {
    const credentials = { getRequestMetadata: () => ({}) };
    const silent = stage.client({ ...stage.emulator.clientOptions(ALICE), credentials });
    const error = await rpcErrorOf(silent.signJwt({ name: TARGET, payload: {} }));
    expect(error.message).toMatch(/: UNAUTHENTICATED: Request is missing required authentication credential\./);
    expect(error).toMatchObject({ code: 16, reason: "CREDENTIALS_MISSING", domain: "googleapis.com" });
  });

  test("the owner, where the emulator was told to", async () => {
    await using strict = await openDelegationStage({ owner: false });
    const credentials = { getRequestMetadata: () => ({ authorization: "Bearer owner" }) };
    const owner = strict.client({ ...strict.emulator.clientOptions(ALICE), credentials });
    expect(await rpcErrorOf(owner.signBlob({ name: TARGET, payload }))).toMatchObject({ code: 16 });
  });
});

test("twelve hours are allowed where the organization extends the lifetime, and a second more is refused here", async () => {
  await using extended = await openDelegationStage({
    serviceAccounts: [EXTENDED],
    grants: [{ member: ALICE, role: "roles/iam.serviceAccountTokenCreator", serviceAccount: EXTENDED }],
    extendedLifetimeAccounts: [EXTENDED],
  });
  const request = { name: EXTENDED, scope: [CLOUD_PLATFORM] };
  const { expireTime } = await extended.alice.generateAccessToken({ ...request, lifetime: "43200s" });
  expect(expireTime.toDate().getTime()).toBeGreaterThan(Date.now() + 43_000_000);
  const error = await rejectionOf(extended.alice.generateAccessToken({ ...request, lifetime: 43_201 }));
  expect(error).toBeInstanceOf(RequestError);
  expect(error).toMatchObject({
    field: "lifetime",
    message: "lifetime: must be above 0 and at most 43200 seconds, not 43201",
  });
  expect(extended.emulator.calls()).toHaveLength(1);
});

test("one class catches every error of ours", async () => {
  const errors = [
    await rejectionOf(stage.alice.signBlob({ name: LOCKED, payload })),
    await rejectionOf(stage.alice.signBlob({ name: "", payload })),
  ];
  expect(errors.map((error) => error instanceof IAMCredentialsError)).toEqual([true, true]);
  expect(errors.map((error) => error instanceof RpcError)).toEqual([true, false]);
});
