// SPDX-License-Identifier: Apache-2.0
// The program iamcreds without a command, run as a process: help, version, mistakes.

import { spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type ChildResult, startProgram } from "../../support/child-program.js";

const iamcreds = (...args: readonly string[]): Promise<ChildResult> =>
  startProgram("build/iamcreds.js", {}, args).ended;

test("--help names the commands and the exit codes, and -h is the same", async () => {
  const { code, stdout, stderr } = await iamcreds("--help");
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^Usage: iamcreds <command> \[options\]\n/);
  expect(stdout).toMatch(/^ {2}emulator +Run a local emulator /m);
  expect(stdout).toContain(
    "Exit codes: 0 success, 1 failure, 2 bad arguments, 4 no usable credentials, 5 refused by the API, 6 retry later.",
  );
  expect(await iamcreds("-h")).toEqual({ code, stdout, stderr });
});

test("--version is that of package.json", async () => {
  const { version } = JSON.parse(readFileSync(resolve(__dirname, "../../../package.json"), "utf8"));
  expect(await iamcreds("--version")).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
});

test("without a command it prints the help on standard error and ends with 2", async () => {
  const { code, stdout, stderr } = await iamcreds();
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(/^Usage: iamcreds /);
});

test.each(["emulate", "constructor", "--port"])("%s is no command, and ends with 2", async (name) => {
  expect(await iamcreds(name, "--help")).toEqual({
    code: 2,
    stdout: "",
    stderr: `iamcreds: "${name}" is not a command. Try: iamcreds --help\n`,
  });
});

const isFullThere = existsSync("/dev/full");
test(
  isFullThere ? "says so if its output cannot be written" : "is not asked to write to a full disk: there is none",
  () => {
    if (!isFullThere) return;
    const full = openSync("/dev/full", "w");
    const args = [resolve(__dirname, "../../../build/iamcreds.js"), "--version"];
    const { status, stderr } = spawnSync(process.execPath, args, { stdio: ["ignore", full, "pipe"], encoding: "utf8" });
    closeSync(full);
    expect([status, stderr]).toEqual([
      1,
      "iamcreds: standard output cannot be written: ENOSPC: no space left on device, write\n",
    ]);
  },
);

test.each(["iamcreds.js", "docker-credential-iamcreds.js"])(
  "%s ends quietly if nobody reads what it writes",
  async (name) => {
    const child = spawn(process.execPath, [resolve(__dirname, "../../../build", name), "--help"]);
    child.stdout.destroy();
    child.stderr.destroy();
    expect(await new Promise((done) => child.once("exit", done))).toBe(0);
  },
);
