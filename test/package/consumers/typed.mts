// SPDX-License-Identifier: Apache-2.0
// A strict TypeScript program in ESM. It is compiled, never run; each expected error proves that a type is there.

import {
  type CallOptions,
  type ClientOptions,
  IAMCredentialsAsyncClient,
  RpcError,
  type Transport,
} from "iam-credentials-client";
import { IAMAsyncClient, type ServiceAccountKey } from "iam-credentials-client/admin";
import { type Emulator, type EmulatorGrant, startEmulator } from "iam-credentials-client/emulator";

const options: ClientOptions = { quotaProjectId: "p", callDefaults: { timeout: 1000 } };
// @ts-expect-error: no such option
const wrong: ClientOptions = { quotaProject: "p" };

await using client = new IAMCredentialsAsyncClient(options);
const call: CallOptions = { retry: false, signal: AbortSignal.timeout(1000) };
const { accessToken, expireTime } = await client.generateAccessToken(
  { name: "n", scope: ["s"], lifetime: "3600s" },
  call,
);
const until: Date = expireTime.toDate();
// @ts-expect-error: a token is text
const noNumber: number = accessToken;
const { signedBlob } = await client.signBlob({ name: "n", payload: new Uint8Array(1) });
const bytes: Buffer = signedBlob;
// @ts-expect-error: a scope is required
client.generateAccessToken({ name: "n" });
const { project } = IAMCredentialsAsyncClient.parseServiceAccountPath("projects/p/serviceAccounts/s");
const transport: Transport = client.transport;

await using admin = new IAMAsyncClient(options);
for await (const { email } of admin.listServiceAccounts({ name: "p" })) email.toUpperCase();
const key: ServiceAccountKey = await admin.createServiceAccountKey({ name: "n" });
// @ts-expect-error: a list is read, not awaited for its length
admin.listRoles().length;

const grant: EmulatorGrant = {
  member: "user:a@b.c",
  role: "roles/iam.serviceAccountTokenCreator",
  serviceAccount: "s",
};
const emulator: Emulator = await startEmulator({ grants: [grant] });
const asUser = new IAMCredentialsAsyncClient(emulator.clientOptions("user:a@b.c"));
try {
  await asUser.signJwt({ name: "n", payload: { sub: "x" } });
} catch (error) {
  if (error instanceof RpcError && error.status === "PERMISSION_DENIED")
    throw new Error(error.reason, { cause: error });
}

export { bytes, key, noNumber, project, transport, until, wrong };
