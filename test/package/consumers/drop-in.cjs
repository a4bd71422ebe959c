// SPDX-License-Identifier: Apache-2.0
// What a program does with the drop-in: all four methods against the emulator, by promise and by callback, and a refusal.

const { credentials } = require("@grpc/grpc-js");

const ROBOT = "robot@demo-project.iam.gserviceaccount.com";
const USER = "user:ana@example.com";

/** @param {{ IAMCredentialsClient: Function, protos: object, startEmulator: Function }} exported */
module.exports = async ({ IAMCredentialsClient, protos, startEmulator }) => {
  const emulator = await startEmulator({
    serviceAccounts: [ROBOT],
    grants: [{ member: USER, role: "roles/iam.serviceAccountTokenCreator", serviceAccount: ROBOT }],
  });
  const [apiEndpoint, port] = emulator.host.split(":");
  const client = new IAMCredentialsClient({
    apiEndpoint,
    port: Number(port),
    sslCreds: credentials.createInsecure(),
    credentials: { client_email: "unused@example.com", private_key: "unused" },
  });
  const as = async (member) => {
    const authorization = `Bearer ${await emulator.accessToken(member)}`;
    return { otherArgs: { headers: { authorization } } };
  };
  try {
    const name = `projects/-/serviceAccounts/${ROBOT}`;
    const [{ accessToken, expireTime }] = await client.generateAccessToken(
      { name, scope: ["https://www.googleapis.com/auth/cloud-platform"], lifetime: { seconds: 600 } },
      await as(USER),
    );
    if (!/^ya29/.test(accessToken) || !(Number(expireTime.seconds) * 1000 > Date.now())) throw new Error("no token");
    const [{ token }] = await client.generateIdToken({ name, audience: "a" }, await as(USER));
    if (token.split(".").length !== 3) throw new Error("no ID token");
    const [{ signedJwt }] = await client.signJwt({ name, payload: '{"sub":"x"}' }, await as(USER));
    if (signedJwt.split(".").length !== 3) throw new Error("no JWT");
    const options = await as(USER);
    const { signedBlob } = await new Promise((resolve, reject) => {
      client.signBlob({ name, payload: "AAE=" }, options, (error, response) =>
        error ? reject(error) : resolve(response),
      );
    });
    if (!Buffer.isBuffer(signedBlob) || signedBlob.length !== 256) throw new Error("no signature");
    const { v1 } = protos.google.iam.credentials;
    const bytes = v1.SignBlobResponse.encode({ keyId: "k", signedBlob }).finish();
    if (v1.SignBlobResponse.decode(bytes).keyId !== "k") throw new Error("the message classes do not work");
    const error = await client
      .signJwt({ name, payload: "{}" }, await as("user:eve@example.com"))
      .catch((reason) => reason);
    if (error.code !== 7 || error.reason !== "IAM_PERMISSION_DENIED") throw error;
    return "dropped in";
  } finally {
    await client.close();
    await emulator.close();
  }
};
