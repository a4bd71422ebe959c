// SPDX-License-Identifier: Apache-2.0
// The same refusals down both transports: every field of every error is the same.

import { type AgreementStage, openAgreementStage, QUICK, signJwt } from "../../support/agreement-stage.js";
import type { ScriptedDetail } from "../../support/two-faced-server.js";

describe("both transports", () => {
  let stage: AgreementStage;

  beforeAll(async () => {
    stage = await openAgreementStage();
  });

  afterEach(() => stage.closeClients());

  afterAll(() => stage[Symbol.asyncDispose]());

  test.each(Array.from({ length: 16 }, (_, index) => index + 1))(
    "agree on status %i with an ErrorInfo",
    async (code) => {
      const details: ScriptedDetail[] = [
        ["ErrorInfo", { reason: "R", domain: "iam.googleapis.com", metadata: { permission: "p", __proto__x: "y" } }],
      ];
      const outcome = { code, message: `Text ${code}: "é" 😀 %41 <b>`, details };
      const { error } = await stage.agree(outcome, signJwt, { retry: { ...QUICK.retry, maxAttempts: 2 } });
      expect(error).toMatchObject({
        code,
        reason: "R",
        domain: "iam.googleapis.com",
        attempts: code === 4 || code === 14 ? 2 : 1,
      });
    },
  );

  it("agree on every kind of detail, several at once, the last ErrorInfo winning", async () => {
    const details: ScriptedDetail[] = [
      ["ErrorInfo", { reason: "FIRST" }],
      ["RetryInfo", { retryDelay: { seconds: 1, nanos: 340_012 } }],
      ["DebugInfo", { stackEntries: ["a", "b"], detail: "d" }],
      [
        "QuotaFailure",
        { violations: [{ subject: "s", quotaDimensions: { a: "b" }, quotaValue: 5, futureQuotaValue: 0 }] },
      ],
      ["PreconditionFailure", { violations: [{ type: "TOS", subject: "s", description: "d" }] }],
      ["BadRequest", { fieldViolations: [{ field: "f", localizedMessage: { locale: "de", message: "ö" } }] }],
      ["RequestInfo", { requestId: "r" }],
      ["ResourceInfo", { resourceType: "t", resourceName: "n", owner: "o", description: "d" }],
      ["Help", { links: [{ description: "d", url: "u" }] }],
      ["LocalizedMessage", { locale: "de", message: "nein" }],
      ["ErrorInfo", { reason: "LAST", domain: "d", metadata: {} }],
    ];
    const { error } = await stage.agree({ code: 7, message: "no", details }, signJwt);
    expect(error).toMatchObject({ reason: "LAST", errorMetadata: {} });
    expect((error as { details: unknown[] }).details).toHaveLength(details.length);
  });

  it("agree on an error without text or details", async () => {
    const { error } = await stage.agree({ code: 5, message: "" }, signJwt);
    expect(error).toMatchObject({ message: "IAMCredentials.SignJwt: NOT_FOUND: ", details: [], reason: undefined });
  });
});
