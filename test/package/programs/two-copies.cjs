// SPDX-License-Identifier: Apache-2.0
// Loads the package twice, as a test runner does that drops its modules between tests; the first copy goes on and loads parts meanwhile.

const { join } = require("node:path");

const DOOR = join(__dirname, "../../../build/index.js");
const request = { name: "robot@p.iam.gserviceaccount.com", payload: "{}" };

async function failures({ IAMCredentialsAsyncClient, CredentialsError, RpcError, VerificationError, verifyIdToken }) {
  const found = [];
  for (const transport of ["rest", "grpc", "grpc-js"]) {
    const client = new IAMCredentialsAsyncClient({
      apiEndpoint: "127.0.0.1:1",
      insecure: true,
      transport,
      apiKey: "k",
    });
    await client.signJwt(request, { timeout: 5_000, retry: false }).catch((error) => {
      found.push(error instanceof RpcError);
    });
    await client.close();
  }
  // Whose subject token cannot be read: the error is that of a client of google-auth-library.
  const workload = {
    type: "external_account",
    audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
    subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
    token_url: "https://sts.googleapis.com/v1/token",
    credential_source: { file: join(__dirname, "no-such-token") },
  };
  const client = new IAMCredentialsAsyncClient({ credentials: workload });
  await client.signJwt(request, { timeout: 5_000, retry: false }).catch((error) => {
    found.push(error instanceof CredentialsError);
  });
  await client.close();
  await verifyIdToken("x.y.z", { audience: "a" }).catch((error) => {
    found.push(error instanceof VerificationError);
  });
  return found;
}

async function main() {
  const first = require(DOOR);
  for (const path of Object.keys(require.cache)) delete require.cache[path];
  const late = await failures(first);
  const second = require(DOOR);
  const found = [second.RpcError !== first.RpcError, late, await failures(second), await failures(first)];
  process.stdout.write(JSON.stringify(found));
}

void main();
