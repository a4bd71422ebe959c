// SPDX-License-Identifier: Apache-2.0
// An ID token of a service account, or of the machine's account where the metadata server is the source. Prints nothing.

import type * as FrontDoor from "../../../index.js";
import { UsageError } from "../../host/output.js";
import { type Caller, readTarget } from "../../source/caller.js";
import type { Given } from "../../table/command.js";
import { askWithOrganization } from "./organization-number.js";
import { requireAudience, wantsEmail } from "./token-flags.js";

/** A token, and what is known of it. */
interface IdentityToken {
  readonly token: string;
  readonly audience: string;
  readonly expiresAt: Date | undefined;
  readonly principal: string | undefined;
}

/** When a token expires, by its own claim. */
function expiryOf(token: string): Date | undefined {
  try {
    const { exp } = Object(JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString())) as {
      exp?: unknown;
    }; // as: checked below
    return typeof exp === "number" ? new Date(exp * 1000) : undefined;
  } catch {
    return undefined;
  }
}

/** Gets an ID token. @throws UsageError when there is no account that could have one */
export async function askForIdentity(given: Given, caller: Caller): Promise<IdentityToken> {
  const audience = requireAudience(given);
  const target = readTarget(given, given.positionals[0]);
  const door = require("../../../index.js") as typeof FrontDoor; // its own type
  if (target === undefined) {
    if (given.has("organization-number"))
      throw new UsageError(
        "--organization-number needs a service account, as SA or with --impersonate-service-account",
      );
    if (given.text("source") !== "metadata") {
      throw new UsageError(
        "name the service account, as SA or with --impersonate-service-account: users cannot get ID tokens for an audience of their choice",
      );
    }
    const machine = caller.keep(
      new door.ComputeEngineIdTokenCredentials({ targetAudience: audience, useMetadataIdentityEndpoint: true }),
    );
    const { token } = await machine.getAccessToken(caller.call);
    return { token, audience, expiresAt: machine.expiry, principal: undefined };
  }
  if (given.has("organization-number")) {
    const token = await askWithOrganization(caller, target, { audience, includeEmail: wantsEmail(given) });
    return { token, audience, expiresAt: expiryOf(token), principal: target.account };
  }
  const credentials = caller.keep(
    new door.ImpersonatedIdTokenCredentials({
      targetPrincipal: target.account,
      delegates: target.delegates,
      targetAudience: audience,
      includeEmail: wantsEmail(given),
      refreshTimeout: caller.refreshTimeout,
      clientOptions: caller.sourceOptions,
    }),
  );
  const { token } = await credentials.getAccessToken(caller.call);
  return { token, audience, expiresAt: credentials.expiry, principal: credentials.targetPrincipal };
}
