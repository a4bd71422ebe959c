// SPDX-License-Identifier: Apache-2.0
// The folder of a run among those of others, in a parent that containers share.

import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "@jest/globals";
import { thisMachine } from "../../../../src/cli/host/local-process.js";
import { RunFolder } from "../../../../src/cli/session/run-folder.js";

/** No process has it: it is beyond the largest number that Linux gives. */
const NOBODY = 4_194_305;
const mark = `run-folder-test-${process.pid}`;
const left = join(tmpdir(), `iamcreds-run-${thisMachine()}-${NOBODY}-${mark}`);
const others = [
  `iamcreds-run-${thisMachine()}-${process.pid}-${mark}`,
  `iamcreds-run-00000000-${NOBODY}-${mark}`,
  `iamcreds-run-notes-${mark}`,
].map((name) => join(tmpdir(), name));

afterEach(() => {
  for (const path of [left, ...others]) rmSync(path, { recursive: true, force: true });
});

it("takes the place of what a killed run of this machine left, and of nobody who is alive or elsewhere", () => {
  for (const path of [left, ...others]) mkdirSync(path);
  const before = new Set(readdirSync(tmpdir()));
  const folder = new RunFolder();
  const path = join(folder.path("x"), "..");
  expect(before.has(path.slice(tmpdir().length + 1))).toBe(false);
  expect(path.slice(tmpdir().length + 1)).toMatch(new RegExp(`^iamcreds-run-${thisMachine()}-${process.pid}-`));
  expect(statSync(path).mode & 0o777).toBe(0o700);
  expect([left, ...others].map((each) => existsSync(each))).toEqual([false, true, true, true]);
  folder.remove();
  expect(existsSync(path)).toBe(false);
});
