// SPDX-License-Identifier: Apache-2.0
// A minter of an account of an emulator, on behalf of a member that may act as it, and the emulator that counts its calls.

import { systemClock } from "../../src/base/clock.js";
import { Minter } from "../../src/cli/session/minter.js";
import { type Emulator, startEmulator } from "../../src/emulator/index.js";
import { IAMCredentialsAsyncClient } from "../../src/index.js";

type MinterSettings = ConstructorParameters<typeof Minter>[0];

/** The account that tokens are minted of. */
export const ROBOT = "robot@my-project.iam.gserviceaccount.com";

/** The stage. */
export interface MinterStage extends AsyncDisposable {
  readonly emulator: Emulator;
  /** A minter. */
  minter(changes?: Partial<MinterSettings>): Minter;
  /** The methods that were called. */
  methods(): string[];
}

/** Opens the stage. */
export async function openMinterStage(): Promise<MinterStage> {
  const emulator = await startEmulator({ serviceAccounts: [ROBOT] });
  const member = "user:dana@example.com";
  emulator.addGrant({ member, role: "roles/iam.serviceAccountTokenCreator", serviceAccount: ROBOT });
  const client = new IAMCredentialsAsyncClient(emulator.clientOptions(member));
  return {
    emulator,
    minter: (changes = {}) =>
      new Minter({
        target: { account: `projects/-/serviceAccounts/${ROBOT}`, delegates: [] },
        client,
        scopes: undefined,
        lifetime: undefined,
        subject: undefined,
        tokenUri: undefined,
        refreshTimeout: 10_000,
        clock: systemClock,
        ...changes,
      }),
    methods: () => emulator.calls().map(({ method }) => method),
    async [Symbol.asyncDispose]() {
      await client.close();
      await emulator.close();
    },
  };
}
