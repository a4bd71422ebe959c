// SPDX-License-Identifier: Apache-2.0
// Credentials of the service account that a Google machine runs as: tokens from the metadata server, kept and renewed.

import { forwardAbort } from "../../base/abort.js";
import { type Clock, systemClock } from "../../base/clock.js";
import { readEnvironment } from "../../base/environment.js";
import { text, value } from "../../base/options/checks.js";
import { declare, type GivenOf, optional, settle } from "../../base/options/declaration.js";
import { DEFAULT_UNIVERSE_DOMAIN } from "../../base/options/google-names.js";
import { anything, CLOCK, refuseOption, SWITCH, someText, TIMEOUT } from "../../base/options/shared-options.js";
import { checkRootCertificates } from "../../base/socket/tls-identity.js";
import { type LookupRoute, RegionalAccessBoundary } from "../tokens/regional-access-boundary.js";
import { RenewingCredentials } from "../tokens/renewing-credentials.js";
import { DEFAULT_REFRESH_TIMEOUT_MS, type IssuedToken, type TokenWaitOptions } from "../tokens/token-cache.js";
import { openLookupRoute } from "./lookup-route.js";
import { MetadataServer } from "./metadata-server.js";
import { hasMetadataServer } from "./metadata-server-detection.js";

const SCOPES = value<readonly string[]>(
  (given) => Array.isArray(given) && given.every((scope) => /^[^\s,]+$/.test(scope)),
  "an array of OAuth scopes",
);

/** Which account of the machine, and what for. */
const COMPUTE_ENGINE_OPTIONS = declare({
  unknown: "no such option",
  fields: {
    /** The account's e-mail, or `"default"`. Default: `"default"`, the one that the machine was given first. */
    serviceAccountEmail: optional(
      text({ pattern: /^[^/?#\s]+$/, expected: 'an e-mail address, or "default"', isSecret: true }),
    ),
    /** OAuth scopes to ask for; some platforms give what they have instead. Default: `defaultScopes`. */
    scopes: optional(SCOPES),
    /** OAuth scopes to use when the user named none. Default: none, and the machine's own are used. */
    defaultScopes: optional(SCOPES),
    /** The project that is charged for quota. Default: none. */
    quotaProjectId: optional(anything<string>()),
    /** The universe. Default: what the metadata server says, asked when it is first needed. */
    universeDomain: optional(someText("a domain such as googleapis.com")),
    /** Whether to look up where the account's requests may go, and send `x-allowed-locations`. Default: false. */
    regionalAccessBoundary: optional(SWITCH),
    /** Milliseconds that one refresh may take, all attempts included. Default: 60,000; a new GKE pod takes some seconds. */
    refreshTimeout: optional(TIMEOUT, DEFAULT_REFRESH_TIMEOUT_MS),
    /** Where the files for mutual TLS to the metadata server are. Default: where the guest agent puts them. */
    metadataTlsFolder: optional(someText("the path to a directory")),
    /** PEM certificates to trust in requests that leave the machine, instead of the built-in roots. Default: the built-in roots. */
    rootCertificates: optional(anything<string | Uint8Array>()),
    /** Time and chance. Default: the machine's. */
    clock: optional(CLOCK),
  },
});

/** Which account of the machine, and what for. */
export interface ComputeEngineCredentialsOptions extends GivenOf<typeof COMPUTE_ENGINE_OPTIONS.fields> {}

/** How credentials describe themselves. */
export interface CredentialsDescription {
  /** `"metadata server"`. */
  readonly credentialSource: string;
  /** `"VM credentials"`. */
  readonly credentialType: string;
  /** The account's e-mail, or `"default"` before it is known. */
  readonly principal: string;
}

const DEFAULT_ACCOUNT = "default";

/** What the constructor learns before the base class can be built. */
interface Learned {
  email: string | undefined;
  universeDomain: string | undefined;
}

/**
 * The service account of a Compute Engine machine, GKE pod, Cloud Run service or function. Access tokens are those of the configured
 * account (Python's library asks for those of `default`, whatever is configured).
 *
 * Source: google.auth.compute_engine.Credentials.
 */
export class ComputeEngineCredentials extends RenewingCredentials {
  readonly #options: ComputeEngineCredentialsOptions;
  readonly #server: MetadataServer;
  readonly #clock: Clock;
  readonly #learned: Learned;
  #machineScopes: readonly string[] | undefined;

  /** @throws ConfigurationError naming the option that is wrong */
  constructor(options: ComputeEngineCredentialsOptions = {}) {
    const { refreshTimeout } = settle(COMPUTE_ENGINE_OPTIONS, options, { refuse: refuseOption });
    if (options.rootCertificates !== undefined) checkRootCertificates(options.rootCertificates);
    const clock = options.clock ?? systemClock;
    const environment = readEnvironment();
    let route: LookupRoute | undefined;
    const learned: Learned = { email: undefined, universeDomain: options.universeDomain };
    if (options.serviceAccountEmail?.includes("@")) learned.email = options.serviceAccountEmail;
    super({
      issue: (signal) => this.#issue(signal),
      clock,
      quotaProjectId: options.quotaProjectId,
      refreshTimeoutMs: refreshTimeout,
      boundary:
        options.regionalAccessBoundary === true
          ? new RegionalAccessBoundary({
              clock,
              account: () => accountWithBoundary(learned),
              route: () => {
                route ??= openLookupRoute({ clock, rootCertificates: options.rootCertificates, environment });
                return route;
              },
            })
          : undefined,
    });
    this.#options = options;
    this.#clock = clock;
    this.#learned = learned;
    this.#server = new MetadataServer({ environment, clock, tlsFolder: options.metadataTlsFolder });
  }

  /**
   * Whether this machine has a metadata server. Never throws and never warns; where nothing suggests one, it takes no longer than 300 ms.
   */
  static isAvailable(options: TokenWaitOptions & { readonly clock?: Clock | undefined } = {}): Promise<boolean> {
    const { signal, clock = systemClock } = options;
    return hasMetadataServer({ environment: readEnvironment(), clock }, signal);
  }

  /** The account's e-mail; until the first token brings it, what was configured. */
  get serviceAccountEmail(): string {
    return this.#learned.email ?? this.#options.serviceAccountEmail ?? DEFAULT_ACCOUNT;
  }

  /** The scopes that were asked for, else those of the machine; `undefined` before the first token brings them. */
  get scopes(): readonly string[] | undefined {
    return this.#options.scopes ?? this.#machineScopes;
  }

  /** The scopes to use when the user named none. */
  get defaultScopes(): readonly string[] | undefined {
    return this.#options.defaultScopes;
  }

  /** Whether no scopes are known: true before the first token, unless some were asked for. */
  get requiresScopes(): boolean {
    return this.scopes === undefined || this.scopes.length === 0;
  }

  /** Whether the token has all of these scopes, as far as is known. */
  hasScopes(scopes: readonly string[]): boolean {
    const known = this.#options.scopes ?? this.#options.defaultScopes ?? this.#machineScopes ?? [];
    return scopes.every((scope) => known.includes(scope));
  }

  /** The universe as far as it is known; `getUniverseDomain` asks. */
  get universeDomain(): string {
    return this.#learned.universeDomain ?? DEFAULT_UNIVERSE_DOMAIN;
  }

  /** The universe: what was given, else what the metadata server says, asked once. @throws CredentialsError without an answer */
  override async getUniverseDomain(options?: TokenWaitOptions): Promise<string> {
    this.#learned.universeDomain ??= await this.#server.universeDomain(options?.signal);
    return this.#learned.universeDomain;
  }

  /** The machine's project. @throws CredentialsError without an answer */
  getProjectId(options?: TokenWaitOptions): Promise<string> {
    return this.#server.projectId(options?.signal);
  }

  /** A copy with other scopes, without a token yet. */
  withScopes(scopes: readonly string[], defaultScopes?: readonly string[]): ComputeEngineCredentials {
    return this.#copy({ scopes, defaultScopes });
  }

  /** A copy that charges another project, without a token yet. */
  withQuotaProject(quotaProjectId: string | undefined): ComputeEngineCredentials {
    return this.#copy({ quotaProjectId });
  }

  /** A copy in another universe, without a token yet. */
  withUniverseDomain(universeDomain: string): ComputeEngineCredentials {
    return this.#copy({ universeDomain });
  }

  /** A description of these credentials, for people. */
  getCredInfo(): CredentialsDescription {
    return {
      credentialSource: "metadata server",
      credentialType: "VM credentials",
      principal: this.serviceAccountEmail,
    };
  }

  /** The account and its universe, in google-auth-library's spelling. Asks if they are not known. */
  async getCredentials(): Promise<{ client_email: string; universe_domain: string }> {
    const email = this.#learned.email ?? (await this.#server.account(this.#account, undefined)).email;
    this.#learned.email = email;
    return { client_email: email, universe_domain: await this.getUniverseDomain() };
  }

  /** An ID token of the account; requested each time. */
  async fetchIdToken(targetAudience: string, options?: TokenWaitOptions): Promise<string> {
    return this.#server.identityToken(this.#account, targetAudience, options?.signal);
  }

  async #issue(signal: AbortSignal): Promise<IssuedToken> {
    const { scopes, defaultScopes = [] } = this.#options;
    // When one of the two requests fails, the other is aborted.
    const stop = new AbortController();
    const stopListening = forwardAbort(signal, stop);
    const [account, { token, expiresInSeconds }] = await Promise.all([
      this.#server.account(this.#account, stop.signal),
      this.#server.accessToken(this.#account, scopes ?? defaultScopes, stop.signal),
    ]).finally(() => {
      stopListening();
      stop.abort();
    });
    this.#learned.email = account.email;
    this.#machineScopes = account.scopes;
    const lifetimeMs = expiresInSeconds * 1000;
    return { value: token, lifetimeMs, expiresAt: this.#clock.wallNow() + lifetimeMs };
  }

  get #account(): string {
    return this.#options.serviceAccountEmail ?? DEFAULT_ACCOUNT;
  }

  #copy(overrides: ComputeEngineCredentialsOptions): ComputeEngineCredentials {
    const { quotaProjectId } = this;
    const { universeDomain } = this.#learned;
    return new ComputeEngineCredentials({ ...this.#options, quotaProjectId, universeDomain, ...overrides });
  }
}

function accountWithBoundary({ email, universeDomain = DEFAULT_UNIVERSE_DOMAIN }: Learned): string | undefined {
  return email?.includes("@") && universeDomain === DEFAULT_UNIVERSE_DOMAIN ? email : undefined;
}
