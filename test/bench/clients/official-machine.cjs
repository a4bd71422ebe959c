// SPDX-License-Identifier: Apache-2.0
// Google's npm package on a machine that is set up for it.

const { IAMCredentialsClient } = require("@google-cloud/iam-credentials");
const { openOnMachine } = require("./machine.cjs");

exports.open = (server) => openOnMachine(IAMCredentialsClient, server);
