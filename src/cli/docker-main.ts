#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// The program docker-credential-iamcreds, as docker calls it: `iamcreds credential docker` by another name.

import { processHost } from "./host/host.js";
import { run } from "./program.js";

void run(["credential", "docker", ...process.argv.slice(2)], processHost()).then((code) => {
  process.exitCode = code;
});
