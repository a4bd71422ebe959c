// SPDX-License-Identifier: Apache-2.0
// Google's npm package.

const { IAMCredentialsClient } = require("@google-cloud/iam-credentials");
const { openGapic } = require("./gapic.cjs");

exports.open = (server) => openGapic(IAMCredentialsClient, server);
