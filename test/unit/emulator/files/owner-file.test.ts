// SPDX-License-Identifier: Apache-2.0
// Files for their owner alone, also where somebody has put something in the way.

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeFolder, writeForOwner } from "../../../../src/emulator/files/owner-file.js";
import { rejectionOf } from "../../../support/rejection-of.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "owner-file-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const modeOf = (path: string) => statSync(path).mode & 0o777;

test("a file is the owner's alone, and no draft is left", async () => {
  await writeForOwner(join(folder, "a"), "text");
  expect([readFileSync(join(folder, "a"), "utf8"), modeOf(join(folder, "a"))]).toEqual(["text", 0o600]);
  expect(readdirSync(folder)).toEqual(["a"]);
});

test("one that everybody may read is replaced, mode and all", async () => {
  writeFileSync(join(folder, "a"), "old", { mode: 0o666 });
  await writeForOwner(join(folder, "a"), "new");
  expect([readFileSync(join(folder, "a"), "utf8"), modeOf(join(folder, "a"))]).toEqual(["new", 0o600]);
});

test("a symbolic link in its place is replaced, and what it leads to stays as it was", async () => {
  writeFileSync(join(folder, "elsewhere"), "old");
  symlinkSync(join(folder, "elsewhere"), join(folder, "a"));
  await writeForOwner(join(folder, "a"), "new");
  expect(readFileSync(join(folder, "elsewhere"), "utf8")).toBe("old");
  expect(readFileSync(join(folder, "a"), "utf8")).toBe("new");
});

test("nothing that was put at the name of an earlier draft is written to", async () => {
  const guessed = join(folder, `a.${process.pid}.tmp`);
  writeFileSync(guessed, "", { mode: 0o666 });
  await writeForOwner(join(folder, "a"), "secret");
  expect([readFileSync(guessed, "utf8"), modeOf(join(folder, "a"))]).toEqual(["", 0o600]);
});

test("where it can't be put, its draft is gone", async () => {
  await makeFolder(join(folder, "a", "b"));
  expect(await rejectionOf(writeForOwner(join(folder, "a"), "secret"))).toMatchObject({ syscall: "rename" });
  expect(readdirSync(folder)).toEqual(["a"]);
});

test("folders are made step by step, for their owner alone, and ones that are there are taken", async () => {
  await Promise.all([makeFolder(join(folder, "a/b/c")), makeFolder(join(folder, "a/b/c"))]);
  await makeFolder(join(folder, "a/b/c"));
  expect(modeOf(join(folder, "a/b/c"))).toBe(0o700);
});

test("below /proc it fails, and does not spin", async () => {
  expect(await rejectionOf(makeFolder("/proc/nobody/home"))).toMatchObject({
    code: expect.stringMatching(/^E(NOENT|ACCES|PERM|ROFS)$/),
  });
});
