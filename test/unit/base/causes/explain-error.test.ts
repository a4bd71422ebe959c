// SPDX-License-Identifier: Apache-2.0
// What errors mean: those of this package, of the libraries beneath it, and those that other programs have printed.

import {
  type CauseId,
  CredentialsError,
  explainError,
  RpcError,
  Status,
  type StatusName,
} from "../../../../src/index.js";

const DANA = "user:dana@example.com";
const ROBOT = "robot@my-project.iam.gserviceaccount.com";
const INFO = "type.googleapis.com/google.rpc.ErrorInfo";
const DENIED = "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).";
const GRANT = `gcloud iam service-accounts add-iam-policy-binding ${ROBOT} --member=${DANA} --role=roles/iam.serviceAccountTokenCreator --condition=None`;

function rpcError(status: StatusName, text: string, info?: { reason: string; metadata?: Record<string, string> }) {
  const details = info === undefined ? [] : [{ "@type": INFO, domain: "googleapis.com", metadata: {}, ...info }];
  return new RpcError({
    code: Status[status],
    text,
    method: "IAMCredentials.GenerateAccessToken",
    transport: "t",
    details,
  });
}

describe("an error of the service", () => {
  test.each<[CauseId, boolean, RpcError]>([
    [
      "role-missing",
      true,
      rpcError("PERMISSION_DENIED", "Changed text.", {
        reason: "IAM_PERMISSION_DENIED",
        metadata: { permission: "iam.serviceAccounts.signJwt" },
      }),
    ],
    ["role-missing", true, rpcError("PERMISSION_DENIED", DENIED)],
    ["role-missing", false, rpcError("PERMISSION_DENIED", "The caller does not have permission")],
    ["account-absent", true, rpcError("NOT_FOUND", `Not found; Gaia id not found for email ${ROBOT}`)],
    ["account-absent", true, rpcError("NOT_FOUND", "Requested entity was not found.")],
    ["account-disabled", false, rpcError("FAILED_PRECONDITION", "Precondition check failed.")],
    ["request-malformed", true, rpcError("INVALID_ARGUMENT", "Request contains an invalid argument.")],
    ["lifetime-too-long", true, rpcError("INVALID_ARGUMENT", "The access token lifetime cannot exceed 3600 seconds.")],
    ["scope-insufficient", true, rpcError("PERMISSION_DENIED", "?", { reason: "ACCESS_TOKEN_SCOPE_INSUFFICIENT" })],
    ["token-expired", true, rpcError("UNAUTHENTICATED", "?", { reason: "ACCESS_TOKEN_EXPIRED" })],
    ["token-bound", true, rpcError("UNAUTHENTICATED", "?", { reason: "ACCESS_TOKEN_TYPE_UNSUPPORTED" })],
    ["token-refused", true, rpcError("UNAUTHENTICATED", "Request had invalid authentication credentials.")],
    ["quota-exhausted", true, rpcError("RESOURCE_EXHAUSTED", "?", { reason: "RATE_LIMIT_EXCEEDED" })],
    ["quota-project-denied", true, rpcError("PERMISSION_DENIED", "?", { reason: "USER_PROJECT_DENIED" })],
    ["vpc-service-controls", false, rpcError("PERMISSION_DENIED", "?", { reason: "SECURITY_POLICY_VIOLATED" })],
    ["organization-restricted", false, rpcError("PERMISSION_DENIED", "?", { reason: "LOCATION_POLICY_VIOLATED" })],
  ])("shows %s (certain: %s)", (cause, isCertain, error) => {
    expect(explainError(error)).toMatchObject({ cause, isCertain });
    expect(error.help).toEqual({ cause, page: `iam-credentials-client/docs/troubleshooting.md#${cause}` });
  });

  test("names who needs what, and the command", () => {
    const why = explainError(rpcError("PERMISSION_DENIED", DENIED), { caller: DANA, target: ROBOT });
    expect(why).toEqual({
      cause: "role-missing",
      isCertain: true,
      text: `${DANA} lacks iam.serviceAccounts.getAccessToken on ${ROBOT}: it takes the role Service Account Token Creator, on the account itself`,
      commands: [GRANT],
      runBy: "whoever has roles/iam.serviceAccountAdmin on the account",
      isTransient: false,
    });
  });

  test("of an account that acts as itself is told as that", () => {
    const why = explainError(rpcError("PERMISSION_DENIED", DENIED), {
      caller: `serviceAccount:${ROBOT}`,
      target: `projects/-/serviceAccounts/${ROBOT}`,
    });
    expect(why?.cause).toBe("self-grant-missing");
    expect(why?.commands).toEqual([GRANT.replace(DANA, `serviceAccount:${ROBOT}`)]);
  });

  test("about a disabled API names service and consumer, and gcloud's own project is another cause", () => {
    const disabled = (consumer: string) =>
      explainError(
        rpcError("PERMISSION_DENIED", "?", {
          reason: "SERVICE_DISABLED",
          metadata: { service: "iamcredentials.googleapis.com", consumer },
        }),
      );
    expect(disabled("projects/123456")?.commands).toEqual([
      "gcloud services enable iamcredentials.googleapis.com --project=123456",
    ]);
    for (const own of ["32555940559", "764086051850"]) {
      expect(disabled(`projects/${own}`)?.cause).toBe("quota-project-missing");
    }
  });

  test("says whether waiting helps", () => {
    const quota = rpcError("RESOURCE_EXHAUSTED", "?", {
      reason: "RATE_LIMIT_EXCEEDED",
      metadata: { quota_limit: "GenerateCredentialsPerMinute", quota_limit_value: "60000" },
    });
    expect(explainError(quota)).toMatchObject({ isTransient: true });
    expect(explainError(quota)?.text).toContain("GenerateCredentialsPerMinute = 60000");
    expect(explainError(rpcError("PERMISSION_DENIED", DENIED))?.isTransient).toBe(false);
  });

  test.each([
    rpcError("PERMISSION_DENIED", "?", {
      reason: "IAM_PERMISSION_DENIED",
      metadata: { permission: "storage.objects.get" },
    }),
    rpcError("INTERNAL", "Internal error encountered."),
    rpcError("CANCELLED", "cancelled"),
    new RpcError({
      code: 9,
      text: "Precondition check failed.",
      method: "IAM.CreateServiceAccountKey",
      transport: "t",
    }),
  ])("that shows nothing of this is not explained: %s", (error) => {
    expect(explainError(error)).toBeUndefined();
    expect(error.help).toBeUndefined();
  });

  test("is found beneath the error of the credentials that it failed", () => {
    const cause = rpcError("PERMISSION_DENIED", DENIED);
    const error = new CredentialsError("the credentials gave no token", { cause });
    expect(error.help?.cause).toBe("role-missing");
    expect(explainError(error, { target: ROBOT })?.commands[0]).toContain("--member=CALLER ");
  });
});

describe("an error of the libraries", () => {
  const gaxios = (status: number, data: unknown) =>
    Object.assign(new Error(`Request failed with status code ${status}`), {
      status,
      code: String(status),
      response: { status, data },
    });
  test.each<[CauseId, unknown]>([
    [
      "clock-wrong",
      gaxios(400, {
        error: "invalid_grant",
        error_description: "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.",
      }),
    ],
    [
      "login-expired",
      gaxios(400, { error: "invalid_grant", error_description: "reauth related error (invalid_rapt)" }),
    ],
    ["login-expired", gaxios(400, { error: "invalid_grant", error_description: "Token has been expired or revoked." })],
    ["key-refused", gaxios(400, { error: "invalid_grant", error_description: "Invalid JWT Signature." })],
    ["role-missing", gaxios(403, { error: { code: 403, message: DENIED, status: "PERMISSION_DENIED", details: [] } })],
    [
      "credentials-missing",
      new Error("Could not load the default credentials. Browse to https://cloud.google.com/docs"),
    ],
    [
      "exchange-throttled",
      new Error("the token endpoint https://sts.googleapis.com/v1/token said 429: Too Many Requests"),
    ],
    ["host-unresolved", Object.assign(new Error("getaddrinfo ENOTFOUND x"), { code: "ENOTFOUND" })],
    ["host-unreachable", Object.assign(new Error("connect ECONNREFUSED 1.2.3.4:443"), { code: "ECONNREFUSED" })],
    ["certificate-untrusted", Object.assign(new Error("?"), { code: "SELF_SIGNED_CERT_IN_CHAIN" })],
    [
      "certificate-untrusted",
      new RpcError({ code: 14, text: "x", method: "m", transport: "t", cause: { code: "CERT_HAS_EXPIRED" } }),
    ],
    // google-gax: the code is a number, details is text, the array stands in statusDetails
    ["scope-insufficient", { code: 7, details: "?", reason: "ACCESS_TOKEN_SCOPE_INSUFFICIENT", statusDetails: [] }],
  ])("shows %s", (cause, error) => {
    expect(explainError(error)?.cause).toBe(cause);
  });

  test("that is nothing of this kind, or no error at all, is not explained", () => {
    for (const error of [undefined, null, 5, "", "hello", {}, [], new TypeError("x is undefined")]) {
      expect(explainError(error)).toBeUndefined();
    }
  });
});

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

test("what stands in no explanation is what an error holds beside names: neither tokens nor bodies are repeated", () => {
  const secret = ["ya29", "not-a-real-token-but-long-enough"].join(".");
  const printed = `${BODY} authorization: Bearer ${secret} consumer: ${secret}`;
  expect(JSON.stringify(explainError(printed, { caller: DANA, target: ROBOT }))).not.toContain(secret);
});
