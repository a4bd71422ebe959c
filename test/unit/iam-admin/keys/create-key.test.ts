// SPDX-License-Identifier: Apache-2.0
// What becomes of answers that no emulator gives: keys in PKCS #12, and answers that hold no key.

import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { IAMAsyncClient, KeyLimitError } from "../../../../src/iam-admin/index.js";
import { RpcError } from "../../../../src/index.js";
import { ManualClock } from "../../../support/manual-clock.js";
import { rejectionOf, rpcErrorOf } from "../../../support/rejection-of.js";
import { refuse, reply, type Scene, ScriptedTransport, silence } from "../../../support/scripted-transport.js";
import { PLANTED } from "../../../support/secrets.js";

const ROBOT = "robot@my-project.iam.gserviceaccount.com";
const NAME = `projects/my-project/serviceAccounts/${ROBOT}/keys/0123456789abcdef`;
const GRANTED = {
  name: NAME,
  privateKeyType: 0,
  keyAlgorithm: 2,
  publicKeyData: Buffer.alloc(0),
  keyOrigin: 2,
  keyType: 1,
  disabled: false,
};
const PKCS12 = { name: ROBOT, privateKeyType: "TYPE_PKCS12_FILE" } as const;

function scripted(...scenes: Scene[]) {
  const transport = new ScriptedTransport(...scenes);
  return { transport, client: new IAMAsyncClient({ transport }) };
}

test("a key in PKCS #12 is the bytes that the service gave, with its password, and hidden when it is printed", async () => {
  const bytes = Buffer.from([0x30, 0x82, 0xff, 0xfe, 0x00, 0x9c]);
  const { client, transport } = scripted(reply({ ...GRANTED, privateKeyData: bytes }));
  const key = await client.createKey(PKCS12);
  expect(key).toMatchObject({ name: NAME, keyId: "0123456789abcdef", password: "notasecret" });
  expect(key.privateKeyData.equals(bytes)).toBe(true);
  expect(inspect(key)).toContain("privateKeyData: '[hidden]'");
  expect(transport.calls[0]?.message).toMatchObject({ privateKeyType: 1, keyAlgorithm: 0 });
});

test("a key in PKCS #12 goes to a file byte for byte", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pkcs12-"));
  const file = join(folder, "robot.p12");
  const bytes = Buffer.from([0x30, 0x82, 0xff, 0xfe, 0x00, 0x9c]);
  const { client } = scripted(reply({ ...GRANTED, privateKeyData: bytes }));
  expect(await client.createKey({ ...PKCS12, file })).toEqual({ name: NAME, keyId: "0123456789abcdef", file });
  expect(readFileSync(file).equals(bytes)).toBe(true);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  rmSync(folder, { recursive: true });
});

test.each([
  ["is no JSON", () => PLANTED.privateKeyPem],
  ["has no e-mail address", () => JSON.stringify({ private_key: PLANTED.privateKeyPem })],
  ["is a list", () => JSON.stringify([PLANTED.privateKeyPem])],
])("an answer that %s is an error without a word of it, and the key is deleted", async (_what, text) => {
  const { client, transport } = scripted(reply({ ...GRANTED, privateKeyData: Buffer.from(text()) }), reply({}));
  const error = await rpcErrorOf(client.createKey({ name: ROBOT }));
  expect(error).toBeInstanceOf(RpcError);
  expect(error.message).toBe("IAM.CreateServiceAccountKey: INTERNAL: the response contains no credentials file");
  expect(error.cause).toBeUndefined();
  expect(transport.calls.map(({ method }) => method.label)).toEqual([
    "IAM.CreateServiceAccountKey",
    "IAM.DeleteServiceAccountKey",
  ]);
  expect(transport.calls[1]?.message).toEqual({ name: NAME });
});

test("the key is deleted in the name of whoever had it made", async () => {
  const { client, transport } = scripted(reply({ ...GRANTED, privateKeyData: Buffer.from("{}") }), reply({}));
  await rpcErrorOf(client.createKey({ name: ROBOT }, { metadata: { authorization: "Bearer own" }, timeout: 5_000 }));
  expect(transport.calls.map(({ metadata }) => metadata.find(([key]) => key === "authorization")?.[1])).toEqual([
    "Bearer own",
    "Bearer own",
  ]);
});

test("a full account is told with the number of attempts; who waits in vain for the count has what the service said", async () => {
  const full = refuse("FAILED_PRECONDITION", "Precondition check failed.");
  const keys = Array.from({ length: 10 }, () => ({ ...GRANTED, privateKeyData: Buffer.alloc(0) }));
  const clock = new ManualClock();
  const transport = new ScriptedTransport(refuse("UNAVAILABLE"), full, reply({ keys }), full, silence(clock));
  const client = new IAMAsyncClient({ transport, clock });
  const retry = { codes: ["UNAVAILABLE"] } as const;
  const error = await rejectionOf(clock.drive(client.createKey({ name: ROBOT }, { retry })));
  expect(error).toBeInstanceOf(KeyLimitError);
  expect(error).toMatchObject({ code: 9, attempts: 2, report: { used: 10, limit: 10 } });

  const before = clock.now();
  const uncounted = await rpcErrorOf(clock.drive(client.createKey({ name: ROBOT })));
  expect(uncounted.message).toBe("IAM.CreateServiceAccountKey: FAILED_PRECONDITION: Precondition check failed.");
  expect(clock.now() - before).toBeLessThanOrEqual(10_000);
});
