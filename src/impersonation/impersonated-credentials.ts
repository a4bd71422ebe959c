// SPDX-License-Identifier: Apache-2.0
// Credentials that act as a service account: access tokens and signatures through the client. Holds no key.

import type { HttpRequestOptions, HttpResponse } from "../auth/tokens/authorized-request.js";
import { RegionalAccessBoundary } from "../auth/tokens/regional-access-boundary.js";
import { RenewingCredentials } from "../auth/tokens/renewing-credentials.js";
import { type IssuedToken, lifetimeFromExpiry, type TokenWaitOptions } from "../auth/tokens/token-cache.js";
import { defaultTokenUri, exchangeAssertion, requireTokenUri } from "../auth/tokens/token-endpoint.js";
import type { Clock } from "../base/clock.js";
import { readEnvironment } from "../base/environment.js";
import { ConfigurationError, CredentialsError } from "../base/errors.js";
import { settle } from "../base/options/declaration.js";
import { CLOUD_PLATFORM_SCOPE, DEFAULT_UNIVERSE_DOMAIN } from "../base/options/google-names.js";
import { refuseOption } from "../base/options/shared-options.js";
import type { CloseOptions, IAMCredentialsAsyncClient } from "../iam-credentials/client.js";
import type { SignBlobResponse, SignJwtResponse } from "../iam-credentials/methods.js";
import type { DurationLike } from "../iam-credentials/requests.js";
import { IMPERSONATED_OPTIONS, type ImpersonatedCredentialsOptions } from "./impersonated-credentials-options.js";
import {
  type ImpersonatedServiceAccountInfo,
  optionsFromImpersonatedServiceAccountInfo,
} from "./impersonated-service-account-info.js";
import {
  type CheckedAccount,
  normalizeLifetimeSeconds,
  normalizeScopes,
  normalizeTarget,
} from "./normalize-options.js";
import { mintingMetadata, SharedClient } from "./shared-client.js";
import type { SignedUrlOptions } from "./signed-url.js";
import { SIGN_RETRY, Signer } from "./signer.js";

const DEFAULT_LIFETIME_SECONDS = 3600;
const TOKEN_URI = "https://oauth2.googleapis.com/token";
/** Sent with each request for a token, as Google's libraries do. */
const METRICS = { "x-goog-api-client": "auth-request-type/at cred-type/imp" };

/**
 * Acts as a service account. Hands out its access token at once, renews it before anyone has to wait, makes one request for any number of
 * callers, and serves as `credentials` of our clients and as `authClient` of Google's.
 *
 * @example
 * const robot = new ImpersonatedCredentials({ targetPrincipal: "robot@my-project.iam.gserviceaccount.com" });
 * const response = await fetch(url, { headers: await robot.getRequestHeaders() });
 */
export class ImpersonatedCredentials extends RenewingCredentials {
  readonly #options: ImpersonatedCredentialsOptions;
  readonly #shared: SharedClient;
  readonly #clock: Clock;
  readonly #target: CheckedAccount;
  readonly #scopes: readonly string[];
  readonly #lifetimeSeconds: number;
  #signer: Signer | undefined;

  /** @throws ConfigurationError naming the option that is wrong */
  constructor(options: ImpersonatedCredentialsOptions);
  /** @internal For copies, which share the client of the original. */
  constructor(options: ImpersonatedCredentialsOptions, sharedClient: SharedClient);
  constructor(options: ImpersonatedCredentialsOptions, sharedClient?: SharedClient) {
    const { refreshTimeout, regionalAccessBoundary } = settle(IMPERSONATED_OPTIONS, options, { refuse: refuseOption });
    const target = normalizeTarget(options.targetPrincipal, options.delegates, "targetPrincipal");
    const shared = sharedClient ?? new SharedClient(options, "generateAccessToken", options.universeDomain);
    const clock = options.clock ?? shared.clock;
    super({
      issue: (signal) => this.#issue(signal),
      clock,
      quotaProjectId: options.quotaProjectId,
      refreshTimeoutMs: refreshTimeout,
      boundary: regionalAccessBoundary ? boundaryOf(shared, target, clock) : undefined,
    });
    this.#options = options;
    this.#shared = shared;
    this.#clock = clock;
    this.#target = target;
    this.#scopes = options.scopes === undefined ? DEFAULT_SCOPES : normalizeScopes(options.scopes);
    this.#lifetimeSeconds =
      options.lifetime === undefined ? DEFAULT_LIFETIME_SECONDS : normalizeLifetimeSeconds(options.lifetime);
    if (options.tokenUri !== undefined) requireTokenUri(options.tokenUri, "tokenUri");
    if (
      options.subject !== undefined &&
      (options.universeDomain ?? DEFAULT_UNIVERSE_DOMAIN) !== DEFAULT_UNIVERSE_DOMAIN
    ) {
      throw subjectOutsideOfDefaultUniverse(String(options.universeDomain));
    }
  }

  /**
   * Credentials as `gcloud auth application-default login --impersonate-service-account` writes them. Regional host, delegates, quota
   * project and scopes are kept; options override them.
   *
   * @throws ConfigurationError naming the field that is wrong
   */
  static fromImpersonatedServiceAccountInfo(
    info: ImpersonatedServiceAccountInfo,
    options: Partial<ImpersonatedCredentialsOptions> = {},
  ): ImpersonatedCredentials {
    return new ImpersonatedCredentials(optionsFromImpersonatedServiceAccountInfo(info, options));
  }

  /** The account that these credentials act as, as its e-mail or unique id. */
  get targetPrincipal(): string {
    return this.#target.account;
  }

  /** The same, by Python's other names for it. */
  get serviceAccountEmail(): string {
    return this.#target.account;
  }

  /** The same: who signs. */
  get signerEmail(): string {
    return this.#target.account;
  }

  /** The accounts on the way, as `projects/-/serviceAccounts/…`. */
  get delegates(): readonly string[] {
    return this.#target.delegates;
  }

  /** The scopes of the token. */
  get scopes(): readonly string[] {
    return this.#scopes;
  }

  /** The lifetime that is asked for, in seconds. */
  get lifetime(): number {
    return this.#lifetimeSeconds;
  }

  /** The user that the account acts for. */
  get subject(): string | undefined {
    return this.#options.subject;
  }

  /** The universe of the client. */
  get universeDomain(): string {
    return this.#options.universeDomain ?? this.#shared.client.universeDomain;
  }

  /** The client that makes the requests. */
  get client(): IAMCredentialsAsyncClient {
    return this.#shared.client;
  }

  /** Signs as the account. */
  get signer(): Signer {
    this.#signer ??= new Signer({
      client: this.#shared.client,
      serviceAccount: this.#target.name,
      delegates: this.#target.delegates,
      clock: this.#clock,
    });
    return this.#signer;
  }

  /** Whether the token has all of these scopes. */
  hasScopes(scopes: readonly string[]): boolean {
    return scopes.every((scope) => this.#scopes.includes(scope));
  }

  /** A copy with other scopes and no token yet. */
  withScopes(scopes: string | readonly string[]): ImpersonatedCredentials {
    return this.#copy({ scopes });
  }

  /** A copy that charges another project, without a token yet. */
  withQuotaProject(quotaProjectId: string | undefined): ImpersonatedCredentials {
    return this.#copy({ quotaProjectId });
  }

  /** A copy that acts for another user, without a token yet. */
  withSubject(subject: string | undefined): ImpersonatedCredentials {
    return this.#copy({ subject });
  }

  /** A copy whose tokens live longer or shorter, without a token yet. */
  withLifetime(lifetime: DurationLike): ImpersonatedCredentials {
    return this.#copy({ lifetime });
  }

  /** Signs bytes with a system-managed key of the account. Throws as the client's `signBlob`. */
  signBlob(payload: Uint8Array, options?: TokenWaitOptions): Promise<SignBlobResponse> {
    return this.#shared.client.signBlob({ ...this.#account(), payload }, { retry: SIGN_RETRY, ...options });
  }

  /** Signs claims as the account. Throws as the client's `signJwt`. */
  signJwt(payload: string | Readonly<Record<string, unknown>>, options?: TokenWaitOptions): Promise<SignJwtResponse> {
    return this.#shared.client.signJwt({ ...this.#account(), payload }, options);
  }

  /** Signs bytes, or text as UTF-8: the signature in base64, as `GoogleAuth.sign` of google-auth-library gives it. */
  async sign(data: string | Uint8Array, _endpoint?: string): Promise<string> {
    const { signedBlob } = await this.signBlob(typeof data === "string" ? Buffer.from(data) : data);
    return signedBlob.toString("base64");
  }

  /** Signs bytes: the signature alone, as Python's `sign_bytes` gives it. */
  async signBytes(payload: Uint8Array, options?: TokenWaitOptions): Promise<Buffer> {
    return (await this.signBlob(payload, options)).signedBlob;
  }

  /** A Cloud Storage V4 signed URL. Throws as `Signer.signedUrl`. */
  signedUrl(options: SignedUrlOptions): Promise<string> {
    return this.signer.signedUrl(options);
  }

  /**
   * Makes an HTTP request with authorization, by gaxios: what Google's libraries call. A request to sign bytes as this same account
   * (`GoogleAuth.sign`, behind `getSignedUrl`) goes through the client: the caller may sign as the account, the account itself usually may
   * not.
   */
  override async request<T>(options: HttpRequestOptions): Promise<HttpResponse<T>> {
    const payload = this.#payloadToSign(options);
    if (payload === undefined) return super.request<T>(options);
    const { keyId, signedBlob } = await this.signBlob(payload);
    const data = { keyId, signedBlob: signedBlob.toString("base64") };
    return { data: data as T, status: 200, headers: new Headers() }; // as: the answer of the method that was called
  }

  /** An ID token of the account, requested each time; see ImpersonatedIdTokenCredentials for one that is kept. */
  async fetchIdToken(targetAudience: string, options: { includeEmail?: boolean } = {}): Promise<string> {
    const { includeEmail = true } = options; // google-auth-library's default
    const request = { ...this.#account(), audience: targetAudience, includeEmail };
    return (await this.#shared.client.generateIdToken(request)).token;
  }

  /** Who signs, in google-auth-library's spelling. There is no key to show. */
  async getCredentials(): Promise<{ client_email: string; universe_domain: string }> {
    return { client_email: this.#target.account, universe_domain: this.universeDomain };
  }

  /** Who signs, as google-auth-library's `Impersonated` says it. */
  getTargetPrincipal(): string {
    return this.#target.account;
  }

  /** Closes the client, if it was made from `clientOptions`; copies share it. */
  close(options?: CloseOptions): Promise<void> {
    return this.#shared.close(options);
  }

  async #issue(signal: AbortSignal): Promise<IssuedToken> {
    if (this.#options.subject !== undefined) return this.#issueForSubject(this.#options.subject, signal);
    const { accessToken, expireTime } = await this.#shared.client.generateAccessToken(
      { ...this.#account(), scope: this.#scopes, lifetime: this.#lifetimeSeconds },
      { signal, metadata: mintingMetadata(METRICS, this.quotaProjectId) },
    );
    const expiresAt = expireTime.toDate().getTime();
    const grantedMs = this.#lifetimeSeconds * 1000;
    return { value: accessToken, expiresAt, lifetimeMs: lifetimeFromExpiry(expiresAt, grantedMs, this.#clock) };
  }

  async #issueForSubject(subject: string, signal: AbortSignal): Promise<IssuedToken> {
    const { client } = this.#shared;
    if (client.universeDomain !== DEFAULT_UNIVERSE_DOMAIN) throw subjectOutsideOfDefaultUniverse(client.universeDomain);
    const iat = Math.floor(this.#clock.wallNow() / 1000);
    const claims = {
      iss: this.#target.account,
      scope: this.#scopes.join(" "),
      sub: subject,
      aud: TOKEN_URI,
      iat,
      exp: iat + DEFAULT_LIFETIME_SECONDS,
    };
    const { signedJwt } = await this.signJwt(claims, { signal });
    const tokenUri = this.#options.tokenUri ?? defaultTokenUri(TOKEN_URI, readEnvironment());
    const exchanged = await exchangeAssertion({ tokenUri, assertion: signedJwt, signal, http: this.#shared.http });
    if (exchanged.accessToken === undefined) throw new CredentialsError(`${tokenUri} returned no access token`);
    const lifetimeMs = exchanged.expiresInSeconds * 1000;
    return { value: exchanged.accessToken, lifetimeMs, expiresAt: this.#clock.wallNow() + lifetimeMs };
  }

  #payloadToSign({ url, method, data }: HttpRequestOptions): Buffer | undefined {
    const path = `/v1/projects/-/serviceAccounts/${this.#target.account}:signBlob`;
    if (method !== "POST" || url === undefined || !String(url).endsWith(path)) return undefined;
    const payload: unknown = typeof data === "object" && data !== null && "payload" in data ? data.payload : undefined;
    return typeof payload === "string" ? Buffer.from(payload, "base64") : undefined;
  }

  #account(): { name: string; delegates: readonly string[] } {
    return { name: this.#target.name, delegates: this.#target.delegates };
  }

  #copy(overrides: Partial<ImpersonatedCredentialsOptions>): ImpersonatedCredentials {
    const options = { ...this.#options, quotaProjectId: this.quotaProjectId, ...overrides };
    return new ImpersonatedCredentials(options, this.#shared);
  }
}

const DEFAULT_SCOPES: readonly string[] = Object.freeze([CLOUD_PLATFORM_SCOPE]);

function boundaryOf(shared: SharedClient, target: CheckedAccount, clock: Clock): RegionalAccessBoundary {
  return new RegionalAccessBoundary({
    clock,
    account: () => (shared.client.universeDomain === DEFAULT_UNIVERSE_DOMAIN ? target.account : undefined),
    route: () => shared.lookupRoute,
  });
}

function subjectOutsideOfDefaultUniverse(universeDomain: string): ConfigurationError {
  return new ConfigurationError(
    `subject: domain-wide delegation is not supported in universes other than ${DEFAULT_UNIVERSE_DOMAIN}, and this is ${universeDomain}`,
  );
}
