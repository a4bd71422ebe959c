// SPDX-License-Identifier: Apache-2.0
// The message classes that ship, in fewer bytes than protobufjs makes of them, beside those that it makes.

import { join } from "node:path";
import { ROOT, runNode } from "../gates/repository.js";

const PROGRAM = join(__dirname, "programs/classes.cjs");

describe("the message classes of the drop-in", () => {
  it("do with values of every kind in every field what protobufjs's own do", async () => {
    const modules = ["build/parts/message-classes.js", "generated/protobufjs/messages.js"];
    const [ours, theirs] = await Promise.all(modules.map((module) => runNode([PROGRAM, join(ROOT, module)])));
    expect([ours?.exitCode, ours?.stderr]).toEqual([0, ""]);
    const [lines, expected] = [ours, theirs].map((outcome) => outcome?.stdout.split("\n") ?? []);
    expect(expected?.length).toBeGreaterThan(60);
    for (const [index, line] of (expected ?? []).entries()) expect(lines?.[index]).toBe(line);
  }, 240_000);
});
