// SPDX-License-Identifier: Apache-2.0
// What a fault may be, how what is wrong with one reads, and what a refusal of one says.

import { describe, expect, it, test } from "@jest/globals";
import { object } from "../../../../../src/base/options/checks.js";
import { ConnectionFaultError, FAULT, InjectedError } from "../../../../../src/emulator/world/faults/fault.js";
import { readOption } from "../../../../../src/emulator/world/refusals/refuse-option.js";

const read = (fault: unknown) => readOption(object(FAULT), fault, "fault");

describe("a fault", () => {
  test.each([
    [{ delayMs: 0 }],
    [{ status: { code: "UNAVAILABLE" } }],
    [{ status: { code: 14 }, delayMs: 5, times: 1, attempt: 2, method: "SignBlob", principal: "owner" }],
    [{ connection: "goaway", times: Number.POSITIVE_INFINITY }],
    [{ contentType: "text/html" }],
  ])("may be %j", (fault) => {
    expect(() => read(fault)).not.toThrow();
  });

  const ENDINGS = "must have delayMs, or one of status, connection and contentType, or both";
  test.each([
    [{}, `fault ${ENDINGS}`],
    [{ times: 1 }, `fault ${ENDINGS}`],
    [{ status: { code: 14 }, connection: "reset" }, `fault ${ENDINGS}`],
    [{ delay: 5 }, "fault.delay is not a field of a fault; valid names are method, principal, attempt"],
    [{ status: {} }, "fault.status.code is missing"],
    [{ status: { code: "OK" } }, 'fault.status.code must be a canonical code other than OK, not "OK"'],
    [{ status: { code: 17 } }, "fault.status.code must be a canonical code other than OK, not 17"],
    [
      { status: { code: 14, reason: "X" } },
      "fault.status.reason is not a field of a status; valid names are code, message, details",
    ],
    [{ status: { code: 14, details: [5] } }, "fault.status.details[0] must be an object"],
    [
      { connection: "explode" },
      'fault.connection must be one of hang, reset, half-close, goaway, garbage, truncate, not "explode"',
    ],
    [{ delayMs: 2 ** 31 }, "fault.delayMs must be a number of milliseconds from 0 to 2147483647, not 2147483648"],
    [{ delayMs: -1 }, "fault.delayMs must be a number of milliseconds"],
    [{ delayMs: 1, times: 0 }, "fault.times must be an integer of at least 1, or Infinity, not 0"],
    [{ delayMs: 1, attempt: 0 }, "fault.attempt must be an integer of at least 1, not 0"],
    [{ delayMs: 1, method: "" }, 'fault.method must be a non-empty string, not ""'],
    [{ contentType: "a\nb" }, "fault.contentType must be printable text"],
  ])("may not be %j", (fault, message) => {
    expect(() => read(fault)).toThrow(
      expect.objectContaining({ name: "TypeError", message: expect.stringContaining(message) }),
    );
  });

  it("names a detail that no message can be made of", () => {
    const details = [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: 5 }];
    expect(() => read({ status: { code: 14, details } })).toThrow(/^fault\.status\.details\[0\]: ./);
  });

  it("keeps details as they were when it was set", () => {
    const detail = { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "A", domain: "d" };
    const { status } = read({ status: { code: 14, details: [detail] } });
    detail.reason = "B";
    expect(status?.details).toEqual([{ ...detail, reason: "A" }]);
  });
});

it("a refusal says what was asked for, as JSON and as messages", () => {
  const detail = { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "A", domain: "d" };
  const error = new InjectedError({ code: 14, message: "later", details: [detail] });
  expect(error).toMatchObject({
    name: "ServiceError",
    status: "UNAVAILABLE",
    code: 14,
    message: "later",
    details: [detail],
  });
  expect(error.encodedDetails).toHaveLength(1);
  expect(new InjectedError({ code: "ABORTED" })).toMatchObject({ code: 10, message: "Injected fault.", details: [] });
});

it("a call whose connection was struck has nothing to answer", () => {
  expect(new ConnectionFaultError("reset")).toMatchObject({ status: "UNAVAILABLE", connection: "reset" });
});

it("has the reason of the ErrorInfo among a refusal's details, for the log", () => {
  const info = {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    reason: "SERVICE_DISABLED",
    domain: "googleapis.com",
  };
  expect(new InjectedError({ code: "PERMISSION_DENIED", details: [info] }).reason).toBe("SERVICE_DISABLED");
  expect(new InjectedError({ code: "PERMISSION_DENIED" }).reason).toBeUndefined();
});
