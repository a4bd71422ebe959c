// SPDX-License-Identifier: Apache-2.0
// What the log says of decisions about permissions: hop by hop, with the binding that decided; and who is told of calls.

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { IAMService } from "../../../../../generated/google/iam/admin/v1/iam.js";
import { IAMCredentialsService as rows } from "../../../../../generated/google/iam/credentials/v1/iamcredentials.js";
import type { EmulatorCall } from "../../../../../src/emulator/index.js";
import { ALICE, FIRST, nameOf, SECOND, TARGET, TOKEN_CREATOR } from "../../stage.js";
import { DELEGATION, memberOf, openUngrantedStage, type UngrantedStage } from "../../ungranted-stage.js";

const SIGN_JWT = "iam.serviceAccounts.signJwt";

let stage: UngrantedStage;
beforeEach(async () => {
  stage = await openUngrantedStage({ policyPropagationMs: 60_000 });
});
afterEach(() => stage.close());

const sign = (...delegates: readonly string[]) => ({
  name: nameOf(TARGET),
  delegates: delegates.map(nameOf),
  payload: "{}",
});
const lastCall = (): EmulatorCall | undefined => stage.emulator.calls().at(-1);

describe("the decision of a call", () => {
  test("names the hop that failed, the permission that was missing, and what was not reached", async () => {
    stage.emulator.addGrant({ member: ALICE, role: TOKEN_CREATOR, serviceAccount: FIRST });
    await stage.client.refusal(rows.signJwt, sign(FIRST, SECOND), { token: stage.token });
    expect(lastCall()).toMatchObject({ status: "PERMISSION_DENIED", reason: "IAM_PERMISSION_DENIED" });
    expect(lastCall()?.message).toContain(DELEGATION);
    expect(lastCall()?.permission).toBe(DELEGATION);
    expect(lastCall()?.decision).toEqual([
      {
        from: ALICE,
        to: FIRST,
        permission: DELEGATION,
        outcome: "granted",
        by: { policy: "account", role: TOKEN_CREATOR, member: ALICE },
      },
      { from: memberOf(FIRST), to: SECOND, permission: DELEGATION, outcome: "denied" },
      { from: memberOf(SECOND), to: TARGET, permission: SIGN_JWT, outcome: "notReached" },
    ]);
  });

  test("names a binding of the project, and its condition", async () => {
    const condition = { expression: 'resource.name.startsWith("projects/demo-project")' };
    stage.emulator.addGrant({ member: ALICE, role: TOKEN_CREATOR, project: "demo-project", condition });
    await stage.client.call(rows.signJwt, sign(), { token: stage.token });
    expect(lastCall()?.decision).toEqual([
      expect.objectContaining({
        outcome: "granted",
        by: {
          policy: "project",
          role: TOKEN_CREATOR,
          member: ALICE,
          condition: condition.expression,
          conditionResult: true,
        },
      }),
    ]);
  });

  test("tells a binding whose condition is not met from none", async () => {
    const condition = { expression: 'request.time < timestamp("2001-01-01T00:00:00Z")' };
    stage.emulator.addGrant({ member: ALICE, role: TOKEN_CREATOR, serviceAccount: TARGET, condition });
    await stage.client.refusal(rows.signJwt, sign(), { token: stage.token });
    expect(lastCall()?.decision?.[0]).toMatchObject({
      outcome: "denied",
      by: { condition: condition.expression, conditionResult: false },
    });
  });

  test("tells a binding that is written but not in effect yet, and from when on it will be", async () => {
    const policy = { version: 1, bindings: [{ role: TOKEN_CREATOR, members: [ALICE], condition: undefined }] };
    const request = {
      resource: nameOf(TARGET),
      policy: { ...policy, auditConfigs: [], etag: Buffer.alloc(0) },
      updateMask: undefined,
    };
    await stage.client.call(IAMService.setIamPolicy, request, { token: "owner" });
    await stage.client.refusal(rows.signJwt, sign(), { token: stage.token });
    const by = lastCall()?.decision?.[0]?.by;
    expect([by?.role, by?.member]).toEqual([TOKEN_CREATOR, ALICE]);
    expect(by?.inEffectAt?.getTime()).toBeGreaterThan(Date.now());
    stage.advance(61_000);
    await stage.client.call(rows.signJwt, sign(), { token: stage.token });
    expect(lastCall()?.decision?.[0]?.by).toEqual({ policy: "account", role: TOKEN_CREATOR, member: ALICE });
  });

  test("names no binding for the owner, who needs none", async () => {
    await stage.client.call(rows.signJwt, sign(), { token: "owner" });
    expect(lastCall()?.decision).toEqual([{ from: "owner", to: TARGET, permission: SIGN_JWT, outcome: "granted" }]);
  });
});

describe("a call's record", () => {
  test("names the fault that struck, and over HTTP the status of the answer", async () => {
    stage.emulator.addFault({ method: "SignJwt", status: { code: "UNAVAILABLE" }, times: 1 });
    const response = await fetch(`${stage.emulator.url}/v1/${nameOf(TARGET)}:signJwt`, {
      method: "POST",
      headers: { authorization: "Bearer owner", "content-type": "application/json" },
      body: JSON.stringify({ payload: "{}" }),
    });
    expect(response.status).toBe(503);
    expect(lastCall()).toMatchObject({
      faultId: 1,
      httpStatus: 503,
      status: "UNAVAILABLE",
      message: "Injected fault.",
    });
  });

  test("does not repeat what a malformed request said", async () => {
    await stage.client.refusal(rows.signJwt, { ...sign(), payload: "no JSON: hunter2" }, { token: "owner" });
    expect(lastCall()?.status).toBe("INVALID_ARGUMENT");
    expect(JSON.stringify(lastCall())).not.toContain("hunter2");
  });
});

describe("a listener for calls", () => {
  test("hears each call until it is removed, whatever another listener throws", async () => {
    const heard: number[] = [];
    stage.emulator.on("call", () => {
      throw new Error("nobody's");
    });
    const remove = stage.emulator.on("call", ({ id }) => void heard.push(id));
    await stage.client.call(rows.signJwt, sign(), { token: "owner" });
    await stage.client.call(rows.signJwt, sign(), { token: "owner" });
    remove();
    remove();
    await stage.client.call(rows.signJwt, sign(), { token: "owner" });
    expect(heard).toEqual([1, 2]);
  });

  test("is refused for an event that there is none of", () => {
    // @ts-expect-error: there is no such event
    expect(() => stage.emulator.on("calls", () => {})).toThrow(
      'event must be one of call, state, fault, clock, reset, not "calls"',
    );
  });
});
