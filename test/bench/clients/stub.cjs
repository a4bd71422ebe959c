// SPDX-License-Identifier: Apache-2.0
// A bare grpc-js client with the same generated codecs and its default options: what one would write without this package.

const { Client, credentials, Metadata } = require("@grpc/grpc-js");
const { IAMCredentialsService } = require("../../../build/generated/google/iam/credentials/v1/iamcredentials.js");
const { message, metadata: pairs, TIMEOUT_MS } = require("../exchange.cjs");

const { path, requestSerialize, responseDeserialize } = IAMCredentialsService.generateAccessToken;

exports.open = ({ target, ca }) => {
  const channelCredentials = ca === undefined ? credentials.createInsecure() : credentials.createSsl(Buffer.from(ca));
  const client = new Client(target, channelCredentials);
  return {
    call: () =>
      new Promise((resolve, reject) => {
        const metadata = new Metadata();
        for (const key in pairs) metadata.set(key, pairs[key]);
        const options = { deadline: Date.now() + TIMEOUT_MS };
        client.makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          message,
          metadata,
          options,
          (error, reply) => (error === null ? resolve(reply) : reject(error)),
        );
      }),
    close: () => client.close(),
  };
};
