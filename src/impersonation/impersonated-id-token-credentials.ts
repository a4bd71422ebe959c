// SPDX-License-Identifier: Apache-2.0
// Credentials that prove the identity of a service account: its ID token for one audience, kept and renewed. Holds no key.

import { issuedIdToken } from "../auth/tokens/issued-id-token.js";
import { RenewingCredentials } from "../auth/tokens/renewing-credentials.js";
import { DEFAULT_REFRESH_TIMEOUT_MS, type IssuedToken } from "../auth/tokens/token-cache.js";
import type { Clock } from "../base/clock.js";
import { declare, type GivenOf, optional, required, settle } from "../base/options/declaration.js";
import { anything, CLOCK, refuseOption, SWITCH, TIMEOUT } from "../base/options/shared-options.js";
import type { CloseOptions, IAMCredentialsAsyncClient } from "../iam-credentials/client.js";
import type { ImpersonatedCredentials } from "./impersonated-credentials.js";
import { type CheckedAccount, normalizeTarget, normalizeTargetAudience } from "./normalize-options.js";
import { clientSource, mintingMetadata, SharedClient } from "./shared-client.js";

/** Whose ID token, and who it is for. */
const ID_TOKEN_OPTIONS = declare({
  unknown: "no such option",
  fields: {
    ...clientSource<"generateIdToken">(),
    /** The service account to act as: its e-mail, its unique id, or `projects/-/serviceAccounts/…`. Required. */
    targetPrincipal: required(anything<string>()),
    /** Who will accept the token: its `aud` claim. Required. */
    targetAudience: required(anything<string>()),
    /** Whether the token has the claims `email` and `email_verified`; IAP asks for them. Default: false, as in the service. */
    includeEmail: optional(SWITCH),
    /** The accounts between the caller and the target, caller's side first. Default: none. */
    delegates: optional(anything<readonly string[]>()),
    /** The project that is charged for quota in the calls that use the token. Default: none. */
    quotaProjectId: optional(anything<string>()),
    /** Milliseconds that one refresh may take, whoever waits for it. Default: 60,000, the timeout of the RPC. */
    refreshTimeout: optional(TIMEOUT, DEFAULT_REFRESH_TIMEOUT_MS),
    /** Time and chance. Default: those of `clientOptions`, else the machine's. */
    clock: optional(CLOCK),
  },
});

/** Whose ID token, and who it is for. */
export interface ImpersonatedIdTokenCredentialsOptions extends GivenOf<typeof ID_TOKEN_OPTIONS.fields> {}

/** Sent with each request for a token, as Google's libraries do. */
const METRICS = { "x-goog-api-client": "auth-request-type/it cred-type/imp" };

/**
 * Acts as a service account towards one audience: Cloud Run, IAP, or a service of your own.
 *
 * @example
 * const caller = new ImpersonatedIdTokenCredentials({
 *   targetPrincipal: "robot@my-project.iam.gserviceaccount.com",
 *   targetAudience: "https://my-service.example",
 * });
 * await fetch("https://my-service.example/jobs", { headers: await caller.getRequestHeaders() });
 */
export class ImpersonatedIdTokenCredentials extends RenewingCredentials {
  readonly #options: ImpersonatedIdTokenCredentialsOptions;
  readonly #shared: SharedClient;
  readonly #clock: Clock;
  readonly #target: CheckedAccount;
  readonly #audience: string;

  /** @throws ConfigurationError naming the option that is wrong */
  constructor(options: ImpersonatedIdTokenCredentialsOptions);
  /** @internal For copies, which share the client of the original. */
  constructor(options: ImpersonatedIdTokenCredentialsOptions, sharedClient: SharedClient);
  constructor(options: ImpersonatedIdTokenCredentialsOptions, sharedClient?: SharedClient) {
    const { refreshTimeout } = settle(ID_TOKEN_OPTIONS, options, { refuse: refuseOption });
    const target = normalizeTarget(options.targetPrincipal, options.delegates, "targetPrincipal");
    const audience = normalizeTargetAudience(options.targetAudience);
    const shared = sharedClient ?? new SharedClient(options, "generateIdToken");
    const clock = options.clock ?? shared.clock;
    super({
      issue: (signal) => this.#issue(signal),
      clock,
      quotaProjectId: options.quotaProjectId,
      refreshTimeoutMs: refreshTimeout,
      boundary: undefined,
    });
    this.#options = options;
    this.#shared = shared;
    this.#clock = clock;
    this.#target = target;
    this.#audience = audience;
  }

  /** ID-token credentials of the same account, by the same client, delegates and quota project. */
  static fromCredentials(
    credentials: ImpersonatedCredentials,
    options: { readonly targetAudience: string; readonly includeEmail?: boolean | undefined },
  ): ImpersonatedIdTokenCredentials {
    return new ImpersonatedIdTokenCredentials({
      client: credentials.client,
      targetPrincipal: credentials.targetPrincipal,
      delegates: credentials.delegates,
      quotaProjectId: credentials.quotaProjectId,
      ...options,
    });
  }

  /** The account that these credentials act as, as its e-mail or unique id. */
  get targetPrincipal(): string {
    return this.#target.account;
  }

  /** The same, by Python's other name for it. */
  get serviceAccountEmail(): string {
    return this.#target.account;
  }

  /** Who will accept the token. */
  get targetAudience(): string {
    return this.#audience;
  }

  /** Whether the token has the account's e-mail. */
  get includeEmail(): boolean {
    return this.#options.includeEmail ?? false;
  }

  /** The universe of the client. */
  get universeDomain(): string {
    return this.#shared.client.universeDomain;
  }

  /** The client that makes the requests. */
  get client(): IAMCredentialsAsyncClient {
    return this.#shared.client;
  }

  /** A copy for another audience, without a token yet. */
  withTargetAudience(targetAudience: string): ImpersonatedIdTokenCredentials {
    return this.#copy({ targetAudience });
  }

  /** A copy whose token has the account's e-mail, or not; without a token yet. */
  withIncludeEmail(includeEmail: boolean): ImpersonatedIdTokenCredentials {
    return this.#copy({ includeEmail });
  }

  /** A copy that charges another project, without a token yet. */
  withQuotaProject(quotaProjectId: string | undefined): ImpersonatedIdTokenCredentials {
    return this.#copy({ quotaProjectId });
  }

  /** Closes the client, if it was made from `clientOptions`; copies share it. */
  close(options?: CloseOptions): Promise<void> {
    return this.#shared.close(options);
  }

  async #issue(signal: AbortSignal): Promise<IssuedToken> {
    const { name, delegates } = this.#target;
    const request = { name, delegates, audience: this.#audience, includeEmail: this.includeEmail };
    const { token } = await this.#shared.client.generateIdToken(request, {
      signal,
      metadata: mintingMetadata(METRICS, this.quotaProjectId),
    });
    return issuedIdToken(token, this.#clock);
  }

  #copy(overrides: Partial<ImpersonatedIdTokenCredentialsOptions>): ImpersonatedIdTokenCredentials {
    const options = { ...this.#options, quotaProjectId: this.quotaProjectId, ...overrides };
    return new ImpersonatedIdTokenCredentials(options, this.#shared);
  }
}
