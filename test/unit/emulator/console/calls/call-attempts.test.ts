// SPDX-License-Identifier: Apache-2.0
// Which calls are attempts at one.

import { findAttempts } from "../../../../../src/emulator/console/calls/call-attempts.js";
import { aCall } from "../a-call.js";

it("finds the attempts before and after a call, and no call of another", () => {
  const calls = [
    aCall({ id: 1, attempt: 1 }),
    aCall({ id: 2, attempt: 2 }),
    aCall({ id: 3, attempt: 1, principal: "user:erin@example.com" }),
    aCall({ id: 4, attempt: 3, status: "OK" }),
    aCall({ id: 5, attempt: 1 }),
  ];
  for (const call of [calls[0], calls[1], calls[3]]) {
    expect(findAttempts(calls, call ?? aCall()).map(({ id }) => id)).toEqual([1, 2, 4]);
  }
  expect(findAttempts(calls, calls[4] ?? aCall()).map(({ id }) => id)).toEqual([5]);
});

it("has a call that is forgotten by itself", () => {
  expect(findAttempts([], aCall({ id: 9 })).map(({ id }) => id)).toEqual([9]);
});

it("takes a call whose account was not read, since a fault struck before, for an attempt at the one that follows", () => {
  const { serviceAccount: _, ...struck } = aCall({ id: 1, status: "UNAVAILABLE", faultId: 1 });
  const calls = [struck, aCall({ id: 2, attempt: 2, status: "OK" })];
  expect(findAttempts(calls, struck).map(({ id }) => id)).toEqual([1, 2]);
  expect(findAttempts(calls, calls[1] ?? struck).map(({ id }) => id)).toEqual([1, 2]);
});
