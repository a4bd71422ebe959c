// SPDX-License-Identifier: Apache-2.0
// ID tokens of impersonated accounts against the emulator.

import { ConfigurationError, ImpersonatedIdTokenCredentials } from "../../../src/index.js";
import { DANA, type ImpersonationStage, openImpersonationStage, ROBOT } from "../../support/impersonation-stage.js";

let stage: ImpersonationStage;
beforeEach(async () => {
  stage = await openImpersonationStage();
});
afterEach(() => stage[Symbol.asyncDispose]());

describe("ID tokens", () => {
  const claimsOf = (token = "") => JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
  const idTokenOf = (options: { includeEmail?: boolean } = {}) =>
    new ImpersonatedIdTokenCredentials({
      clientOptions: stage.emulator.clientOptions(DANA),
      targetPrincipal: ROBOT,
      targetAudience: "https://my-service.example",
      ...options,
    });

  test("a hundred concurrent callers make one RPC; the token is the account's, for the audience, without its e-mail", async () => {
    const caller = idTokenOf();
    const all = await Promise.all(Array.from({ length: 100 }, () => caller.getRequestHeaders()));
    expect(new Set(all.map((headers) => headers.get("authorization"))).size).toBe(1);
    expect(stage.emulator.calls().map(({ method }) => method)).toEqual(["GenerateIdToken"]);
    const claims = claimsOf(caller.token);
    expect(claims).toMatchObject({ aud: "https://my-service.example", iss: "https://accounts.google.com" });
    expect(claims.email).toBeUndefined();
    expect(Number(caller.expiry)).toBe(claims.exp * 1000);
    await caller.close();
  });

  test("copies for another audience and with the e-mail have no token yet and get their own", async () => {
    const caller = idTokenOf();
    await caller.refresh();
    const other = caller.withTargetAudience("https://other.example").withIncludeEmail(true);
    expect([other.token, other.targetAudience, other.includeEmail]).toEqual([undefined, "https://other.example", true]);
    await other.refresh();
    expect(claimsOf(other.token)).toMatchObject({ aud: "https://other.example", email: ROBOT, email_verified: true });
    expect(caller.withQuotaProject("billed").quotaProjectId).toBe("billed");
    await caller.close();
  });

  test("come from impersonated credentials, by the same client and delegates", async () => {
    const robot = stage.asDana({ quotaProjectId: "billed" });
    const caller = ImpersonatedIdTokenCredentials.fromCredentials(robot, { targetAudience: "https://a.example" });
    await caller.refresh();
    expect(caller.client).toBe(robot.client);
    expect(caller.quotaProjectId).toBe("billed");
    expect(claimsOf(await robot.fetchIdToken("https://b.example"))).toMatchObject({
      aud: "https://b.example",
      email: ROBOT,
    });
    await robot.close();
  });

  test("an audience is required, by name", () => {
    const build = () => new ImpersonatedIdTokenCredentials({ targetPrincipal: ROBOT, targetAudience: "" });
    expect(build).toThrow(
      new ConfigurationError("targetAudience: is missing; must be the recipient of the token, often a URL"),
    );
  });
});
