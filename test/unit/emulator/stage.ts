// SPDX-License-Identifier: Apache-2.0
// What most tests of the emulator start from: accounts, names and scopes.

import { type Emulator, openEmulator } from "../../../src/emulator/emulator.js";
import type { EmulatorStartOptions } from "../../../src/emulator/options.js";
import type { MakeKeyPair } from "../../../src/emulator/world/keys/key-pair.js";
import { installedPeers } from "../../../src/emulator/world/runtime/optional-peer.js";
import { openKeyPool } from "../../support/key-pool.js";
import { BareClient } from "./bare-client.js";

export const TARGET = "target@demo-project.iam.gserviceaccount.com";
export const FIRST = "first@demo-project.iam.gserviceaccount.com";
export const SECOND = "second@demo-project.iam.gserviceaccount.com";
export const ALICE = "user:alice@example.com";
export const TOKEN_CREATOR = "roles/iam.serviceAccountTokenCreator";
export const CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform";

export const nameOf = (identifier: string) => `projects/-/serviceAccounts/${identifier}`;

/** An emulator with its client and a clock that can be set ahead. */
export interface Stage extends AsyncDisposable {
  /** Closes client and emulator. */
  close(): Promise<void>;
  readonly emulator: Emulator;
  readonly client: BareClient;
  /** Puts the emulator's clock ahead. */
  advance(ms: number): void;
}

/**
 * Opens a stage with the accounts above; alice may create tokens for the target.
 *
 * @param makeKeyPair where its keys come from. Default: each stage has the same ones
 */
export async function openStage(
  options: EmulatorStartOptions = {},
  makeKeyPair: MakeKeyPair = openKeyPool(),
): Promise<Stage> {
  let aheadMs = 0;
  const emulator = await openEmulator(
    {
      serviceAccounts: [TARGET, FIRST, SECOND],
      grants: [{ member: ALICE, role: TOKEN_CREATOR, serviceAccount: TARGET }],
      ...options,
    },
    () => Date.now() + aheadMs,
    installedPeers,
    makeKeyPair,
  );
  const client = new BareClient(emulator.host);
  const close = () => {
    client.close();
    return emulator.close();
  };
  return {
    emulator,
    client,
    close,
    advance(ms) {
      aheadMs += ms;
    },
    [Symbol.asyncDispose]: close,
  };
}
