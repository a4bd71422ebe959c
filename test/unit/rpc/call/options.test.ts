// SPDX-License-Identifier: Apache-2.0
// What may be said about a call, and who has the last word: row < callDefaults < call options, key by key.

import { type CallDefaults, type CallOptions, ConfigurationError } from "../../../../src/index.js";
import { rejectionOf, rpcErrorOf } from "../../../support/rejection-of.js";
import { SIGN_BLOB, SIGNED, scriptedClient } from "../../../support/scripted-client.js";
import { refuse, reply, silence } from "../../../support/scripted-transport.js";

/** The time given to a single attempt, under defaults and options. */
async function attemptMs(callDefaults: CallDefaults | undefined, options: CallOptions | undefined): Promise<number> {
  const { client, transport } = scriptedClient(() => [reply(SIGNED)], { callDefaults });
  await client.signBlob(SIGN_BLOB, options);
  return transport.calls[0]?.timeoutMs ?? Number.NaN;
}

describe("precedence", () => {
  test.each<[string, CallDefaults | undefined, CallOptions | undefined, number]>([
    ["the row's attempt timeout where nobody says a word", undefined, undefined, 20_000],
    ["empty options as none", {}, {}, 20_000],
    ["undefined as not said", { timeout: undefined, retry: undefined }, { timeout: undefined }, 20_000],
    ["the row's total for a call without retry", undefined, { retry: false }, 60_000],
    ["a default for all calls over the row's", { timeout: 7_000 }, undefined, 7_000],
    ["the call's over the default for all", { timeout: 7_000 }, { timeout: 9_000 }, 9_000],
    ["the call's retry beside the default's timeout", { timeout: 30_000 }, { retry: false }, 30_000],
    ["the default's retry beside the call's timeout", { retry: false }, { timeout: 30_000 }, 30_000],
    [
      "the call's attempt timeout over the default's",
      { retry: { attemptTimeout: 5_000 } },
      { retry: { attemptTimeout: 6_000 } },
      6_000,
    ],
    [
      "the default's attempt timeout beside the call's other key",
      { retry: { attemptTimeout: 5_000 } },
      { retry: { maxAttempts: 1 } },
      5_000,
    ],
    ["the call's policy over a default of none", { retry: false }, { retry: { maxAttempts: 2 } }, 20_000],
    ["no limit at all", { timeout: Number.POSITIVE_INFINITY }, { retry: false }, Number.POSITIVE_INFINITY],
  ])("is %s", async (_name, callDefaults, options, expected) => {
    expect(await attemptMs(callDefaults, options)).toBe(expected);
  });

  test("of metadata is by key: a key of the call's replaces that of the defaults, others stay", async () => {
    const callDefaults = {
      metadata: [
        ["x-a", "default"],
        ["x-a", "again"],
        ["x-b", "default"],
      ] as const,
    };
    const { client, transport } = scriptedClient(() => [reply(SIGNED)], { callDefaults });
    await client.signBlob(SIGN_BLOB, { metadata: { "X-A": "call", "x-c": "call" } });
    await client.signBlob(SIGN_BLOB);
    expect(["x-a", "x-b", "x-c"].map((key) => transport.valuesOf(0, key))).toEqual([["call"], ["default"], ["call"]]);
    expect(transport.valuesOf(1, "x-a")).toEqual(["default", "again"]);
  });

  test("of onAttempt is the call's, else the default's", async () => {
    const heard: string[] = [];
    const callDefaults = { onAttempt: () => heard.push("default") };
    const { client } = scriptedClient(() => [reply(SIGNED)], { callDefaults });
    await client.signBlob(SIGN_BLOB);
    await client.signBlob(SIGN_BLOB, { onAttempt: () => heard.push("call") });
    expect(heard).toEqual(["default", "call"]);
  });

  test("does not reach from one call to the next", async () => {
    const { client, transport } = scriptedClient(() => [reply(SIGNED)]);
    await client.signBlob(SIGN_BLOB, { timeout: 1_000, metadata: { "x-a": "1" } });
    await client.signBlob(SIGN_BLOB);
    expect(transport.calls.map((call) => call.timeoutMs)).toEqual([1_000, 20_000]);
    expect(transport.valuesOf(1, "x-a")).toEqual([]);
  });
});

describe("retry", () => {
  test("of false makes one attempt, and the error is the service's", async () => {
    const { client, transport } = scriptedClient(() => [refuse("UNAVAILABLE", "busy"), reply(SIGNED)]);
    const error = await rpcErrorOf(client.signBlob(SIGN_BLOB, { retry: false }));
    expect(error).toMatchObject({ attempts: 1, message: "IAMCredentials.SignBlob: UNAVAILABLE: busy" });
    expect(transport.calls).toHaveLength(1);
  });

  test("by other codes repeats those and no others", async () => {
    const retry = { codes: ["ABORTED"] as const };
    const { client, clock } = scriptedClient(() => [refuse("ABORTED"), refuse("UNAVAILABLE")]);
    expect(await rpcErrorOf(clock.drive(client.signBlob(SIGN_BLOB, { retry })))).toMatchObject({
      code: 14,
      attempts: 2,
    });
  });

  test("does not cut an attempt that could not be repeated", async () => {
    const retry = { codes: ["UNAVAILABLE"] as const };
    const { client, clock, transport } = scriptedClient((time) => [silence(time)]);
    await rpcErrorOf(clock.drive(client.signBlob(SIGN_BLOB, { retry })));
    expect(transport.calls.map((call) => call.timeoutMs)).toEqual([60_000]);
  });
});

const WRONG: readonly (readonly [key: string, value: unknown, problem: string])[] = [
  ["timeout", 0, "timeout: must be a positive number of milliseconds, or Infinity for none, not 0"],
  ["timeout", -1, "timeout: must be a positive number of milliseconds, or Infinity for none, not -1"],
  ["timeout", Number.NaN, "timeout: must be a positive number of milliseconds, or Infinity for none, not NaN"],
  ["timeout", "5s", "timeout: must be a positive number of milliseconds, or Infinity for none"],
  ["timeout", null, "timeout: must be a positive number of milliseconds, or Infinity for none"],
  ["retry", true, "retry: must be false or an object with"],
  ["retry", { maxAttempts: 0 }, "retry.maxAttempts: must be a positive integer"],
  ["retry", { retries: 3 }, "retry.retries: no such key"],
  ["onAttempt", "log", "onAttempt: must be a function"],
  ["deadline", 5, "deadline: no such call option; valid names are timeout, retry, metadata, "],
];
const WRONG_IN_A_CALL: typeof WRONG = [
  ["signal", {}, "signal: must be an AbortSignal"],
  ["signal", new AbortController(), "signal: must be an AbortSignal"],
  ["metadata", "x", "metadata: must be an object"],
];
const WRONG_FOR_ALL: typeof WRONG = [
  [
    "signal",
    new AbortController().signal,
    "signal: is for one call, not for all; valid names are timeout, retry, metadata, ",
  ],
];

describe("a wrong option", () => {
  test.each([...WRONG, ...WRONG_IN_A_CALL])(
    "%s: %p rejects the call by name, and nothing is sent",
    async (key, value, problem) => {
      const { client, transport, provider } = scriptedClient(() => [reply(SIGNED)]);
      const error = await rejectionOf(client.signBlob(SIGN_BLOB, { [key]: value }));
      expect(error).toBeInstanceOf(ConfigurationError);
      expect(error).toMatchObject({ message: expect.stringContaining(problem) });
      expect([transport.calls.length, provider.asked]).toEqual([0, 0]);
    },
  );

  test.each([...WRONG, ...WRONG_FOR_ALL])(
    "%s: %p in callDefaults throws at construction, with where it stands",
    (key, value, problem) => {
      const construct = () => scriptedClient(() => [reply(SIGNED)], { callDefaults: { [key]: value } });
      expect(construct).toThrow(ConfigurationError);
      expect(construct).toThrow(`callDefaults.${problem}`);
    },
  );

  test.each([[5], ["5s"], [null], [() => undefined]])("%p for the whole rejects the call", async (options) => {
    const { client } = scriptedClient(() => [reply(SIGNED)]);
    const error = await rejectionOf(client.signBlob(SIGN_BLOB, options as never)); // as: wrong on purpose
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error).toMatchObject({ message: "call options: must be an object" });
  });
});
