// SPDX-License-Identifier: Apache-2.0
// Runs a program that reports its checks in the Test Anything Protocol, and judges the whole of it: a program that ends early,
// late or without a plan has failed too. Knows no client.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const RESULT = /^(ok|not ok) (\d+) - (.+)$/;
const PLAN = /^1\.\.(\d+)$/;

/**
 * @param {{ command: string, args: readonly string[], env: Readonly<Record<string, string>>, timeoutMs: number }} program
 * @param {(line: string) => void} onLine gets what it prints, line by line
 * @returns {Promise<{ passed: string[], failed: string[] }>} the titles of its checks; a fault of the program itself is a failed one
 */
export async function playProgram({ command, args, env, timeoutMs }, onLine) {
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
  const passed = [];
  const failed = [];
  let planned;
  const read = createInterface({ input: child.stdout });
  read.on("line", (line) => {
    onLine(line);
    const [, word, , title] = RESULT.exec(line) ?? [];
    if (title !== undefined) (word === "ok" ? passed : failed).push(title);
    planned = PLAN.exec(line)?.[1] ?? planned;
  });
  createInterface({ input: child.stderr }).on("line", (line) => onLine(`# ${line}`));
  const closed = new Promise((resolve) => {
    child.once("error", (error) => resolve(String(error)));
    child.once("close", (code, signal) => resolve(signal === null ? `status ${code}` : `signal ${signal}`));
  });
  const ending = await closed;
  clearTimeout(timer);
  const count = passed.length + failed.length;
  if (planned === undefined || Number(planned) !== count || (ending !== "status 0" && failed.length === 0)) {
    const told = `the program ran ${count} of ${planned ?? "an unknown number of"} checks and ended with ${ending}`;
    onLine(`not ok - ${told}`);
    failed.push(told);
  }
  return { passed, failed };
}
