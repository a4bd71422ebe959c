// SPDX-License-Identifier: Apache-2.0
// Runs the tests of the console and of the documentation's site in a browser that is installed: CHROMIUM_PATH, or a chromium in PATH.
// Where there is none, says so by name and passes nothing. Needs a fresh build. Usage: run.mjs [FILE…] [--options of Jest].

import { spawnSync } from "node:child_process";
import { accessSync, constants, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function findBrowser() {
  if (process.env.CHROMIUM_PATH) return process.env.CHROMIUM_PATH;
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isProgram);
}

const args = process.argv.slice(2);
const browser = findBrowser();
if (browser === undefined) {
  process.stdout.write("SKIPPED: test/browser, since there is no browser (CHROMIUM_PATH, or a chromium in PATH)\n");
  const report = args.find((arg) => arg.startsWith("--outputFile="))?.slice("--outputFile=".length);
  const nothing = { numPassedTests: 0, numFailedTests: 0, numRuntimeErrorTestSuites: 0 };
  if (report !== undefined) writeFileSync(report, JSON.stringify(nothing));
} else {
  const options = args.filter((arg) => arg.startsWith("-"));
  const names = args.filter((arg) => !arg.startsWith("-"));
  const files = (names.length === 0 ? [""] : names).map((name) => `test/browser/${name}`);
  const jest = [
    "node_modules/jest/bin/jest.js",
    ...files,
    "--testPathIgnorePatterns",
    "/node_modules/",
    "--maxWorkers=1",
  ];
  const env = { ...process.env, CHROMIUM_PATH: browser };
  const { status } = spawnSync(process.execPath, [...jest, ...options], { env, stdio: "inherit" });
  process.exitCode = status ?? 1;
}
