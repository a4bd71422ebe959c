// SPDX-License-Identifier: Apache-2.0
// Decides which tokens a machine's accounts get from the metadata server. Knows no path.

import { memberOf, type ServiceAccount } from "../../world/accounts/account-book.js";
import { isScope } from "../../world/names/scopes.js";
import { issueAccessToken, issueIdToken } from "../../world/tokens/issue-token.js";
import type { CachedToken } from "../../world/tokens/recent-tokens.js";
import type { MetadataWorld } from "./metadata-tree.js";

/**
 * The access token of an account: the last one given out, until shortly before it expires.
 *
 * @param asked the requested scopes, separated by commas; invalid ones are ignored. Default: the machine's
 * @param boundTo the digest of the certificate that it is bound to. Default: none
 */
export function issueMachineToken(
  world: MetadataWorld,
  account: ServiceAccount,
  asked: string | null,
  boundTo: string | undefined,
): CachedToken {
  const given = (asked ?? "").split(",").filter(isScope);
  const scopes = given.length > 0 ? given : world.machine.scopes;
  return world.recentTokens.get(
    `${account.uniqueId} ${scopes.join(" ")} ${boundTo ?? ""}`,
    world.now(),
    ({ accessToken }) => !world.logins.isRevoked(accessToken),
    () => issueAccessToken(world, { principal: memberOf(account), scopes, boundTo }),
  );
}

/** What an ID token is to contain. */
interface IdentityRequest {
  readonly audience: string;
  /** Whether it describes the machine. */
  readonly isFull: boolean;
  /** Whether it lists the machine's licenses, too. */
  readonly hasLicenses: boolean;
  /** The digest of the certificate that it is bound to: its claim `cnf`. Default: none. */
  readonly boundTo: string | undefined;
}

/** The ID token of an account. */
export function issueIdentity(
  world: MetadataWorld,
  account: ServiceAccount,
  { audience, isFull, hasLicenses, boundTo }: IdentityRequest,
): Promise<string> {
  const bound = boundTo === undefined ? {} : { cnf: { "x5t#S256": boundTo } };
  const { projectId, numericProjectId, zone, instanceId, instanceName, licenseIds } = world.machine;
  if (!isFull) {
    return issueIdToken(world, memberOf(account), audience, {
      azp: account.uniqueId,
      email: undefined,
      email_verified: undefined,
      ...bound,
    });
  }
  return issueIdToken(world, memberOf(account), audience, {
    azp: account.uniqueId,
    google: {
      compute_engine: {
        instance_creation_timestamp: 1_700_000_000,
        instance_id: instanceId,
        instance_name: instanceName,
        ...(hasLicenses ? { license_id: licenseIds } : {}),
        project_id: projectId,
        project_number: numericProjectId,
        zone,
      },
    },
    ...bound,
  });
}
