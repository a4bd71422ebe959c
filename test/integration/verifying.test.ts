// SPDX-License-Identifier: Apache-2.0
// What the emulator signs is verified with the keys that it publishes.

import { type Emulator, startEmulator } from "../../src/emulator/index.js";
import { IAMCredentialsAsyncClient, VerificationError, Verifier, verifyJwt } from "../../src/index.js";
import { rejectionOf } from "../support/rejection-of.js";

const ROBOT = "robot@my-project.iam.gserviceaccount.com";
const OTHER = "other@my-project.iam.gserviceaccount.com";
const DANA = "user:dana@example.com";

let emulator: Emulator;
let client: IAMCredentialsAsyncClient;
let verifier: Verifier;

beforeAll(async () => {
  const grant = (serviceAccount: string) => ({
    member: DANA,
    role: "roles/iam.serviceAccountTokenCreator",
    serviceAccount,
  });
  emulator = await startEmulator({ serviceAccounts: [ROBOT, OTHER], grants: [grant(ROBOT), grant(OTHER)] });
  client = new IAMCredentialsAsyncClient(emulator.clientOptions(DANA));
  verifier = new Verifier({ keysUrl: emulator.url });
});
afterAll(async () => {
  await client.close();
  await emulator.close();
});

test("signBlob's signature, signJwt's token and generateIdToken's token are good", async () => {
  const payload = Buffer.from("to be signed");
  const { signedBlob, keyId } = await client.signBlob({ name: ROBOT, payload });
  expect(await verifier.verifyBlob({ serviceAccount: ROBOT, payload, signature: signedBlob, keyId })).toEqual({
    keyId,
  });

  const exp = Math.floor(Date.now() / 1000) + 600;
  const { signedJwt } = await client.signJwt({ name: ROBOT, payload: { aud: "https://a.example", exp } });
  expect(await verifier.verifyJwt(signedJwt, { serviceAccount: ROBOT, audience: "https://a.example" })).toMatchObject({
    exp,
  });

  const { token } = await client.generateIdToken({ name: ROBOT, audience: "https://a.example", includeEmail: true });
  expect(await verifier.verifyIdToken(token, { audience: "https://a.example", email: ROBOT })).toMatchObject({
    iss: "https://accounts.google.com",
    email: ROBOT,
  });
});

test("another account's signature is refused, by the check that failed", async () => {
  const payload = Buffer.from("to be signed");
  const { signedBlob, keyId } = await client.signBlob({ name: OTHER, payload });
  const error = await rejectionOf(
    verifier.verifyBlob({ serviceAccount: ROBOT, payload, signature: signedBlob, keyId }),
  );
  expect(error).toBeInstanceOf(VerificationError);
  expect(error).toMatchObject({ check: "key" });
  expect((error as Error).message).toMatch(/^key: the named key is not among those at http/);
});

test("a token that is none is refused by the shared functions without a request", async () => {
  const error = await rejectionOf(verifyJwt("nonsense", { serviceAccount: ROBOT, audience: false }));
  expect(error).toMatchObject({ check: "format" });
  expect((error as Error).message).toBe("format: is not a signed JWT: it must be three parts of base64url");
});
