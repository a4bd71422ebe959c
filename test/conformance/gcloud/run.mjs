// SPDX-License-Identifier: Apache-2.0
// The emulator against gcloud, where it is installed; where it is not, that is said, and nothing counts as passed.
// Usage: node run.mjs [--only TEXT] [--json --outputFile=FILE], the last as with Jest.

import { accessSync, constants, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { parseArgs } from "node:util";
import { checks } from "./checks.mjs";
import { openStage } from "./stage.mjs";

const { values: flags } = parseArgs({
  options: { only: { type: "string" }, json: { type: "boolean" }, outputFile: { type: "string" } },
});
const say = (line) => process.stdout.write(`${line}\n`);

function findCommand(name) {
  const isExecutable = (path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  };
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((each) => each !== "");
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

async function play(command) {
  const stage = await openStage(command);
  const results = { passed: 0, failed: 0 };
  try {
    for (const [title, check] of Object.entries(checks)) {
      if (!title.includes(flags.only ?? "")) continue;
      try {
        await check(stage);
        results.passed++;
        say(`ok - ${title}`);
      } catch (error) {
        results.failed++;
        say(`not ok - ${title}\n${String(error.stack ?? error).replace(/^/gm, "# ")}`);
      }
    }
  } finally {
    await stage.close();
  }
  return results;
}

const command = findCommand("gcloud");
if (command === undefined) say("gcloud: not installed");
const { passed, failed } = command === undefined ? { passed: 0, failed: 0 } : await play(command);
if (command !== undefined) say(`\n${passed} checks of ${passed + failed} passed`);
if (flags.outputFile !== undefined) {
  const report = { numPassedTests: passed, numFailedTests: failed, numRuntimeErrorTestSuites: 0 };
  writeFileSync(flags.outputFile, JSON.stringify(report));
}
process.exitCode = failed === 0 ? 0 : 1;
