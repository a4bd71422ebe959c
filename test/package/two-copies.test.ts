// SPDX-License-Identifier: Apache-2.0
// The package as it is built, loaded twice in one process: parts that load late belong to the copy that needs them.

import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { runNode } from "../gates/repository.js";

describe("two copies of the package", () => {
  it("each throw errors of their own classes, whichever loads a part first", async () => {
    const { exitCode, stdout, stderr } = await runNode([join(__dirname, "programs/two-copies.cjs")]);
    const own = [true, true, true, true, true];
    expect([exitCode, stderr, JSON.parse(stdout)]).toEqual([0, "", [true, own, own, own]]);
  });
});
