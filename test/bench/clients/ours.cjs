// SPDX-License-Identifier: Apache-2.0
// This package as its users have it, with a token provider that has its token at hand.

const { IAMCredentialsAsyncClient } = require("iam-credentials-client");
const { authorization, request } = require("../exchange.cjs");

exports.open = ({ target, ca, channelOptions, transport }) => {
  const client = new IAMCredentialsAsyncClient({
    apiEndpoint: target,
    credentials: { getRequestMetadata: () => ({ authorization }) },
    channelOptions,
    transport,
    ...(ca === undefined ? { insecure: true } : { rootCertificates: ca }),
  });
  return {
    call: () => client.generateAccessToken(request),
    close: () => client.close(),
  };
};
