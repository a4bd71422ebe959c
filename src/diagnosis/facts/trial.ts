// SPDX-License-Identifier: Apache-2.0
// The call itself, as the program makes it, with its result thrown away. Its refusal is what most rows read.

import { CLOUD_PLATFORM_SCOPE } from "../../base/options/google-names.js";
import type { Facts, Trial } from "./facts.js";
import type { Means } from "./means.js";

/** What is signed or asked for; whoever finds it must be able to see that it is meaningless. */
const TRIAL_TEXT = "https://permission-check.invalid";

/** Makes the call, and keeps how it ended. @throws only the signal's reason */
export async function tryCall(facts: Facts, means: Means): Promise<Trial> {
  try {
    await call(facts, means);
    facts.trial = { error: undefined };
  } catch (error) {
    facts.options.signal?.throwIfAborted();
    facts.trial = { error };
  }
  return facts.trial;
}

async function call(facts: Facts, means: Means): Promise<void> {
  const { credentials, call: options } = means;
  const { target = "", delegates = [], scopes = [CLOUD_PLATFORM_SCOPE], lifetime } = facts.options;
  const account = { name: target, delegates };
  switch (facts.permission) {
    case "iam.serviceAccounts.getAccessToken":
      await credentials.generateAccessToken({ ...account, scope: scopes, lifetime }, options);
      return;
    case "iam.serviceAccounts.getOpenIdToken":
      await credentials.generateIdToken({ ...account, audience: TRIAL_TEXT }, options);
      return;
    case "iam.serviceAccounts.signBlob":
      await credentials.signBlob({ ...account, payload: Buffer.from(TRIAL_TEXT) }, options);
      return;
    case "iam.serviceAccounts.signJwt":
      await credentials.signJwt({ ...account, payload: { aud: TRIAL_TEXT } }, options);
      return;
  }
}
