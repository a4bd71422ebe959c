// SPDX-License-Identifier: Apache-2.0
// A library in TypeScript that exports what it makes with the package: the compiler writes the types of all of it into the library's own
// declarations, by names that it finds at the entry points. It is compiled, never run.

import * as front from "iam-credentials-client";
import * as admin from "iam-credentials-client/admin";
import { diagnose } from "iam-credentials-client/diagnose";
import { startEmulator } from "iam-credentials-client/emulator";
import { IAMCredentialsClient, protos, v1 } from "iam-credentials-client/gapic";
import { google } from "iam-credentials-client/gapic/protos";
import * as grpcJs from "iam-credentials-client/grpc-js";

export function withDefaults(options: front.ClientOptions, call: front.CallOptions) {
  return { ...options, call: { timeout: 1000, ...call } };
}

export const client = new front.IAMCredentialsAsyncClient();
export const mint = () => client.generateAccessToken({ name: "n", scope: ["s"] });
export const explained = {
  ...front.explainError(new Error("e")),
  ...front.explainEndpoint(),
  ...front.explainCredentials(),
};
export const verified = async () => ({ ...(await verifier.verifyIdToken("t", { audience: "a" })) });
export const failed = (error: front.RpcError) => ({ ...error });
export const signBlob = client.signBlob.bind(client);
export const { transport } = client;
export class Client extends front.IAMCredentialsAsyncClient {
  readonly signed = this.signJwt({ name: "n", payload: "{}" });
}

export const robot = new front.ImpersonatedCredentials({ client, targetPrincipal: "robot@p.iam.gserviceaccount.com" });
export const { signer } = robot;
export const identity = new front.ImpersonatedIdTokenCredentials({
  client,
  targetPrincipal: "robot@p.iam.gserviceaccount.com",
  targetAudience: "a",
});
export const machine = new front.ComputeEngineCredentials();
export const machineIdentity = new front.ComputeEngineIdTokenCredentials({ targetAudience: "a" });
export const verifier = new front.Verifier();
export function* all() {
  yield robot;
  yield verifier;
}

export const administration = new admin.IAMAsyncClient();
export const list = () => administration.listServiceAccounts({ name: "projects/p" });
export const createKey = () => administration.createServiceAccountKey({ name: "n" });

export const report = async () => ({ ...(await diagnose({ target: "robot@p.iam.gserviceaccount.com" })) });

export const emulator = await startEmulator();
export const calls = emulator.calls();
export const members = { ...emulator };

export const dropIn = new IAMCredentialsClient();
export const sign = async () => (await dropIn.signBlob({ name: "n" }))[0];
export const message = google.iam.credentials.v1.SignBlobRequest.create({ name: "n" });

export const doors = { ...front, ...admin, ...grpcJs, diagnose, startEmulator, protos, v1 };
