// SPDX-License-Identifier: Apache-2.0
// What is read from errors that other programs printed: whole JSON bodies first, then the words.

import { readPrintedError } from "../../../../src/base/causes/printed-error.js";
import { type CauseId, explainError } from "../../../../src/index.js";

const DANA = "user:dana@example.com";
const ROBOT = "robot@my-project.iam.gserviceaccount.com";
const INFO = "type.googleapis.com/google.rpc.ErrorInfo";
const DENIED = "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).";
const GRANT = `gcloud iam service-accounts add-iam-policy-binding ${ROBOT} --member=${DANA} --role=roles/iam.serviceAccountTokenCreator --condition=None`;

const BODY = JSON.stringify(
  {
    error: {
      code: 403,
      message: DENIED,
      status: "PERMISSION_DENIED",
      details: [
        {
          "@type": INFO,
          reason: "IAM_PERMISSION_DENIED",
          domain: "iam.googleapis.com",
          metadata: { permission: "iam.serviceAccounts.getAccessToken" },
        },
      ],
    },
  },
  null,
  2,
);

describe("a printed error", () => {
  test.each<[string, CauseId, string]>([
    ["curl", "role-missing", BODY],
    ["curl -i", "role-missing", `HTTP/2 403\ncontent-type: application/json\n\n${BODY}`],
    [
      "Python's impersonated credentials",
      "role-missing",
      `google.auth.exceptions.RefreshError: ('Unable to acquire impersonated credentials', '${BODY.replaceAll("\n", "\\n").replaceAll("'", "\\'")}\\n')`,
    ],
    [
      "Python's api_core",
      "role-missing",
      `google.api_core.exceptions.PermissionDenied: 403 ${DENIED} [reason: "IAM_PERMISSION_DENIED"\ndomain: "iam.googleapis.com"\nmetadata {\n  key: "permission"\n  value: "iam.serviceAccounts.getAccessToken"\n}\n]`,
    ],
    [
      "Python's refresh",
      "login-expired",
      "google.auth.exceptions.RefreshError: ('invalid_grant: Bad Request', {'error': 'invalid_grant', 'error_description': 'Bad Request'})",
    ],
    [
      "Python's clock",
      "clock-wrong",
      "google.auth.exceptions.RefreshError: ('invalid_grant: Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.', {'error': 'invalid_grant'})",
    ],
    [
      "Python's default credentials",
      "credentials-missing",
      "google.auth.exceptions.DefaultCredentialsError: Your default credentials were not found. To set up Application Default Credentials, see https://cloud.google.com/docs/authentication/external/set-up-adc for more information.",
    ],
    [
      "Go's gRPC",
      "role-missing",
      `rpc error: code = PermissionDenied desc = ${DENIED}\nerror details: name = ErrorInfo reason = IAM_PERMISSION_DENIED domain = iam.googleapis.com metadata = map[permission:iam.serviceAccounts.getAccessToken]`,
    ],
    ["Go's impersonate", "role-missing", `impersonate: status code 403: ${BODY}`],
    [
      "Go's REST, API disabled",
      "api-disabled",
      'googleapi: Error 403: IAM Service Account Credentials API has not been used in project 123456 before or it is disabled.\nDetails:\n[\n  {\n    "@type": "type.googleapis.com/google.rpc.ErrorInfo",\n    "domain": "googleapis.com",\n    "metadata": {\n      "consumer": "projects/123456",\n      "service": "iamcredentials.googleapis.com"\n    },\n    "reason": "SERVICE_DISABLED"\n  }\n]\n, accessNotConfigured',
    ],
    [
      "Go's default credentials",
      "credentials-missing",
      "google: could not find default credentials. See https://cloud.google.com/docs",
    ],
    [
      "gcloud",
      "role-missing",
      `ERROR: (gcloud.auth.print-access-token) PERMISSION_DENIED: Failed to impersonate [${ROBOT}]. Make sure the account that's trying to impersonate it has access to the service account itself and the "roles/iam.serviceAccountTokenCreator" role.`,
    ],
    [
      "gcloud's YAML",
      "scope-insufficient",
      "ERROR: (gcloud.x) PERMISSION_DENIED: Request had insufficient authentication scopes.\n- '@type': type.googleapis.com/google.rpc.ErrorInfo\n  domain: googleapis.com\n  reason: ACCESS_TOKEN_SCOPE_INSUFFICIENT",
    ],
    [
      "gcloud's login",
      "login-expired",
      "ERROR: Reauthentication failed. cannot prompt during non-interactive execution.",
    ],
    [
      "gaxios",
      "quota-project-denied",
      "GaxiosError: Caller does not have required permission to use project my-project. Grant the caller the roles/serviceusage.serviceUsageConsumer role {\n  code: 403,\n  errors: [ { reason: 'forbidden' } ],\n  details: [ { '@type': 'x/google.rpc.ErrorInfo', reason: 'USER_PROJECT_DENIED', metadata: { consumer: 'projects/my-project' } } ]",
    ],
    [
      "Node's network",
      "host-unresolved",
      "Error: getaddrinfo ENOTFOUND iamcredentials.googleapis.com\n  errno: -3008,\n  code: 'ENOTFOUND'",
    ],
    [
      "Python's TLS",
      "certificate-untrusted",
      "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self signed certificate in certificate chain'))",
    ],
    [
      "this package, of an exchange",
      "exchange-throttled",
      "CredentialsError: credentialsFile: could not get a token with /x.json (resource_exhausted: Quota exceeded for quota metric.)",
    ],
    [
      "the metadata server",
      "exchange-throttled",
      "Failed to retrieve http://metadata.google.internal/computeMetadata/v1/x/token from the Google Compute Engine metadata service. Last exception: the response status was 429",
    ],
    [
      "Node's TLS, without HTTP/2",
      "http2-unavailable",
      "Error: 00A0:error:0A000460:SSL routines:ssl3_read_bytes:tlsv1 alert no application protocol:\n  code: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL'",
    ],
    ["a key that was deleted", "key-refused", "GaxiosError: invalid_grant: Invalid JWT Signature."],
    [
      "the GKE metadata server",
      "account-absent",
      `Unable to generate access token; IAM returned 404 Not Found: Not found; Gaia id not found for email ${ROBOT}`,
    ],
    [
      "VPC Service Controls",
      "vpc-service-controls",
      "403 Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: AbCd_1234-xyz",
    ],
  ])("of %s shows %s", (_program, cause, printed) => {
    expect(explainError(printed)?.cause).toBe(cause);
  });

  test("gives names to the commands", () => {
    const [command] = explainError(BODY, { caller: DANA, target: ROBOT })?.commands ?? [];
    expect(command).toBe(GRANT);
    const gcloud = explainError(`PERMISSION_DENIED: Failed to impersonate [${ROBOT}].`, { caller: DANA });
    expect(gcloud).toMatchObject({ isCertain: false, commands: [GRANT] });
    const go = "googleapi: Error 403: X API has not been used in project 123456 before or it is disabled.";
    expect(explainError(go)?.commands).toEqual([
      "gcloud services enable iamcredentials.googleapis.com --project=123456",
    ]);
    const perimeter = explainError("vpcServiceControlsUniqueIdentifier: AbCd_1234-xyz");
    expect(perimeter).toMatchObject({ isCertain: false });
    expect(perimeter?.commands[0]).toContain("AbCd_1234-xyz");
  });

  test("is read in a log of any length and with braces that close nowhere, in time that grows with it", () => {
    expect(explainError("{".repeat(200_000))).toBeUndefined();
    expect(explainError(`${"x {".repeat(1000)} ${BODY}`)?.cause).toBe("role-missing");
  });
});

describe("reading a printed error", () => {
  /** What is read from the words, which comes last. */
  const words = (printed: string) => readPrintedError(printed).at(-1);

  test.each([
    ["PERMISSION_DENIED: no", "PERMISSION_DENIED"],
    ["rpc error: code = ResourceExhausted desc = later", "RESOURCE_EXHAUSTED"],
    ["google.api_core.exceptions.NotFound: 404 gone", "NOT_FOUND"],
    ["googleapi: Error 403: no", "PERMISSION_DENIED"],
    ["HTTP/2 401", "UNAUTHENTICATED"],
    ["status code: 429", "RESOURCE_EXHAUSTED"],
    ["UNKNOWN: StatusCode.UNAVAILABLE", "UNAVAILABLE"],
    ["MY_PERMISSION_DENIED_COUNT", undefined],
    ["there are 403 robots", undefined],
    ["OK", undefined],
  ])("finds in %j the status %s", (printed, status) => {
    expect(words(printed)?.status).toBe(status);
  });

  test.each([
    ['reason: "IAM_PERMISSION_DENIED"', "IAM_PERMISSION_DENIED"],
    ["'reason': 'SERVICE_DISABLED'", "SERVICE_DISABLED"],
    ["reason = RATE_LIMIT_EXCEEDED", "RATE_LIMIT_EXCEEDED"],
    ["reason: forbidden", undefined],
  ])("finds in %j the reason %s", (printed, reason) => {
    expect(words(printed)?.reason).toBe(reason);
  });

  test.each([
    ['"permission": "iam.serviceAccounts.signJwt"', { permission: "iam.serviceAccounts.signJwt" }],
    ["map[consumer:projects/1 service:x.googleapis.com]", { consumer: "projects/1", service: "x.googleapis.com" }],
    ['key: "quota_limit" value: "Generate per minute"', { quota_limit: "Generate per minute" }],
    ["authorization: ya29.x", {}],
  ])("finds in %j the metadata that explanations use", (printed, metadata) => {
    expect(words(printed)?.metadata).toEqual(metadata);
  });

  it("finds the codes of OAuth, of Node and of OpenSSL", () => {
    expect(words("('invalid_grant: Bad Request')")?.oauthError).toBe("invalid_grant");
    expect(words("connect ECONNREFUSED 1.2.3.4:443")?.systemCode).toBe("ECONNREFUSED");
    expect(words("DEPTH_ZERO_SELF_SIGNED_CERT")?.systemCode).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
  });

  it("takes what JSON bodies say before the words, and passes over those that say nothing", () => {
    const facts = readPrintedError('{"a": 1} {"error": {"code": 404, "message": "gone"}} UNAVAILABLE');
    expect(facts.map(({ status }) => status)).toEqual(["NOT_FOUND", "UNAVAILABLE"]);
  });

  it("is not led astray by braces within text", () => {
    const [first] = readPrintedError('{"error": {"code": 403, "message": "} \\" {"}}');
    expect(first).toMatchObject({ status: "PERMISSION_DENIED", text: '} " {' });
  });

  it("looks at the first 100,000 characters", () => {
    expect(words(`${"x".repeat(100_000)} PERMISSION_DENIED`)?.status).toBeUndefined();
    expect(words(`${"x ".repeat(49_000)} PERMISSION_DENIED`)?.status).toBe("PERMISSION_DENIED");
  });
});
