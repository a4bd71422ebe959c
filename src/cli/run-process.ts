// SPDX-License-Identifier: Apache-2.0
// Runs the program in this process: its arguments, its streams and their failures, its exit code.

import { processHost } from "./host/host.js";
import { run } from "./program.js";

/** Runs a command, then lets the process end with its exit code. */
export function runProcess(args: readonly string[]): void {
  const { stdout, stderr } = process;
  stdout.on("error", ({ code, message }: NodeJS.ErrnoException) => {
    // The reader of the output may be gone by now: that is not our failure.
    if (code === "EPIPE") return;
    stderr.write(`iamcreds: standard output cannot be written: ${message}\n`);
    process.exit(1);
  });
  // There is no place left to complain.
  stderr.on("error", () => {});
  void run(args, processHost()).then((code) => {
    process.exitCode = code;
  });
}
