// SPDX-License-Identifier: Apache-2.0
// This package over its REST transport, without TLS.

const ours = require("./ours.cjs");

exports.open = (server) => ours.open({ ...server, transport: "rest" });
