// SPDX-License-Identifier: Apache-2.0
// Which calls the table has, while they come, are filtered, paused and forgotten.

import { ShownCalls } from "../../../../../src/emulator/console/calls/shown-calls.js";
import { aCall } from "../a-call.js";

const calls = [aCall({ id: 1 }), aCall({ id: 2, status: "OK" }), aCall({ id: 3 })];
const idsOf = (shown: ShownCalls) => shown.fitting.map(({ id }) => id);

it("counts all calls and has those that fit", () => {
  const shown = new ShownCalls();
  expect(shown.filter("status!=OK", calls)).toBeUndefined();
  expect(idsOf(shown)).toEqual([1, 3]);
  expect(shown.counts).toEqual([
    ["PERMISSION_DENIED", 2],
    ["OK", 1],
  ]);
  shown.add([aCall({ id: 4 }), aCall({ id: 5, status: "OK" })], 1);
  expect(idsOf(shown)).toEqual([1, 3, 4]);
});

it("counts what comes while it is paused, and has it afterwards", () => {
  const shown = new ShownCalls();
  shown.begin(calls.slice(0, 1));
  shown.pause();
  shown.add(calls.slice(1), 1);
  expect([idsOf(shown), shown.missed]).toEqual([[1], 2]);
  shown.begin(calls);
  expect([idsOf(shown), shown.missed]).toEqual([[1, 2, 3], undefined]);
});

it("forgets what the store has forgotten", () => {
  const shown = new ShownCalls();
  shown.begin(calls);
  shown.add([aCall({ id: 4 })], 3);
  expect(idsOf(shown)).toEqual([3, 4]);
});

it("goes from call to call among those that fit", () => {
  const shown = new ShownCalls();
  shown.filter("status!=OK", calls);
  expect([shown.neighbor(undefined, 1)?.id, shown.neighbor(1, 1)?.id, shown.neighbor(3, -1)?.id]).toEqual([3, 3, 1]);
  expect([shown.neighbor(3, 1), shown.neighbor(2, 1)]).toEqual([undefined, undefined]);
});
