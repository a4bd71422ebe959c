// SPDX-License-Identifier: Apache-2.0
// ID tokens of the service account that a Google machine runs as: those of the metadata server, or an assertion that IAM signs and a token
// endpoint exchanges. Holds no key.

import { ComputeEngineCredentials } from "../auth/metadata-server/compute-engine-credentials.js";
import { issuedIdToken } from "../auth/tokens/issued-id-token.js";
import { RenewingCredentials } from "../auth/tokens/renewing-credentials.js";
import { DEFAULT_REFRESH_TIMEOUT_MS, type IssuedToken, type TokenWaitOptions } from "../auth/tokens/token-cache.js";
import { defaultTokenUri, exchangeAssertion, requireTokenUri } from "../auth/tokens/token-endpoint.js";
import { type Clock, systemClock } from "../base/clock.js";
import { readEnvironment } from "../base/environment.js";
import { ConfigurationError, CredentialsError, RequestError } from "../base/errors.js";
import { value } from "../base/options/checks.js";
import { declare, type GivenOf, optional, required, settle } from "../base/options/declaration.js";
import { anything, CLOCK, hasMethod, refuseOption, SWITCH, TIMEOUT } from "../base/options/shared-options.js";
import { normalizeClaims } from "../messages/claims.js";
import { normalizeTargetAudience } from "./normalize-options.js";
import { clientSource, SharedClient } from "./shared-client.js";
import { type Signature, Signer } from "./signer.js";

/** Signs bytes; a {@link Signer} is one. */
export interface ByteSigner {
  /** Signs with RSASSA-PKCS1-v1_5 and SHA-256. */
  sign(payload: Uint8Array, options?: TokenWaitOptions): Promise<Signature>;
}

/** Whose ID token, who it is for, and in which of the two ways. */
const ID_TOKEN_OPTIONS = declare({
  unknown: "no such option",
  fields: {
    ...clientSource<"signBlob">(),
    /** Who will accept the token: its `aud` claim. Required. */
    targetAudience: required(anything<string>()),
    /**
     * Whether the metadata server makes the token. Otherwise IAM signs an assertion (which needs *Service Account Token Creator* on
     * the account itself) and the token endpoint gives the token for it. Default: false, as in Python.
     */
    useMetadataIdentityEndpoint: optional(SWITCH),
    /** The account. Default: the machine's default one. */
    serviceAccountEmail: optional(anything<string>()),
    /** The token endpoint of the signing mode. Default: `https://www.googleapis.com/oauth2/v4/token`. */
    tokenUri: optional(anything<string>()),
    /** Claims to add to the assertion, in the signing mode; `exp`, `iat` and `nbf` in whole seconds. Default: none. */
    additionalClaims: optional(anything<Readonly<Record<string, unknown>>>()),
    /** What signs the assertion, in the signing mode. Default: IAM, as the account itself, by its access token. */
    signer: optional(
      value<ByteSigner>((given) => hasMethod(given, "sign"), "an object with a method sign, such as a Signer"),
    ),
    /** The project that is charged for quota. Default: none. */
    quotaProjectId: optional(anything<string>()),
    /** Milliseconds that one refresh may take. Default: 60,000. */
    refreshTimeout: optional(TIMEOUT, DEFAULT_REFRESH_TIMEOUT_MS),
    /** Time and chance. Default: the machine's. */
    clock: optional(CLOCK),
  },
});

/** Whose ID token, who it is for, and in which of the two ways. */
export interface ComputeEngineIdTokenCredentialsOptions extends GivenOf<typeof ID_TOKEN_OPTIONS.fields> {}

const ONLY_SIGNING = ["tokenUri", "additionalClaims", "signer"] as const;
const TOKEN_URI = "https://www.googleapis.com/oauth2/v4/token";
const LIFETIME_SECONDS = 3600;

/** ID tokens of the machine's service account, for one audience. Source: google.auth.compute_engine.IDTokenCredentials. */
export class ComputeEngineIdTokenCredentials extends RenewingCredentials {
  readonly #options: ComputeEngineIdTokenCredentialsOptions;
  readonly #account: ComputeEngineCredentials;
  readonly #additionalClaims: object;
  readonly #clock: Clock;
  readonly #shared: SharedClient;
  #signer: ByteSigner | undefined;

  /** @throws ConfigurationError naming the option that is wrong, or that the chosen way has no use for */
  constructor(options: ComputeEngineIdTokenCredentialsOptions) {
    const { refreshTimeout } = settle(ID_TOKEN_OPTIONS, options, { refuse: refuseOption });
    normalizeTargetAudience(options.targetAudience);
    checkWay(options);
    const additionalClaims = copyClaims(options.additionalClaims);
    const clock = options.clock ?? systemClock;
    super({
      issue: (signal) => this.#issue(signal),
      clock,
      quotaProjectId: options.quotaProjectId,
      refreshTimeoutMs: refreshTimeout,
      boundary: undefined,
    });
    const { serviceAccountEmail } = options;
    this.#options = options;
    this.#additionalClaims = additionalClaims;
    this.#clock = clock;
    this.#account = new ComputeEngineCredentials({ serviceAccountEmail, clock });
    const { client } = options;
    const clientOptions = { credentials: this.#account, ...options.clientOptions };
    this.#shared = new SharedClient(client === undefined ? { clientOptions } : { client }, "signBlob");
    this.#signer = options.signer;
  }

  /** Who will accept the token. */
  get targetAudience(): string {
    return this.#options.targetAudience;
  }

  /** The token endpoint of the signing mode. */
  get tokenUri(): string {
    return this.#options.tokenUri ?? defaultTokenUri(TOKEN_URI, readEnvironment());
  }

  /** The account's e-mail; `"default"` until the first token brings it. */
  get serviceAccountEmail(): string {
    return this.#account.serviceAccountEmail;
  }

  /** Who signs: the same. */
  get signerEmail(): string {
    return this.#account.serviceAccountEmail;
  }

  /** What signs; `undefined` in the metadata server's mode, and until the account's e-mail is known. */
  get signer(): ByteSigner | undefined {
    return this.#signer;
  }

  /** The universe of the machine, as far as it is known. */
  get universeDomain(): string {
    return this.#account.universeDomain;
  }

  /** The universe of the machine. @throws CredentialsError when the metadata server does not answer */
  override getUniverseDomain(): Promise<string> {
    return this.#account.getUniverseDomain();
  }

  /** A copy for another audience, without a token yet. */
  withTargetAudience(targetAudience: string): ComputeEngineIdTokenCredentials {
    return this.#copy({ targetAudience });
  }

  /** A copy that charges another project, without a token yet. */
  withQuotaProject(quotaProjectId: string | undefined): ComputeEngineIdTokenCredentials {
    return this.#copy({ quotaProjectId });
  }

  /** A copy with another token endpoint. @throws ConfigurationError in the metadata server's mode */
  withTokenUri(tokenUri: string): ComputeEngineIdTokenCredentials {
    return this.#copy({ tokenUri });
  }

  /**
   * Signs bytes as the account.
   *
   * @throws ConfigurationError in the metadata server's mode, which has no signer
   */
  async signBytes(payload: Uint8Array, options?: TokenWaitOptions): Promise<Buffer> {
    return (await (await this.#resolveSigner(options?.signal)).sign(payload, options)).signature;
  }

  /** Closes the client, if it was made here. */
  close(): Promise<void> {
    return this.#shared.close();
  }

  async #issue(signal: AbortSignal): Promise<IssuedToken> {
    const value =
      this.#options.useMetadataIdentityEndpoint === true
        ? await this.#account.fetchIdToken(this.targetAudience, { signal })
        : await this.#tokenForAssertion(signal);
    return issuedIdToken(value, this.#clock);
  }

  async #tokenForAssertion(signal: AbortSignal): Promise<string> {
    const signer = await this.#resolveSigner(signal);
    const iat = Math.floor(this.#clock.wallNow() / 1000);
    const claims = {
      iat,
      exp: iat + LIFETIME_SECONDS,
      iss: this.serviceAccountEmail,
      aud: this.tokenUri,
      target_audience: this.targetAudience,
      ...this.#additionalClaims,
    };
    const parts = [{ typ: "JWT", alg: "RS256" }, claims];
    const signingInput = parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
    const { signature } = await signer.sign(Buffer.from(signingInput), { signal });
    const assertion = `${signingInput}.${signature.toString("base64url")}`;
    const { idToken } = await exchangeAssertion({
      tokenUri: this.tokenUri,
      assertion,
      signal,
      http: this.#shared.http,
    });
    if (idToken === undefined) throw new CredentialsError(`${this.tokenUri} returned no ID token`);
    return idToken;
  }

  async #resolveSigner(signal: AbortSignal | undefined): Promise<ByteSigner> {
    if (this.#options.useMetadataIdentityEndpoint === true) {
      throw new ConfigurationError("signer: is not available if the metadata identity endpoint is used");
    }
    if (this.#account.serviceAccountEmail === "default") await this.#account.refresh({ signal });
    const { serviceAccountEmail } = this.#account;
    if (this.#signer === undefined && !serviceAccountEmail.includes("@")) {
      throw new CredentialsError(
        `the machine's identity is ${JSON.stringify(serviceAccountEmail)}, from a workload identity pool and not a service account, ` +
          "so nothing can sign as it; link the Kubernetes service account to a service account, or impersonate one",
      );
    }
    this.#signer ??= new Signer({
      client: this.#shared.client,
      serviceAccount: serviceAccountEmail,
      clock: this.#clock,
    });
    return this.#signer;
  }

  #copy(overrides: Partial<ComputeEngineIdTokenCredentialsOptions>): ComputeEngineIdTokenCredentials {
    const { quotaProjectId } = this;
    return new ComputeEngineIdTokenCredentials({ ...this.#options, quotaProjectId, ...overrides });
  }
}

function checkWay(options: ComputeEngineIdTokenCredentialsOptions): void {
  if (options.tokenUri !== undefined) requireTokenUri(options.tokenUri, "tokenUri");
  if (options.useMetadataIdentityEndpoint !== true) return;
  const given = ONLY_SIGNING.filter((option) => options[option] !== undefined);
  if (given.length > 0) {
    throw new ConfigurationError(
      `${given.join(", ")}: must not be set together with useMetadataIdentityEndpoint; the metadata server supports nothing else`,
    );
  }
}

/** A copy of claims that JSON carries unchanged. @throws ConfigurationError naming a claim that it would change */
function copyClaims(claims: Readonly<Record<string, unknown>> | undefined): object {
  if (claims === undefined) return {};
  try {
    return JSON.parse(normalizeClaims(typeof claims === "string" ? undefined : claims));
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    throw new ConfigurationError(error.message.replace(/^payload/, "additionalClaims"));
  }
}
