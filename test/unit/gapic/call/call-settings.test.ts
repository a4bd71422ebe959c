// SPDX-License-Identifier: Apache-2.0
// Call options of the drop-in settle as google-gax's do, and nothing that is given is written to.

import { describe, expect, test } from "@jest/globals";
import { Status } from "../../../../src/base/causes/status.js";
import {
  hasBothLimits,
  isSilentOnLimits,
  planOf,
  resolveCallSettings,
} from "../../../../src/gapic/call/call-settings.js";
import type { CallOptions } from "../../../../src/gapic/call/gax-call-options.js";
import { type ClientConfig, methodDefaults } from "../../../../src/gapic/stub/client-config.js";

const codeOf = (name: string): number => Number(Reflect.get(Status, name));
const DEFAULTS = methodDefaults("SignJwt", undefined, codeOf);
const OWN = { routing: undefined, signal: undefined, onAttempt: () => undefined };
const planFor = (options?: CallOptions, config?: ClientConfig) =>
  planOf(resolveCallSettings(methodDefaults("SignJwt", config, codeOf), options), options, OWN);
const backoffSettings = {
  initialRetryDelayMillis: 10,
  retryDelayMultiplier: 2,
  maxRetryDelayMillis: 50,
  initialRpcTimeoutMillis: 100,
  rpcTimeoutMultiplier: 3,
  maxRpcTimeoutMillis: 500,
  totalTimeoutMillis: 1_000,
};

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}

describe("the plan of a call", () => {
  test("has the method's 60 s for the whole and for each attempt where the call says nothing of them", () => {
    const plan = planFor({});
    expect([plan.timeoutMs, plan.retry.attemptTimeout]).toEqual([60_000, 60_000]);
    expect(plan.retry).toMatchObject({
      codes: ["DEADLINE_EXCEEDED", "UNAVAILABLE"],
      initialDelay: 100,
      multiplier: 1.3,
    });
    expect(plan.retry.maxAttempts).toBe(Number.POSITIVE_INFINITY);
  });

  test("takes a timeout for the whole and for each attempt", () => {
    const plan = planFor({ timeout: 200 });
    expect([plan.timeoutMs, plan.retry.attemptTimeout]).toEqual([200, 200]);
  });

  test("takes backoff settings as a whole, and lets the time of attempts grow up to its greatest", () => {
    const plan = planFor({ retry: { backoffSettings } });
    const { attemptTimeout } = resolveCallSettings(DEFAULTS, { retry: { backoffSettings } });
    expect([1, 2, 3].map((attempt) => attemptTimeout?.(attempt))).toEqual([100, 300, 500]);
    expect([plan.timeoutMs, plan.retry.initialDelay, plan.retry.maxDelay]).toEqual([1_000, 10, 50]);
    expect(plan.retry.codes).toEqual(["DEADLINE_EXCEEDED", "UNAVAILABLE"]);
  });

  test("makes one attempt, which has all the time, without retry codes", () => {
    for (const retry of [null, { retryCodes: [] }]) {
      const plan = planFor({ retry, timeout: 300 });
      expect([plan.timeoutMs, plan.retry.maxAttempts, plan.retry.attemptTimeout]).toEqual([
        300,
        1,
        Number.POSITIVE_INFINITY,
      ]);
    }
  });

  test("counts attempts by maxRetries, without a total time", () => {
    const plan = planFor({ maxRetries: 3 });
    expect([plan.retry.maxAttempts, plan.timeoutMs]).toEqual([3, Number.POSITIVE_INFINITY]);
    expect(planFor({ maxRetries: 0 }).retry.maxAttempts).toBe(1);
  });

  test("takes the overrides of the option clientConfig", () => {
    const methods = { SignJwt: { timeout_millis: 5_000, retry_codes_name: "own" } };
    const own = { "google.iam.credentials.v1.IAMCredentials": { retry_codes: { own: ["ABORTED"] }, methods } };
    const plan = planFor({}, { interfaces: own });
    expect([plan.timeoutMs, plan.retry.codes]).toEqual([5_000, ["ABORTED"]]);
  });
});

describe("call options", () => {
  test("are not written to, and neither are the method's defaults", () => {
    const defaults = deepFreeze(methodDefaults("SignJwt", undefined, codeOf));
    const options = deepFreeze({
      timeout: 5,
      maxRetries: 2,
      retry: { backoffSettings },
      otherArgs: { headers: { a: "b" } },
    });
    expect(() => planOf(resolveCallSettings(defaults, options), options, OWN)).not.toThrow();
  });

  test("with any of the four that change times, attempts or what is said of them are told apart from others", () => {
    for (const options of [{ timeout: 5 }, { retry: null }, { maxRetries: 1 }, { apiName: "mine" }]) {
      expect(isSilentOnLimits(options)).toBe(false);
    }
    expect(isSilentOnLimits({ otherArgs: {}, signal: AbortSignal.abort(), maxResults: 3 })).toBe(true);
  });

  test("with both limits are told apart from those with one", () => {
    const both = { retry: { backoffSettings: { ...backoffSettings, maxRetries: 2 } } };
    expect(hasBothLimits(resolveCallSettings(DEFAULTS, both))).toBe(true);
    expect(hasBothLimits(resolveCallSettings(DEFAULTS, { maxRetries: 2 }))).toBe(false);
  });

  test("that only streams have are refused", () => {
    const retryable = { retry: { shouldRetryFn: () => true } };
    expect(() => resolveCallSettings(DEFAULTS, retryable)).toThrow(
      "Using a function to determine retry eligibility is only supported with server streaming calls",
    );
    const resumable = { retry: { getResumptionRequestFn: () => ({}) } };
    expect(() => resolveCallSettings(DEFAULTS, resumable)).toThrow(
      "Resumption strategy can only be used with server streaming retries",
    );
  });
});
