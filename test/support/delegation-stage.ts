// SPDX-License-Identifier: Apache-2.0
// An emulator with the accounts, grants and keys that tests through the front door start from.

import { type Emulator, type EmulatorOptions, startEmulator } from "../../src/emulator/index.js";
import { type ClientOptions, IAMCredentialsAsyncClient } from "../../src/index.js";

const account = (id: string) => `${id}@stage-project.iam.gserviceaccount.com`;

/** Alice may act as `target` directly, and as `far` through `first` and then `second`. Nobody may act as `locked`. */
export const TARGET = account("target");
export const FIRST = account("first");
export const SECOND = account("second");
export const FAR = account("far");
export const LOCKED = account("locked");
export const ALICE = "user:alice@example.com";
export const TOKEN_CREATOR = "roles/iam.serviceAccountTokenCreator";
export const CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform";

/** An emulator and Alice's client to it. */
export interface DelegationStage extends AsyncDisposable {
  readonly emulator: Emulator;
  readonly alice: IAMCredentialsAsyncClient;
  /** A client of this stage, closed with it. */
  client(options: ClientOptions): IAMCredentialsAsyncClient;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Opens the stage. */
export async function openDelegationStage(options: EmulatorOptions = {}): Promise<DelegationStage> {
  const grant = (member: string, serviceAccount: string) => ({ member, role: TOKEN_CREATOR, serviceAccount });
  const emulator = await startEmulator({
    serviceAccounts: [TARGET, FIRST, SECOND, FAR, LOCKED],
    grants: [
      grant(ALICE, TARGET),
      grant(ALICE, FIRST),
      grant(`serviceAccount:${FIRST}`, SECOND),
      grant(`serviceAccount:${SECOND}`, FAR),
    ],
    ...options,
  });
  const clients: IAMCredentialsAsyncClient[] = [];
  const client = (clientOptions: ClientOptions) => {
    const made = new IAMCredentialsAsyncClient(clientOptions);
    clients.push(made);
    return made;
  };
  return {
    emulator,
    client,
    alice: client(emulator.clientOptions(ALICE)),
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((each) => each.close({ gracePeriod: 0 })));
      await emulator.close();
    },
  };
}
