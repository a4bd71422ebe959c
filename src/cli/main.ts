#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// The program iamcreds, as a process.

import { processHost } from "./host/host.js";
import { run } from "./program.js";

// The reader of the output may be gone by now: that is not our failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});
void run(process.argv.slice(2), processHost()).then((code) => {
  process.exitCode = code;
});
