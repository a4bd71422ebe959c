// SPDX-License-Identifier: Apache-2.0
// What is read from errors of the libraries beneath this package, by their shape.

import { readErrorFacts } from "../../../../src/base/causes/error-facts.js";
import { type CauseId, explainError, RpcError } from "../../../../src/index.js";

const DENIED = "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).";

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
      new Error("the token endpoint https://sts.googleapis.com/v1/token returned 429: Too Many Requests"),
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

describe("the facts of an error", () => {
  it("are those of ErrorInfo, the last of several, and the descriptions among the details", () => {
    const info = (reason: string) => ({
      "@type": "type.googleapis.com/google.rpc.ErrorInfo",
      reason,
      metadata: { n: 1, a: "b" },
    });
    const violations = [{ type: "SERVICE", description: "no such service" }, { description: 5 }];
    const [facts] = readErrorFacts({
      code: 9,
      message: "no",
      details: [info("FIRST_ONE"), info("LAST_ONE"), { violations }],
    });
    expect(facts).toEqual({
      status: "FAILED_PRECONDITION",
      reason: "LAST_ONE",
      metadata: { a: "b" },
      oauthError: undefined,
      systemCode: undefined,
      method: undefined,
      text: "no\nSERVICE\nno such service",
    });
  });

  test.each([
    [{ status: "NOT_FOUND", code: 5 }, "NOT_FOUND"],
    [{ code: 7 }, "PERMISSION_DENIED"],
    [{ code: 403 }, "PERMISSION_DENIED"],
    [{ code: "429" }, "RESOURCE_EXHAUSTED"],
    [{ status: 401 }, "UNAUTHENTICATED"],
    [{ status: "Forbidden" }, undefined],
    [{ code: 418 }, undefined],
  ])("have of %j the status %s", (error, status) => {
    expect(readErrorFacts(error)[0]?.status).toBe(status);
  });

  it("tell the codes of Node apart from the names of statuses", () => {
    const codeOf = (code: unknown) => readErrorFacts({ code })[0]?.systemCode;
    expect(["ENOTFOUND", "PERMISSION_DENIED", "404", 404].map(codeOf)).toEqual([
      "ENOTFOUND",
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("begin with the body that an HTTP client's error holds", () => {
    const body = { error: { code: 404, message: "gone", status: "NOT_FOUND" } };
    const facts = readErrorFacts(Object.assign(new Error("Request failed"), { response: { data: body } }));
    expect(facts.map(({ text }) => text)).toEqual(["gone", "Request failed"]);
    const [oauth] = readErrorFacts({
      response: {
        status: 400,
        data: { error: "invalid_grant", error_description: "gone", error_subtype: "invalid_rapt" },
      },
    });
    expect(oauth).toMatchObject({
      status: "INVALID_ARGUMENT",
      oauthError: "invalid_grant",
      text: "invalid_grant: gone: invalid_rapt",
    });
  });

  it("go five errors down, also in a circle, and no further", () => {
    const circle: { cause?: unknown; message: string } = { message: "round" };
    circle.cause = circle;
    expect(readErrorFacts(circle)).toHaveLength(5);
    for (const nothing of [undefined, null, "text", 5]) expect(readErrorFacts(nothing)).toEqual([]);
  });
});
