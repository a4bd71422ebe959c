// SPDX-License-Identifier: Apache-2.0
// A program with a Promise of its own in the global's place, as zone.js and bluebird leave it: async functions still return Node's.

import { generateKeyPairSync } from "node:crypto";
import { IAMCredentialsClient } from "../../../src/gapic/index.js";
import { IAMCredentialsAsyncClient, type TokenProvider, type Transport } from "../../../src/index.js";

class OwnPromise<T> extends Promise<T> {}
globalThis.Promise = OwnPromise as PromiseConstructor; // as: it has all the members

const request = { name: "robot@p.iam.gserviceaccount.com", payload: "{}" };
const slow: TokenProvider = { getRequestMetadata: async () => ({ authorization: "Bearer t" }) };

async function main(): Promise<void> {
  const sent: string[] = [];
  const transport = {
    kind: "own",
    async unary(call: { readonly metadata: readonly (readonly [string, unknown])[] }) {
      sent.push(call.metadata.map(([key]) => key).join(" "));
      return { keyId: "k", signedJwt: "j" };
    },
    async close() {},
  } as unknown as Transport; // as: what of it is called here
  await using client = new IAMCredentialsAsyncClient({ transport: () => transport, credentials: slow });
  await client.signJwt(request);
  const private_key = generateKeyPairSync("rsa", { modulusLength: 2048 })
    .privateKey.export({ type: "pkcs8", format: "pem" })
    .toString();
  const credentials = { client_email: request.name, private_key };
  const dropIn = new IAMCredentialsClient({ credentials, apiEndpoint: "127.0.0.1", port: 1 });
  await dropIn
    .signJwt({ ...request, name: `projects/-/serviceAccounts/${request.name}` }, { retry: null })
    .catch((error) => sent.push(`code ${error.code}`));
  await dropIn.close();
  process.stdout.write(JSON.stringify(sent));
}

void main();
