// SPDX-License-Identifier: Apache-2.0
// What tests of permissions start from: nobody has a grant yet, and alice asks.

import type { EmulatorStartOptions } from "../../../src/emulator/options.js";
import { ALICE, openStage, type Stage } from "./stage.js";

/** The permission that an account in the middle of a chain needs. */
export const DELEGATION = "iam.serviceAccounts.implicitDelegation";

/** The member that an account is. */
export const memberOf = (email: string) => `serviceAccount:${email}`;

/** A stage without grants. */
export interface UngrantedStage extends Stage {
  /** A token of alice's. */
  readonly token: string;
}

/** Opens it. */
export async function openUngrantedStage(options: EmulatorStartOptions = {}): Promise<UngrantedStage> {
  const stage = await openStage({ grants: [], ...options });
  return { ...stage, token: await stage.emulator.accessToken(ALICE) };
}
