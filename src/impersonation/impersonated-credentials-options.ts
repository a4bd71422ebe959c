// SPDX-License-Identifier: Apache-2.0
// What impersonated credentials can be given. Checks nothing.

import type { Clock } from "../base/clock.js";
import type { DurationLike } from "../iam-credentials/requests.js";
import type { ClientSource } from "./shared-client.js";

/** Whom to act as, and how. */
export interface ImpersonatedCredentialsOptions extends ClientSource<"generateAccessToken"> {
  /** The service account to act as: its e-mail, its unique id, or `projects/-/serviceAccounts/…`. Required. */
  readonly targetPrincipal: string;
  /** The accounts between the caller and the target, caller's side first. Default: none, the caller acts directly. */
  readonly delegates?: readonly string[] | undefined;
  /** OAuth scopes of the token, or one as text. Default: `cloud-platform`, since IAM is where permissions belong. */
  readonly scopes?: string | readonly string[] | undefined;
  /**
   * How long a token is good. Default: one hour, the longest without an organization policy. A short one is renewed in its last
   * quarter, so that it costs a request each time that much has passed.
   */
  readonly lifetime?: DurationLike | undefined;
  /** The user whom the account stands in for, by domain-wide delegation. Default: nobody. Default universe only. */
  readonly subject?: string | undefined;
  /** The token endpoint for `subject`. Default: `https://oauth2.googleapis.com/token`. */
  readonly tokenUri?: string | undefined;
  /** The project that is charged for quota: by the requests for tokens, and in the calls that use them. Default: none, that of the account. */
  readonly quotaProjectId?: string | undefined;
  /** The universe. Default: that of the client. */
  readonly universeDomain?: string | undefined;
  /** Whether to look up where the account's requests may go, and send `x-allowed-locations`. Default: false. */
  readonly regionalAccessBoundary?: boolean | undefined;
  /** Milliseconds that one refresh may take, whoever waits for it. Default: 60,000, the timeout of the RPC. */
  readonly refreshTimeout?: number | undefined;
  /** Time and chance. Default: those of `clientOptions`, else the machine's. */
  readonly clock?: Clock | undefined;
}

/** Their names. */
export const IMPERSONATED_CREDENTIALS_OPTIONS: readonly (keyof ImpersonatedCredentialsOptions)[] = [
  "client",
  "clientOptions",
  "targetPrincipal",
  "delegates",
  "scopes",
  "lifetime",
  "subject",
  "tokenUri",
  "quotaProjectId",
  "universeDomain",
  "regionalAccessBoundary",
  "refreshTimeout",
  "clock",
];
