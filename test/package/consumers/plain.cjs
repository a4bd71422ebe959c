// SPDX-License-Identifier: Apache-2.0
// A program in plain CommonJS. It is also the entry of the bundle.

const { startEmulator } = require("iam-credentials-client/emulator");
const client = require("iam-credentials-client");
const mintAndVerify = require("./mint-and-verify.cjs");

mintAndVerify({ ...client, startEmulator }).then((result) => process.stdout.write(result));
