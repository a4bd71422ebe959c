// SPDX-License-Identifier: Apache-2.0
// The same failures down both transports: what is repeated, and how calls end at a deadline, an abort and a close, is the same.

import { type AgreementStage, FACES, openAgreementStage, QUICK, signJwt } from "../../support/agreement-stage.js";
import { rejectionOf } from "../../support/rejection-of.js";
import { waitUntil } from "../../support/wait-until.js";

describe("both transports", () => {
  let stage: AgreementStage;

  beforeAll(async () => {
    stage = await openAgreementStage();
  });

  afterEach(() => stage.closeClients());

  afterAll(() => stage[Symbol.asyncDispose]());

  test.each([
    ["UNAVAILABLE", 14],
    ["DEADLINE_EXCEEDED", 4],
  ])("repeat %s, and tell of the same attempts", async (status, code) => {
    const failure = { code, message: "not now" };
    const { result, reports } = await stage.agree(
      [failure, failure, { reply: { keyId: "k", signedJwt: "j" } }],
      signJwt,
      QUICK,
    );
    expect(result).toEqual({ keyId: "k", signedJwt: "j" });
    expect(reports).toEqual([
      [1, status, false],
      [2, status, false],
      [3, undefined, true],
    ]);
  });

  it("repeat nothing when told not to", async () => {
    const { error } = await stage.agree({ code: 14, message: "not now" }, signJwt, { retry: false });
    expect(error).toMatchObject({ status: "UNAVAILABLE", attempts: 1 });
  });

  it("repeat an attempt that was cut", async () => {
    const options = { retry: { ...QUICK.retry, attemptTimeout: 1_000 } };
    const { result } = await stage.agree(["silence", { reply: { keyId: "k", signedJwt: "j" } }], signJwt, options);
    expect(result).toEqual({ keyId: "k", signedJwt: "j" });
  });

  it("end at the total deadline, with the last real status", async () => {
    const failure = { code: 14, message: "not now" };
    const { error } = await stage.agree([failure, "silence"], signJwt, { ...QUICK, timeout: 1_500 });
    expect(error).toMatchObject({
      message:
        "IAMCredentials.SignJwt: DEADLINE_EXCEEDED: the deadline of 1500 ms passed after 2 attempts; the last status was UNAVAILABLE: not now",
      attempts: 2,
    });
  });

  it("reject with the signal's own reason, before, during and between attempts", async () => {
    const reason = new Error("enough");
    await stage.agree("silence", signJwt, { signal: AbortSignal.abort(reason) });
    expect(stage.server.calls.rest).toHaveLength(0);
    for (const outcome of ["silence", { code: 14, message: "not now" }] as const) {
      for (const face of FACES) {
        stage.server.reset(() => outcome);
        const controller = new AbortController();
        const options = { signal: controller.signal, retry: { initialDelay: 60_000, maxDelay: 60_000 } };
        const rejection = rejectionOf(signJwt(stage.open(face, { clock: slowest() }), options));
        await waitUntil("the call arrives", () => stage.server.calls[face].length === 1);
        controller.abort(reason);
        expect(await rejection).toBe(reason);
      }
    }
  });

  it("end calls that outstay the client with the same error", async () => {
    stage.server.reset(() => "silence");
    for (const face of FACES) {
      const client = stage.open(face);
      const rejection = rejectionOf(signJwt(client, {}));
      await waitUntil("the call arrives", () => stage.server.calls[face].length === 1);
      await client.close({ gracePeriod: 0 });
      expect(await rejection).toMatchObject({
        name: "ClientClosedError",
        message: "IAMCredentials: the client was closed while the call was in flight",
      });
    }
  });
});

/** Draws the longest delays, so that an abort finds a call between attempts. */
function slowest() {
  return {
    now: () => performance.now(),
    wallNow: () => Date.now(),
    random: () => 0.99,
    schedule: (ms: number, callback: () => void, keepsAlive = true) => {
      const timer = setTimeout(callback, Math.min(ms, 2 ** 31 - 1));
      if (!keepsAlive) timer.unref();
      return () => clearTimeout(timer);
    },
  };
}
