// SPDX-License-Identifier: Apache-2.0
// What every consumer of the packed package does: mint and sign against the emulator, and verify with node:crypto alone.

const { createPublicKey, verify } = require("node:crypto");

/** @param {{ IAMCredentialsAsyncClient: Function, startEmulator: Function, RpcError: Function }} exported */
module.exports = async ({ IAMCredentialsAsyncClient, startEmulator, RpcError }) => {
  const robot = "robot@demo-project.iam.gserviceaccount.com";
  const user = "user:ana@example.com";
  const emulator = await startEmulator({
    serviceAccounts: [robot],
    grants: [{ member: user, role: "roles/iam.serviceAccountTokenCreator", serviceAccount: robot }],
  });
  const client = new IAMCredentialsAsyncClient(emulator.clientOptions(user));
  const stranger = new IAMCredentialsAsyncClient(emulator.clientOptions("user:eve@example.com"));
  try {
    const { token } = await client.generateIdToken({
      name: robot,
      audience: "https://example.com",
      includeEmail: true,
    });
    const [header, claims, signature] = token.split(".");
    const { kid } = JSON.parse(Buffer.from(header, "base64url").toString());
    const { keys } = await (await fetch(`${emulator.url}/oauth2/v3/certs`)).json();
    const key = createPublicKey({ key: keys.find((each) => each.kid === kid), format: "jwk" });
    const isGenuine = verify("sha256", Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, "base64url"));
    if (!isGenuine) throw new Error("the signature of the ID token is wrong");
    const { email } = JSON.parse(Buffer.from(claims, "base64url").toString());
    if (email !== robot) throw new Error(`the ID token is of ${email}`);

    const { accessToken, expireTime } = await client.generateAccessToken({
      name: robot,
      scope: ["https://www.googleapis.com/auth/cloud-platform"],
    });
    if (accessToken === "" || !(expireTime.toDate() > new Date())) throw new Error("the access token is no good");

    const error = await stranger.signBlob({ name: robot, payload: Buffer.from("x") }).catch((reason) => reason);
    if (!(error instanceof RpcError) || error.status !== "PERMISSION_DENIED") throw error;
    return "minted and verified";
  } finally {
    await Promise.all([client.close(), stranger.close()]);
    await emulator.close();
  }
};
