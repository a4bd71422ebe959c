// SPDX-License-Identifier: Apache-2.0
// A program in plain CommonJS that uses the drop-in. It is also the entry of the bundle.

const { IAMCredentialsClient } = require("iam-credentials-client/gapic");
const protos = require("iam-credentials-client/gapic/protos");
const { startEmulator } = require("iam-credentials-client/emulator");
const dropIn = require("./drop-in.cjs");

dropIn({ IAMCredentialsClient, protos, startEmulator }).then((result) => process.stdout.write(result));
