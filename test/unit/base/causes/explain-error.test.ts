// SPDX-License-Identifier: Apache-2.0
// What errors of this package mean, and what is never repeated of any.

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
      text: `${DANA} lacks iam.serviceAccounts.getAccessToken on ${ROBOT}: it needs the role Service Account Token Creator on the account itself`,
      commands: [GRANT],
      runBy: "anyone with roles/iam.serviceAccountAdmin on the account",
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
    const error = new CredentialsError("the credentials did not return a token", { cause });
    expect(error.help?.cause).toBe("role-missing");
    expect(explainError(error, { target: ROBOT })?.commands[0]).toContain("--member=CALLER ");
  });
});

test("is pure: it says the same of a frozen error each time, opens nothing and leaves the environment as it is", () => {
  const body = Object.freeze({ error: Object.freeze({ code: 403, message: DENIED, status: "PERMISSION_DENIED" }) });
  const before = [process.getActiveResourcesInfo(), { ...process.env }];
  expect(explainError(body)).toEqual(explainError(body));
  expect(explainError(body)?.cause).toBe("role-missing");
  expect([process.getActiveResourcesInfo(), { ...process.env }]).toEqual(before);
});

test("what stands in no explanation is what an error holds beside names: neither tokens nor bodies are repeated", () => {
  const secret = ["ya29", "not-a-real-token-but-long-enough"].join(".");
  const printed = `{"error": {"code": 403, "message": ${JSON.stringify(DENIED)}}} authorization: Bearer ${secret} consumer: ${secret}`;
  expect(JSON.stringify(explainError(printed, { caller: DANA, target: ROBOT }))).not.toContain(secret);
});
