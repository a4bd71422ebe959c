// SPDX-License-Identifier: Apache-2.0
// Google's npm package over REST, its option `fallback`, without TLS. Its credentials have a token at hand.

const { IAMCredentialsClient } = require("@google-cloud/iam-credentials");
const { GoogleAuth, OAuth2Client } = require("google-auth-library");
const { authorization, request } = require("../exchange.cjs");

const HOUR_MS = 3_600_000;

exports.open = ({ target }) => {
  const [apiEndpoint, port] = target.split(":");
  const authClient = new OAuth2Client();
  authClient.setCredentials({ access_token: authorization.replace("Bearer ", ""), expiry_date: Date.now() + HOUR_MS });
  const auth = new GoogleAuth({ authClient });
  const client = new IAMCredentialsClient({ apiEndpoint, port: Number(port), fallback: true, protocol: "http", auth });
  return {
    async call() {
      const [reply] = await client.generateAccessToken(request);
      return reply;
    },
    close: () => client.close(),
  };
};
