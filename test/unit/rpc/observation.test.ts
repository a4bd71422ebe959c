// SPDX-License-Identifier: Apache-2.0
// What a logger is told of calls and what of their errors, in the order in which it happens. Never a token, and no foreign text.

import { describe, expect, it, test } from "@jest/globals";
import { RpcError } from "../../../src/base/errors.js";
import { LOG_LEVELS, type LogFields, type Logger } from "../../../src/base/logging.js";
import { Telemetry } from "../../../src/base/telemetry.js";
import { type CallObservation, Observation } from "../../../src/rpc/observation.js";
import { rejectionOf } from "../../support/rejection-of.js";

type Entry = [level: string, message: string, fields: LogFields];

const ROW = { label: "IAMCredentials.SignJwt", path: "/google.iam.credentials.v1.IAMCredentials/SignJwt" };
const NOBODY = new Telemetry({ system: "grpc", target: "h:443", tracerProvider: undefined, meterProvider: undefined });
const DENIED = new RpcError({ code: 7, text: "not you", method: ROW.label, transport: "grpc" });

function open(): { entries: Entry[]; observation: Observation; start(): CallObservation } {
  const entries: Entry[] = [];
  const [debug, info, warn, error] = LOG_LEVELS.map(
    (level) =>
      (message: string, fields: LogFields): void =>
        void entries.push([level, message, fields]),
  );
  const observation = new Observation({ debug, info, warn, error } as Logger, NOBODY); // as: there are four levels
  const start = (): CallObservation => {
    const call = observation.startCall(ROW);
    if (call === undefined) throw new Error("somebody listens");
    return call;
  };
  return { entries, observation, start };
}

const rpcName = ROW.label;

describe("a call that is observed", () => {
  it("is told attempt by attempt, in whole milliseconds, a repeated one as a warning", () => {
    const { entries, start } = open();
    const call = start();
    call.addAttempt({ method: rpcName, attempt: 1, durationMs: 12.4, error: DENIED, nextDelayMs: 99.6 });
    call.addAttempt({ method: rpcName, attempt: 2, durationMs: 3.5, error: undefined, nextDelayMs: undefined });
    call.end(115.5, undefined);
    const failed = { attempt: 1, durationMs: 12, status: "PERMISSION_DENIED", error: DENIED.message, nextDelayMs: 100 };
    const ok = { status: "OK", error: undefined };
    expect(entries).toEqual([
      ["warn", "attempt failed, will retry", { rpcName, ...failed }],
      ["debug", "attempt ended", { rpcName, attempt: 2, durationMs: 4, ...ok }],
      ["debug", "call succeeded", { rpcName, durationMs: 116, ...ok }],
    ]);
  });

  test.each<[string, unknown, string | undefined, string]>([
    ["an RpcError by its text", DENIED, "PERMISSION_DENIED", "IAMCredentials.SignJwt: PERMISSION_DENIED: not you"],
    ["another error by its name", new TypeError("Bearer secret"), undefined, "TypeError"],
    [
      "an AbortError of another realm by its name",
      { name: "AbortError", message: "Bearer secret" },
      undefined,
      "AbortError",
    ],
    ["what is no error as unknown", "Bearer secret", undefined, "unknown"],
    ["what has a name that is no text as unknown", { name: 5 }, undefined, "unknown"],
  ])("tells %s, and nothing else of it", (_, error, status, message) => {
    const { entries, start } = open();
    start().end(1, error);
    expect(entries).toEqual([["error", "call failed", { rpcName, durationMs: 1, status, error: message }]]);
    expect(JSON.stringify(entries)).not.toContain("secret");
  });
});

describe("credentials that are asked", () => {
  const metadata = { authorization: "Bearer secret-1" };

  it("are told of when the token is another than at the last look, be it in another call", async () => {
    const { entries, start } = open();
    const first = start();
    expect(await first.askCredentials(() => metadata)).toBe(metadata);
    expect(await first.askCredentials(async () => metadata)).toBe(metadata);
    await start().askCredentials(() => metadata);
    expect(entries).toEqual([["debug", "new token", { rpcName }]]);
    await start().askCredentials(() => ({ authorization: "Bearer secret-2" }));
    expect(entries).toHaveLength(2);
    expect(JSON.stringify(entries)).not.toContain("secret");
  });

  it("that give no authorization have no new token", async () => {
    const { entries, start } = open();
    await start().askCredentials(() => ({}));
    expect(entries).toEqual([]);
  });

  it("answer at once when they can", () => {
    const { start } = open();
    expect(start().askCredentials(() => metadata)).toBe(metadata);
  });

  it("hand on what is no metadata, for somebody else to refuse", () => {
    const { start } = open();
    const nothing = null as unknown as { readonly authorization?: string }; // as: what JavaScript may give
    expect(start().askCredentials(() => nothing)).toBe(null);
  });

  test.each([
    [
      "throw",
      () => {
        throw new Error("Bearer secret");
      },
    ],
    [
      "reject",
      async () => {
        throw new Error("Bearer secret");
      },
    ],
  ])("that %s are told of by the name of the error, which goes on as it is", async (_, ask) => {
    const { entries, start } = open();
    const call = start();
    const error = await rejectionOf((async () => call.askCredentials(ask))());
    expect(error).toMatchObject({ message: "Bearer secret" });
    expect(entries).toEqual([["error", "the credentials did not return a token", { rpcName, error: "Error" }]]);
  });
});

test("nobody is told anything where nobody listens", () => {
  expect(new Observation(undefined, NOBODY).startCall(ROW)).toBeUndefined();
});
