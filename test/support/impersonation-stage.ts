// SPDX-License-Identifier: Apache-2.0
// An emulator in which Dana may act as one of two accounts, and her impersonated credentials of it.

import { type Emulator, startEmulator } from "../../src/emulator/index.js";
import { ImpersonatedCredentials } from "../../src/index.js";

/** The account that DANA may act as. */
export const ROBOT = "robot@my-project.iam.gserviceaccount.com";
/** An account that nobody may act as. */
export const BUILD = "build@my-project.iam.gserviceaccount.com";
export const DANA = "user:dana@example.com";
export const CREATOR = "roles/iam.serviceAccountTokenCreator";
export const SCOPE = "https://www.googleapis.com/auth/devstorage.read_only";

type ImpersonationOptions = ConstructorParameters<typeof ImpersonatedCredentials>[0];

/** The stage. */
export interface ImpersonationStage extends AsyncDisposable {
  readonly emulator: Emulator;
  /** Dana's credentials of ROBOT, which their test closes. */
  asDana(options?: Partial<ImpersonationOptions>): ImpersonatedCredentials;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Opens the stage. */
export async function openImpersonationStage(): Promise<ImpersonationStage> {
  const emulator = await startEmulator({
    serviceAccounts: [ROBOT, BUILD],
    grants: [{ member: DANA, role: CREATOR, serviceAccount: ROBOT }],
  });
  return {
    emulator,
    asDana: (options = {}) =>
      new ImpersonatedCredentials({ clientOptions: emulator.clientOptions(DANA), targetPrincipal: ROBOT, ...options }),
    [Symbol.asyncDispose]: () => emulator.close(),
  };
}
