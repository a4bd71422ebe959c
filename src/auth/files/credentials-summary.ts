// SPDX-License-Identifier: Apache-2.0
// What the contents of a credentials file say about whose they are: type, account, projects. Reads no secret and sends nothing.

import type { CredentialsInfo } from "./credentials-file.js";

/** Whose credentials they are, as far as they say so themselves. Holds no secret. */
export interface CredentialsSummary {
  /**
   * The `type` of a credentials file; `"metadata_server"`, `"api_key"`, `"emulator_owner"`, `"program"` for what does not come from a file.
   */
  readonly type: string;
  /** The account: an e-mail address, or the audience of a pool's provider. `undefined`: they name none, like a user's login. */
  readonly account: string | undefined;
  /** The OAuth client of a user's login. */
  readonly clientId: string | undefined;
  /** The project that is charged for quota. */
  readonly quotaProjectId: string | undefined;
  /** The universe; `undefined`: they do not say, which means `googleapis.com`. */
  readonly universeDomain: string | undefined;
}

const IMPERSONATION = /\/serviceAccounts\/([^/:]+):generateAccessToken$/;

/** The summary of credentials that say nothing about themselves but their type. */
export function summaryOf(type: string, account?: string): CredentialsSummary {
  return { type, account, clientId: undefined, quotaProjectId: undefined, universeDomain: undefined };
}

/** The summary of the contents of a credentials file. */
export function summarizeCredentials(info: CredentialsInfo): CredentialsSummary {
  const text = (name: string): string | undefined => {
    const value = info[name];
    return typeof value === "string" && value !== "" && value.length < 1000 ? value : undefined;
  };
  const impersonated = IMPERSONATION.exec(text("service_account_impersonation_url") ?? "")?.[1];
  return {
    type: text("type") ?? (text("client_email") === undefined ? "unknown" : "service_account"),
    account: impersonated ?? text("client_email") ?? text("account") ?? text("audience"),
    clientId: text("client_id"),
    quotaProjectId: text("quota_project_id"),
    universeDomain: text("universe_domain"),
  };
}

/** An account as a member of policies: `user:{email}` or `serviceAccount:{email}`; `undefined`: it is not an e-mail address. */
export function memberOfEmail(account: string | undefined): string | undefined {
  if (account === undefined || !/^[^@\s/]+@[^@\s/]+$/.test(account)) return undefined;
  return `${account.endsWith(".gserviceaccount.com") ? "serviceAccount" : "user"}:${account}`;
}
