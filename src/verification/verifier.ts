// SPDX-License-Identifier: Apache-2.0
// Verifies what service accounts and Google have signed, with the keys that Google publishes. Holds no secret.

import { type KeyObject, verify } from "node:crypto";
import { type Clock, systemClock } from "../base/clock.js";
import { type Environment, readEnvironment } from "../base/environment.js";
import { ConfigurationError, RequestError, VerificationError } from "../base/errors.js";
import { openSideClient } from "../base/http/side-requests.js";
import { requireKnownFields } from "../base/known-fields.js";
import { checkClaims, parseCompactJws } from "./compact-jws.js";
import { PublicKeys } from "./public-keys.js";

/** Where the keys are, and what time it is. */
export interface VerifierOptions {
  /**
   * Where Google publishes keys: below it are `service_accounts/v1/metadata/jwk/…` and `oauth2/v3/certs`.
   * Default: `https://www.googleapis.com`, or the emulator that `IAM_CREDENTIALS_EMULATOR_HOST` names.
   */
  readonly keysUrl?: string | undefined;
  /** How far the clocks of signer and verifier may be apart, in seconds. Default: 10, as in google-auth. */
  readonly clockSkewSeconds?: number | undefined;
  /** PEM certificates to trust instead of the built-in roots. Default: the built-in roots. */
  readonly rootCertificates?: string | Uint8Array | undefined;
  /** Time. Default: the machine's. */
  readonly clock?: Clock | undefined;
}

/** Bytes, a signature, and who is said to have signed. */
export interface BlobToVerify {
  /** The account's e-mail or unique id. Required. */
  readonly serviceAccount: string;
  /** The bytes that were signed. Required. */
  readonly payload: Uint8Array;
  /** The signature. Required. */
  readonly signature: Uint8Array;
  /** Which of the account's keys signed. Default: any of those that are published. */
  readonly keyId?: string | undefined;
  /** Ends it with the signal's reason. Default: none. */
  readonly signal?: AbortSignal | undefined;
}

/** What a JWT of a service account must say. */
export interface JwtExpectations {
  /** The account that must have signed: its e-mail or unique id. Required. */
  readonly serviceAccount: string;
  /** Who we are, one of these must be in `aud`; `false`: do not look. Required. */
  readonly audience: string | readonly string[] | false;
  /** What `iss` must be. Default: anything, since the key says already who signed. */
  readonly issuer?: string | readonly string[] | undefined;
  /** `false`: a token without `exp` is good for ever. Default: there must be one. */
  readonly expiry?: false | undefined;
  /** Ends it with the signal's reason. Default: none. */
  readonly signal?: AbortSignal | undefined;
}

/** What a Google ID token must say. */
export interface IdTokenExpectations {
  /** Who we are, one of these must be `aud`. Required. */
  readonly audience: string | readonly string[];
  /** The e-mail that must be in it, verified. Default: anyone's, and you look at `sub` or `email` yourself. */
  readonly email?: string | undefined;
  /** Ends it with the signal's reason. Default: none. */
  readonly signal?: AbortSignal | undefined;
}

/** The claims of a token that is good. */
export type VerifiedClaims = Readonly<Record<string, unknown>>;

const OPTIONS: readonly string[] = [
  "keysUrl",
  "clockSkewSeconds",
  "rootCertificates",
  "clock",
] satisfies (keyof VerifierOptions)[];
const BLOB_FIELDS = ["serviceAccount", "payload", "signature", "keyId", "signal"] satisfies (keyof BlobToVerify)[];
const JWT_FIELDS = ["serviceAccount", "audience", "issuer", "expiry", "signal"] satisfies (keyof JwtExpectations)[];
const ID_TOKEN_FIELDS = ["audience", "email", "signal"] satisfies (keyof IdTokenExpectations)[];
const KEYS_URL = "https://www.googleapis.com";
const CLOCK_SKEW_SECONDS = 10;
const GOOGLE_ISSUERS = ["https://accounts.google.com", "accounts.google.com"];

/** Verifies tokens and signatures. Keep one: it remembers the public keys, and looks again for a key id that it does not know. */
export class Verifier {
  readonly #keysUrl: string;
  readonly #clockSkewSeconds: number;
  readonly #clock: Clock;
  readonly #keys: PublicKeys;

  /** @throws ConfigurationError naming the option that is wrong */
  constructor(options: VerifierOptions = {}) {
    const unknown = Object.keys(options).find((key) => !OPTIONS.includes(key));
    if (unknown !== undefined) {
      throw new ConfigurationError(`${unknown}: no such option; there are ${OPTIONS.join(", ")}`);
    }
    const environment = readEnvironment();
    const {
      keysUrl = defaultKeysUrl(environment),
      clockSkewSeconds = CLOCK_SKEW_SECONDS,
      clock = systemClock,
    } = options;
    if (!/^https?:$/.test(URL.canParse(keysUrl) ? new URL(keysUrl).protocol : "")) {
      throw new ConfigurationError("keysUrl: must be an http or https URL");
    }
    if (typeof clockSkewSeconds !== "number" || !(clockSkewSeconds >= 0)) {
      throw new ConfigurationError("clockSkewSeconds: must be a number of seconds, 0 or more");
    }
    this.#keysUrl = keysUrl.replace(/\/$/, "");
    this.#clockSkewSeconds = clockSkewSeconds;
    this.#clock = clock;
    this.#keys = new PublicKeys(
      clock,
      openSideClient({ clock, rootCertificates: options.rootCertificates, environment }),
    );
  }

  /**
   * Verifies a signature of signBlob: RSASSA-PKCS1-v1_5 with SHA-256.
   *
   * @returns the id of the key that signed
   * @throws VerificationError naming the check that failed; RequestError when a field is wrong
   */
  async verifyBlob(blob: BlobToVerify): Promise<{ keyId: string }> {
    requireKnownFields(blob, BLOB_FIELDS, "blob");
    const { serviceAccount, payload, signature, keyId, signal } = blob;
    for (const [field, bytes] of Object.entries({ payload, signature })) {
      if (!(bytes instanceof Uint8Array)) throw new RequestError(field, "must be bytes (a Buffer or Uint8Array)");
    }
    const url = this.#accountUrl(serviceAccount);
    const candidates =
      keyId === undefined
        ? await this.#keys.all(url, signal)
        : new Map([[keyId, await this.#keys.find(url, keyId, signal)]]);
    for (const [id, key] of candidates) {
      if (await isSigned(payload, key, signature)) return { keyId: id };
    }
    throw new VerificationError("signature", `is not that of ${serviceAccount} over these bytes`);
  }

  /**
   * Verifies a JWT of signJwt: RS256, by a published key of the account, for this audience, not expired.
   *
   * @throws VerificationError naming the check that failed; RequestError when an expectation is wrong
   */
  async verifyJwt(jwt: string, expected: JwtExpectations): Promise<VerifiedClaims> {
    requireKnownFields(expected, JWT_FIELDS, "expected");
    const { serviceAccount, audience, issuer, expiry, signal } = expected;
    const audiences = audience === false ? false : textsOf(audience, "audience");
    const issuers = issuer === undefined ? false : textsOf(issuer, "issuer");
    const claims = await this.#verifySignature(jwt, this.#accountUrl(serviceAccount), signal);
    this.#checkClaims(claims, { audiences, issuers, requiresExpiry: expiry !== false });
    return claims;
  }

  /**
   * Verifies a Google ID token: RS256, by Google, for this audience, not expired.
   *
   * @throws VerificationError naming the check that failed; RequestError when an expectation is wrong
   */
  async verifyIdToken(token: string, expected: IdTokenExpectations): Promise<VerifiedClaims> {
    requireKnownFields(expected, ID_TOKEN_FIELDS, "expected");
    const audiences = textsOf(expected.audience, "audience");
    const claims = await this.#verifySignature(token, `${this.#keysUrl}/oauth2/v3/certs`, expected.signal);
    this.#checkClaims(claims, { audiences, issuers: GOOGLE_ISSUERS, requiresExpiry: true });
    if (expected.email !== undefined && (claims["email"] !== expected.email || claims["email_verified"] !== true)) {
      throw new VerificationError("email", `is not ${expected.email}, or not verified`);
    }
    return claims;
  }

  async #verifySignature(token: string, keysUrl: string, signal: AbortSignal | undefined): Promise<VerifiedClaims> {
    const { keyId, claims, signingInput, signature } = parseCompactJws(token);
    const key = await this.#keys.find(keysUrl, keyId, signal);
    if (await isSigned(signingInput, key, signature)) return claims;
    throw new VerificationError("signature", "does not fit the token");
  }

  #checkClaims(
    claims: VerifiedClaims,
    expected: Pick<Parameters<typeof checkClaims>[1], "audiences" | "issuers" | "requiresExpiry">,
  ): void {
    const nowSeconds = this.#clock.wallNow() / 1000;
    checkClaims(claims, { ...expected, nowSeconds, clockSkewSeconds: this.#clockSkewSeconds });
  }

  #accountUrl(serviceAccount: string): string {
    if (typeof serviceAccount !== "string" || !/^(?!\.{1,2}$)[\w.@+-]+$/.test(serviceAccount)) {
      throw new RequestError("serviceAccount", "must be the e-mail or unique id of a service account");
    }
    return `${this.#keysUrl}/service_accounts/v1/metadata/jwk/${serviceAccount}`;
  }
}

function defaultKeysUrl(environment: Environment): string {
  const emulator = environment["IAM_CREDENTIALS_EMULATOR_HOST"];
  return emulator ? `http://${emulator}` : KEYS_URL;
}

/** In the thread pool: an RSA verification takes as long as some hundred other steps here. */
function isSigned(bytes: Uint8Array, key: KeyObject, signature: Uint8Array): Promise<boolean> {
  return new Promise((resolve, reject) => {
    verify("sha256", bytes, key, signature, (error, isGood) => (error === null ? resolve(isGood) : reject(error)));
  });
}

function textsOf(value: string | readonly string[], field: string): readonly string[] {
  const texts = typeof value === "string" ? [value] : value;
  if (Array.isArray(texts) && texts.length > 0 && texts.every((text) => typeof text === "string" && text !== "")) {
    return texts;
  }
  throw new RequestError(field, "must be a text, or a list of at least one");
}

/** Public keys are no secret and the same for everybody, so one memory of them serves the whole process. */
let shared: Verifier | undefined;

function sharedVerifier(): Verifier {
  shared ??= new Verifier();
  return shared;
}

/** `verifyBlob` of a {@link Verifier} with default options, which all callers in the process share. */
export function verifyBlob(blob: BlobToVerify): Promise<{ keyId: string }> {
  return sharedVerifier().verifyBlob(blob);
}

/** `verifyJwt` of a {@link Verifier} with default options, which all callers in the process share. */
export function verifyJwt(jwt: string, expected: JwtExpectations): Promise<VerifiedClaims> {
  return sharedVerifier().verifyJwt(jwt, expected);
}

/** `verifyIdToken` of a {@link Verifier} with default options, which all callers in the process share. */
export function verifyIdToken(token: string, expected: IdTokenExpectations): Promise<VerifiedClaims> {
  return sharedVerifier().verifyIdToken(token, expected);
}
