// SPDX-License-Identifier: Apache-2.0
// This package's drop-in, used word for word as official-machine.cjs uses Google's.

const { IAMCredentialsClient } = require("iam-credentials-client/gapic");
const { openOnMachine } = require("./machine.cjs");

exports.open = (server) => openOnMachine(IAMCredentialsClient, server);
