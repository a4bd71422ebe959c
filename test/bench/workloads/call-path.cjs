// SPDX-License-Identifier: Apache-2.0
// What a call costs without a network, started with --expose-gc and a young generation that holds a whole measurement: a transport that
// encodes the request and decodes the answer as the label "grpc" does, and is done. Prints one line of JSON. The argument is
// { client: "ours", turns, callsPerTurn, weighed }.

const { IAMCredentialsAsyncClient } = require("iam-credentials-client");
const common = require("../../../build/generated/google/iam/credentials/v1/common.js");
const { frameRequest } = require("../../../build/src/rpc/transport/grpc/message-frames.js");
const { authorization, reply, request } = require("../exchange.cjs");

const ANSWER = Buffer.from(common.GenerateAccessTokenResponse.encode(reply).finish());

const transport = {
  kind: "grpc",
  host: "nowhere:443",
  unary({ method, message }) {
    if (frameRequest(method, message).length === 0) throw new Error("nothing was encoded");
    return Promise.resolve(method.decode(ANSWER));
  },
  close: async () => {},
};

async function main({ turns, callsPerTurn, weighed }) {
  const credentials = { getRequestMetadata: () => ({ authorization }) };
  const client = new IAMCredentialsAsyncClient({ transport: () => transport, credentials });
  const play = async (calls) => {
    for (let number = 0; number < calls; number++) await client.generateAccessToken(request);
  };
  await play(callsPerTurn);
  const microseconds = [];
  for (let turn = 0; turn < turns; turn++) {
    const before = process.cpuUsage();
    await play(callsPerTurn);
    const { user, system } = process.cpuUsage(before);
    microseconds.push((user + system) / callsPerTurn);
  }
  const bytes = [];
  for (let turn = 0; turn < turns; turn++) {
    global.gc();
    const before = process.memoryUsage().heapUsed;
    await play(weighed);
    bytes.push((process.memoryUsage().heapUsed - before) / weighed);
  }
  process.stdout.write(JSON.stringify({ microseconds, bytes }));
}

main(JSON.parse(process.argv[2]));
