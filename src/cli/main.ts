#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// The program iamcreds, as a process.

import { processHost } from "./host/host.js";
import { run } from "./program.js";

// Whoever read the output may be gone by now: that is no failure of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});
void run(process.argv.slice(2), processHost()).then((code) => {
  process.exitCode = code;
});
