// SPDX-License-Identifier: Apache-2.0
// Which cause an error shows where more than one rule fits: reason before text, the code where it is known, and how sure that is.

import { CAUSE_IDS, type CauseId, classifyError } from "../../../../src/base/causes/classify.js";
import type { ErrorFacts } from "../../../../src/base/causes/error-facts.js";

const NOTHING: ErrorFacts = {
  status: undefined,
  reason: undefined,
  metadata: {},
  oauthError: undefined,
  systemCode: undefined,
  method: undefined,
  text: "",
};
const DENIED = "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).";
const classify = (facts: Partial<ErrorFacts>) => classifyError({ ...NOTHING, ...facts });

test.each<[string, Partial<ErrorFacts>, CauseId, boolean]>([
  [
    "a reason goes before a text that says something else",
    { reason: "ACCESS_TOKEN_EXPIRED", text: DENIED },
    "token-expired",
    true,
  ],
  [
    "a disabled API of gcloud's own project is a missing quota project",
    { reason: "SERVICE_DISABLED", metadata: { consumer: "projects/32555940559" } },
    "quota-project-missing",
    true,
  ],
  [
    "of another's it is disabled",
    { reason: "SERVICE_DISABLED", metadata: { consumer: "projects/1" } },
    "api-disabled",
    true,
  ],
  [
    "the same by words alone",
    { text: "X has not been used in project 764086051850 before" },
    "quota-project-missing",
    true,
  ],
  [
    "the same by words of another project",
    { text: "X API has not been used in project 7 before or it is disabled" },
    "api-disabled",
    true,
  ],
  [
    "a permission of a chain is the role, whatever the text",
    { reason: "IAM_PERMISSION_DENIED", metadata: { permission: "iam.serviceAccounts.signBlob" } },
    "role-missing",
    true,
  ],
  ["the text counts where the code is not known", { text: DENIED }, "role-missing", true],
  [
    "a bare refusal may be the role",
    { status: "PERMISSION_DENIED", text: "403: The caller does not have permission" },
    "role-missing",
    false,
  ],
  [
    "invalid_grant of a login is an old login",
    { oauthError: "invalid_grant", text: "invalid_grant: Bad Request" },
    "login-expired",
    true,
  ],
  [
    "invalid_grant of an assertion with a wrong clock is the clock",
    { oauthError: "invalid_grant", text: "Invalid JWT: Token must be a short-lived token" },
    "clock-wrong",
    true,
  ],
  [
    "429 of the token endpoint is its throttling",
    { status: "RESOURCE_EXHAUSTED", text: "https://sts.googleapis.com/v1/token: quota" },
    "exchange-throttled",
    true,
  ],
  [
    "429 of the service is its quota",
    { status: "RESOURCE_EXHAUSTED", text: "Quota exceeded" },
    "quota-exhausted",
    true,
  ],
  ["the code of the network decides without a text", { systemCode: "EAI_AGAIN" }, "host-unresolved", true],
  [
    "a certificate goes before the host that cannot be reached",
    { systemCode: "CERT_HAS_EXPIRED", text: "ECONNREFUSED" },
    "certificate-untrusted",
    true,
  ],
  [
    "a missing account of a method about accounts",
    { status: "NOT_FOUND", method: "IAM.GetServiceAccount", text: "Requested entity was not found." },
    "account-absent",
    true,
  ],
])("%s", (_, facts, cause, isCertain) => {
  expect(classify(facts)).toEqual({ cause, isCertain });
});

test.each<[string, Partial<ErrorFacts>]>([
  ["nothing", {}],
  ["the same words with a code that says something else", { status: "INTERNAL", text: DENIED }],
  [
    "a permission that is no chain's",
    { reason: "IAM_PERMISSION_DENIED", metadata: { permission: "storage.objects.get" } },
  ],
  ["invalid_grant of an assertion without more", { oauthError: "invalid_grant", text: "invalid_grant: assertion" }],
  [
    "a missing role of the admin API",
    { status: "NOT_FOUND", method: "IAM.GetRole", text: "Requested entity was not found." },
  ],
  [
    "a failed precondition of the admin API",
    { status: "FAILED_PRECONDITION", method: "IAM.CreateServiceAccountKey", text: "Precondition check failed." },
  ],
  ["another code of Node's", { systemCode: "ERR_INVALID_ARG_TYPE" }],
])("%s shows no cause", (_, facts) => {
  expect(classify(facts)).toBeUndefined();
});

test("causes have ids of their own", () => {
  expect(new Set(CAUSE_IDS).size).toBe(CAUSE_IDS.length);
});
