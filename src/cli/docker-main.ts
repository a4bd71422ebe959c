#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// The program docker-credential-iamcreds, as docker calls it: `iamcreds credential docker` by another name.

import { runProcess } from "./run-process.js";

runProcess(["credential", "docker", ...process.argv.slice(2)]);
