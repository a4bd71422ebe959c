// SPDX-License-Identifier: Apache-2.0
// This package's drop-in for Google's npm package, used word for word as official.cjs uses that.

const { IAMCredentialsClient } = require("iam-credentials-client/gapic");
const { openGapic } = require("./gapic.cjs");

exports.open = (server) => openGapic(IAMCredentialsClient, server);
