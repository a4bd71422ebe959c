// SPDX-License-Identifier: Apache-2.0
// Signals of two, lent to one call after another.

import { expect, test } from "@jest/globals";
import { joinSignals } from "../../../../src/rpc/transport/joined-signal.js";

test.each([0, 1])("aborts with signal %d of two, and with its reason", (which) => {
  const controllers = [new AbortController(), new AbortController()] as const;
  const { signal, release } = joinSignals(controllers[0].signal, controllers[1].signal);
  expect(signal.aborted).toBe(false);
  controllers[which]?.abort("enough");
  expect(signal).toMatchObject({ aborted: true, reason: "enough" });
  release();
});

test("has aborted already where one of the two has", () => {
  const { signal } = joinSignals(new AbortController().signal, AbortSignal.abort("before"));
  expect(signal).toMatchObject({ aborted: true, reason: "before" });
});

test("serves one call after another, and does not follow the signals of the one before", () => {
  const before = new AbortController();
  const first = joinSignals(before.signal, before.signal);
  first.release();
  first.release();
  const second = joinSignals(new AbortController().signal, new AbortController().signal);
  const third = joinSignals(new AbortController().signal, new AbortController().signal);
  expect(second.signal).toBe(first.signal);
  expect(third.signal).not.toBe(first.signal);
  before.abort();
  expect(second.signal.aborted).toBe(false);
});

test("is not lent again once it has aborted", () => {
  const controller = new AbortController();
  const first = joinSignals(controller.signal, controller.signal);
  controller.abort();
  first.release();
  const second = joinSignals(new AbortController().signal, new AbortController().signal);
  expect(second.signal).not.toBe(first.signal);
  expect(second.signal.aborted).toBe(false);
});
