// SPDX-License-Identifier: Apache-2.0
// What impersonated credentials can be given. Checks nothing.

import { DEFAULT_REFRESH_TIMEOUT_MS } from "../auth/tokens/token-cache.js";
import { declare, type GivenOf, optional, required } from "../base/options/declaration.js";
import { anything, CLOCK, SWITCH, someText, TIMEOUT } from "../base/options/shared-options.js";
import type { DurationLike } from "../iam-credentials/requests.js";
import { clientSource } from "./shared-client.js";

/** Whom to act as, and how. */
export const IMPERSONATED_OPTIONS = declare({
  unknown: "no such option",
  fields: {
    ...clientSource<"generateAccessToken">(),
    /** The service account to act as: its e-mail, its unique id, or `projects/-/serviceAccounts/…`. Required. */
    targetPrincipal: required(anything<string>()),
    /** The accounts between the caller and the target, caller's side first. Default: none, the caller acts directly. */
    delegates: optional(anything<readonly string[]>()),
    /** OAuth scopes of the token, or one as text. Default: `cloud-platform`, since IAM is where permissions belong. */
    scopes: optional(anything<string | readonly string[]>()),
    /**
     * How long a token is good. Default: one hour, the longest without an organization policy. A short one is renewed in its last quarter,
     * so it costs requests that often.
     */
    lifetime: optional(anything<DurationLike>()),
    /** The user that the account acts for, by domain-wide delegation. Default: nobody. Default universe only. */
    subject: optional(someText("the e-mail address of a user")),
    /** The token endpoint for `subject`. Default: `https://oauth2.googleapis.com/token`. */
    tokenUri: optional(anything<string>()),
    /**
     * The project that is charged for quota, by the requests for tokens and by the calls that use them. Default: none, that of the account.
     */
    quotaProjectId: optional(anything<string>()),
    /** The universe. Default: that of the client. */
    universeDomain: optional(someText("a domain such as googleapis.com")),
    /** Whether to look up where the account's requests may go, and send `x-allowed-locations`. Default: false. */
    regionalAccessBoundary: optional(SWITCH, false),
    /** Milliseconds that one refresh may take, whoever waits for it. Default: 60,000, the timeout of the RPC. */
    refreshTimeout: optional(TIMEOUT, DEFAULT_REFRESH_TIMEOUT_MS),
    /** Time and chance. Default: those of `clientOptions`, else the machine's. */
    clock: optional(CLOCK),
  },
});

/** Whom to act as, and how. */
export interface ImpersonatedCredentialsOptions extends GivenOf<typeof IMPERSONATED_OPTIONS.fields> {}
