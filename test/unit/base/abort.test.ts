// SPDX-License-Identifier: Apache-2.0
// Many listeners on one signal.

import { getEventListeners } from "node:events";
import { onAbort } from "../../../src/base/abort.js";
import { runProgram } from "../../support/child-program.js";

test("a thousand callbacks are one listener of the signal", () => {
  const { signal } = new AbortController();
  for (let i = 0; i < 1000; i++) onAbort(signal, () => undefined);
  expect(getEventListeners(signal, "abort")).toHaveLength(1);
});

test("a thousand calls that share a signal raise no warning of a leak", async () => {
  const { code, stdout, stderr } = await runProgram("test/unit/base/programs/shared-signal.ts");
  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: "1000 calls ended with the signal's reason\n",
    stderr: "",
  });
});

test("an abort calls each callback once", () => {
  const controller = new AbortController();
  const heard: string[] = [];
  onAbort(controller.signal, () => heard.push("first"));
  onAbort(controller.signal, () => heard.push("second"));
  controller.abort();
  controller.abort();
  expect(heard).toEqual(["first", "second"]);
});

test("a callback that was taken back is not called", () => {
  const controller = new AbortController();
  const heard: string[] = [];
  const takeBack = onAbort(controller.signal, () => heard.push("first"));
  onAbort(controller.signal, () => heard.push("second"));
  takeBack();
  controller.abort();
  expect(heard).toEqual(["second"]);
});

test("a callback that another takes back during the abort is not called", () => {
  const controller = new AbortController();
  const heard: string[] = [];
  onAbort(controller.signal, () => takeBack());
  const takeBack = onAbort(controller.signal, () => heard.push("second"));
  controller.abort();
  expect(heard).toEqual([]);
});

test("a signal that has already aborted never calls back", () => {
  const heard: string[] = [];
  onAbort(AbortSignal.abort(), () => heard.push("first"));
  const controller = new AbortController();
  onAbort(controller.signal, () => onAbort(controller.signal, () => heard.push("second")));
  controller.abort();
  expect(heard).toEqual([]);
});
