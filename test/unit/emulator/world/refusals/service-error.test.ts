// SPDX-License-Identifier: Apache-2.0
// What refusals say, word for word: code, text and ErrorInfo.

import { expect, it, test } from "@jest/globals";
import * as refusals from "../../../../../src/emulator/world/refusals/service-error.js";

const IDENTITY = {
  method: "google.iam.credentials.v1.IAMCredentials.SignBlob",
  service: "iamcredentials.googleapis.com",
};
const EXPECTED =
  "Expected OAuth 2 access token, login cookie or other valid authentication credential. " +
  "See https://developers.google.com/identity/sign-in/web/devconsole-project.";
const INVALID = `Request had invalid authentication credentials. ${EXPECTED}`;
const google = (reason: string, metadata: object = IDENTITY) => ({ reason, domain: "googleapis.com", metadata });

test.each<[string, refusals.ServiceError, number, string, unknown]>([
  [
    "a request that no state could serve",
    refusals.invalidArgument(),
    3,
    "Request contains an invalid argument.",
    undefined,
  ],
  [
    "an account that does not exist",
    refusals.accountNotFound("a@p.iam.gserviceaccount.com"),
    5,
    "Not found; Gaia id not found for email a@p.iam.gserviceaccount.com",
    undefined,
  ],
  [
    "a user where an account is wanted",
    refusals.accountNotFound("a@example.com"),
    5,
    "Requested entity was not found.",
    undefined,
  ],
  [
    "a missing permission",
    refusals.permissionDenied("iam.serviceAccounts.signBlob"),
    7,
    "Permission 'iam.serviceAccounts.signBlob' denied on resource (or it may not exist).",
    {
      reason: "IAM_PERMISSION_DENIED",
      domain: "iam.googleapis.com",
      metadata: { permission: "iam.serviceAccounts.signBlob" },
    },
  ],
  [
    "no token",
    refusals.credentialsMissing(IDENTITY),
    16,
    `Request is missing required authentication credential. ${EXPECTED}`,
    google("CREDENTIALS_MISSING"),
  ],
  ["a token that is none", refusals.credentialsInvalid(), 16, INVALID, undefined],
  [
    "a token of a disabled account",
    refusals.accountStateInvalid("serviceAccount:a@b.example", IDENTITY),
    16,
    INVALID,
    google("ACCOUNT_STATE_INVALID", { ...IDENTITY, email: "a@b.example" }),
  ],
  [
    "a bound token without its certificate",
    refusals.tokenTypeUnsupported(IDENTITY),
    16,
    INVALID,
    google("ACCESS_TOKEN_TYPE_UNSUPPORTED"),
  ],
  [
    "scopes that do not cover it",
    refusals.scopeInsufficient(IDENTITY),
    7,
    "Request had insufficient authentication scopes.",
    google("ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
  ],
  ["a state that it can't be served in", refusals.preconditionFailed(), 9, "Precondition check failed.", undefined],
  ["a fault of the emulator itself", refusals.internalError(), 13, "Internal error encountered.", undefined],
])("%s", (_, error, code, message, info) => {
  expect(error).toMatchObject({ name: "ServiceError", code, message, violations: [], preconditions: [], links: [] });
  expect(error.info).toEqual(info);
});

it("a lifetime over the limit tells the way to a longer one, where there is one", () => {
  expect(refusals.lifetimeTooLong(3600).message).toMatch(
    /^The access token lifetime cannot exceed 3600 seconds\. If .*constraints\/iam\.allowServiceAccountCredentialLifetimeExtension\.$/,
  );
  expect(refusals.lifetimeTooLong(43_200).message).toBe("The access token lifetime cannot exceed 43200 seconds.");
});
