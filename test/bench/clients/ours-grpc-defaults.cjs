// SPDX-License-Identifier: Apache-2.0
// This package with grpc-js's own retries and channelz switched back on: what having them off gains.

const ours = require("./ours.cjs");

exports.open = (server) =>
  ours.open({ ...server, channelOptions: { "grpc.enable_retries": 1, "grpc.enable_channelz": 1 } });
