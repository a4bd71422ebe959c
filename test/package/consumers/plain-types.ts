// SPDX-License-Identifier: Apache-2.0
// A TypeScript program as most are: no explicit resource management, every door by name. It is compiled, never run.

import {
  type ClientOptions,
  IAMCredentialsAsyncClient,
  ImpersonatedCredentials,
  RpcError,
} from "iam-credentials-client";
import { IAMAsyncClient } from "iam-credentials-client/admin";
import { type Emulator, startEmulator } from "iam-credentials-client/emulator";
import { IAMCredentialsClient, type protos } from "iam-credentials-client/gapic";
import { google } from "iam-credentials-client/gapic/protos";

export async function main(): Promise<string> {
  const emulator: Emulator = await startEmulator();
  const options: ClientOptions = emulator.clientOptions("user:ana@example.com");
  const client = new IAMCredentialsAsyncClient(options);
  const admin = new IAMAsyncClient(options);
  for await (const { email } of admin.listServiceAccounts({ name: "projects/p" })) email.toUpperCase();
  const credentials = new ImpersonatedCredentials({ client, targetPrincipal: "robot@p.iam.gserviceaccount.com" });
  const dropIn = new IAMCredentialsClient();
  const request: protos.google.iam.credentials.v1.ISignBlobRequest = { name: "n" };
  const [{ keyId }] = await dropIn.signBlob(request);
  const message = google.iam.credentials.v1.SignBlobRequest.create(request);
  try {
    const { accessToken } = await client.generateAccessToken({ name: "n", scope: ["s"] });
    return accessToken + String(keyId) + String(message.name) + typeof credentials;
  } catch (error) {
    if (error instanceof RpcError) return error.status;
    throw error;
  }
}
