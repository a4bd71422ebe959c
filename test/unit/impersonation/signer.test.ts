// SPDX-License-Identifier: Apache-2.0
// Many signatures of one account, against the emulator.

import { type Emulator, startEmulator } from "../../../src/emulator/index.js";
import { ConfigurationError, RequestError, RpcError, Signer } from "../../../src/index.js";
import { fetchAccountKey, isSignatureOf } from "../../support/published-keys.js";
import { rejectionOf } from "../../support/rejection-of.js";

const ROBOT = "robot@my-project.iam.gserviceaccount.com";
const DANA = "user:dana@example.com";

let emulator: Emulator;
let signer: Signer;

beforeAll(async () => {
  emulator = await startEmulator({
    serviceAccounts: [ROBOT],
    grants: [{ member: DANA, role: "roles/iam.serviceAccountTokenCreator", serviceAccount: ROBOT }],
  });
  signer = new Signer({ clientOptions: emulator.clientOptions(DANA), serviceAccount: ROBOT });
});
afterAll(async () => {
  await signer.close();
  await emulator.close();
});

test("bytes in, signature and key id out; the published key verifies it", async () => {
  const { signature, keyId } = await signer.sign(Buffer.from("to be signed"));
  const key = (await fetchAccountKey(emulator.url, ROBOT, keyId)).get("x509");
  if (key === undefined) throw new Error("the key is not published");
  expect(isSignatureOf(Buffer.from("to be signed"), signature, key)).toBe(true);
  expect(signer.serviceAccount).toBe(ROBOT);
});

test("signBlobs gives a hundred signatures in the order of their payloads", async () => {
  const payloads = Array.from({ length: 100 }, (_, index) => Buffer.from(`payload ${index}`));
  const signatures: { signature: Buffer; keyId: string }[] = [];
  for await (const each of signer.signBlobs(payloads, { concurrency: 8 })) signatures.push(each);
  const key = (await fetchAccountKey(emulator.url, ROBOT, signatures[0]?.keyId ?? "")).get("jwk");
  if (key === undefined) throw new Error("the key is not published");
  const verified = payloads.map((payload, index) => {
    return isSignatureOf(payload, signatures[index]?.signature ?? Buffer.alloc(0), key);
  });
  expect(verified).toEqual(payloads.map(() => true));
});

test("signBlobs stops at the first refusal, which is the service's own", async () => {
  const stranger = new Signer({ clientOptions: emulator.clientOptions("user:eve@example.com"), serviceAccount: ROBOT });
  const error = await rejectionOf(stranger.signBlobs([Buffer.from("to be signed")]).next());
  expect(error).toBeInstanceOf(RpcError);
  expect(error).toMatchObject({ code: 7, reason: "IAM_PERMISSION_DENIED" });
  await stranger.close();
});

test("wrong options and payloads are refused by name", async () => {
  expect(() => signer.signBlobs([], { concurrency: 0 })).toThrow(
    new ConfigurationError("concurrency: must be a positive integer, not 0"),
  );
  expect(() => signer.signBlobs([], { concurency: 8 } as object)).toThrow(
    new ConfigurationError("concurency: no such option; valid names are concurrency, signal"),
  );
  expect(() => new Signer({ serviceAccount: "robot" })).toThrow(/^serviceAccount: must be /);
  const error = await rejectionOf(signer.sign("text" as never)); // as: what a program without types may do
  expect(error).toBeInstanceOf(RequestError);
  expect((error as Error).message).toBe("payload: must be bytes (a Buffer or Uint8Array); for text: Buffer.from(text)");
});
