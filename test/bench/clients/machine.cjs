// SPDX-License-Identifier: Apache-2.0
// How a client of Google's npm package is used on a machine that is set up for it, and so the drop-in: no option but the endpoint. Roots
// and the key of a service account are found through variables, and the client signs its tokens itself.

const { request } = require("../exchange.cjs");

exports.openOnMachine = (IAMCredentialsClient, { target }) => {
  const [apiEndpoint, port] = target.split(":");
  const client = new IAMCredentialsClient({ apiEndpoint, port: Number(port) });
  return {
    async call() {
      const [reply] = await client.generateAccessToken(request);
      return reply;
    },
    close: () => client.close(),
  };
};
