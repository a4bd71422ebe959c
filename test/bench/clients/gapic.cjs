// SPDX-License-Identifier: Apache-2.0
// How a client of Google's npm package is used, and so of the drop-in. The token goes along as a header, which costs less than its usual
// way, credentials of the call.

const { credentials } = require("@grpc/grpc-js");
const { authorization, request } = require("../exchange.cjs");

exports.openGapic = (IAMCredentialsClient, { target, ca }) => {
  const [apiEndpoint, port] = target.split(":");
  const client = new IAMCredentialsClient({
    apiEndpoint,
    port: Number(port),
    sslCreds: ca === undefined ? credentials.createInsecure() : credentials.createSsl(Buffer.from(ca)),
    credentials: { client_email: "unused@example.com", private_key: "unused" },
  });
  return {
    async call() {
      const [reply] = await client.generateAccessToken(request, { otherArgs: { headers: { authorization } } });
      return reply;
    },
    close: () => client.close(),
  };
};
