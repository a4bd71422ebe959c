#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// The program iamcreds, as a process.

import { runProcess } from "./run-process.js";

runProcess(process.argv.slice(2));
