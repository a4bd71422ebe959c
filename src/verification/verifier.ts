// SPDX-License-Identifier: Apache-2.0
// Verifies what service accounts and Google have signed, with the keys that Google publishes. Holds no secret.

import { type KeyObject, verify } from "node:crypto";
import { type Clock, systemClock } from "../base/clock.js";
import { EMULATOR_VARIABLE, type Environment, readEnvironment } from "../base/environment.js";
import { RequestError, VerificationError } from "../base/errors.js";
import { openSideClient } from "../base/http/side-requests.js";
import { text, value } from "../base/options/checks.js";
import { declare, type GivenOf, optional, required, settle } from "../base/options/declaration.js";
import { anything, CLOCK, checkFields, refuseOption, SIGNAL, someText } from "../base/options/shared-options.js";
import { checkClaims, type JwsAlgorithm, parseCompactJws } from "./compact-jws.js";
import { PublicKeys } from "./public-keys.js";

const IAP_AUDIENCE =
  /^\/projects\/\d+\/(global\/backendServices\/\d+|apps\/[a-z0-9:.-]+|(locations\/)?[a-z0-9-]+\/(backendServices|services)\/[\w-]+)$/;
const IAP_ISSUER = "https://cloud.google.com/iap";
const IAP_KEYS_URL = "https://www.gstatic.com";
const KEYS_URL = "https://www.googleapis.com";
const KEY_TYPES = { RS256: "rsa", ES256: "ec" } as const;
const CLOCK_SKEW_SECONDS = 10;
const BYTES = value<Uint8Array>((given) => given instanceof Uint8Array, "bytes (a Buffer or Uint8Array)");

/** Where the keys are, and what time it is. */
const VERIFIER_OPTIONS = declare({
  unknown: "no such option",
  fields: {
    /**
     * Where Google publishes keys: below it are `service_accounts/v1/metadata/jwk/…` and `oauth2/v3/certs`.
     * Default: `https://www.googleapis.com`, or the emulator that `IAM_CREDENTIALS_EMULATOR_HOST` names.
     */
    keysUrl: optional(
      value<string>(
        (given) => /^https?:$/.test(URL.canParse(String(given)) ? new URL(String(given)).protocol : ""),
        "an http or https URL",
      ),
    ),
    /** How far the clocks of signer and verifier may be apart, in seconds. Default: 10, as in google-auth. */
    clockSkewSeconds: optional(
      value<number>((given) => typeof given === "number" && given >= 0, "a non-negative number of seconds"),
      CLOCK_SKEW_SECONDS,
    ),
    /** PEM certificates to trust instead of the built-in roots. Default: the built-in roots. */
    rootCertificates: optional(anything<string | Uint8Array>()),
    /** Time. Default: the machine's. */
    clock: optional(CLOCK, systemClock),
  },
});

/** Where the keys are, and what time it is. */
export interface VerifierOptions extends GivenOf<typeof VERIFIER_OPTIONS.fields> {}

/** Goes into a URL as it is. */
const SERVICE_ACCOUNT = text({
  pattern: /^(?!\.{1,2}$)[\w.@+-]+$/,
  expected: "the e-mail address or unique ID of a service account",
  isSecret: true,
});

/** Bytes, a signature, and who should have signed. */
const BLOB = declare({
  unknown: "no such field",
  fields: {
    /** The account's e-mail or unique id. Required. */
    serviceAccount: required(SERVICE_ACCOUNT),
    /** The bytes that were signed. Required. */
    payload: required(BYTES),
    /** The signature. Required. */
    signature: required(BYTES),
    /** Which of the account's keys signed. Default: any of those that are published. */
    keyId: optional(someText("a key ID")),
    /** Aborts with the signal's reason. Default: none. */
    signal: optional(SIGNAL),
  },
});

/** Bytes, a signature, and who should have signed. */
export interface BlobToVerify extends GivenOf<typeof BLOB.fields> {}

/** What a JWT of a service account must say. */
const JWT_EXPECTATIONS = declare({
  unknown: "no such field",
  fields: {
    /** The account that must have signed: its e-mail or unique id. Required. */
    serviceAccount: required(SERVICE_ACCOUNT),
    /** Who we are: one of these must be in `aud`; `false`: not checked. Required. */
    audience: required(anything<string | readonly string[] | false>()),
    /** What `iss` must be. Default: anything, since the key already says who signed. */
    issuer: optional(anything<string | readonly string[]>()),
    /** `false`: a token without `exp` is valid forever. Default: there must be one. */
    expiry: optional(value<false>((given) => given === false, "false, or left out")),
    /** Aborts with the signal's reason. Default: none. */
    signal: optional(SIGNAL),
  },
});

/** What a JWT of a service account must say. */
export interface JwtExpectations extends GivenOf<typeof JWT_EXPECTATIONS.fields> {}

/** What a Google ID token must say. */
const ID_TOKEN_EXPECTATIONS = declare({
  unknown: "no such field",
  fields: {
    /** Who we are: one of these must be `aud`. Required. */
    audience: required(anything<string | readonly string[]>()),
    /** The e-mail that must be in it, verified. Default: anyone's, and you check `sub` or `email` yourself. */
    email: optional(someText("an e-mail address")),
    /** Aborts with the signal's reason. Default: none. */
    signal: optional(SIGNAL),
  },
});

/** What a Google ID token must say. */
export interface IdTokenExpectations extends GivenOf<typeof ID_TOKEN_EXPECTATIONS.fields> {}

/** What an assertion of Identity-Aware Proxy must say. */
const IAP_EXPECTATIONS = declare({
  unknown: "no such field",
  fields: {
    /**
     * The protected backend, one of these must be `aud`: `/projects/{number}/global/backendServices/{id}`,
     * `/projects/{number}/apps/{project}` for App Engine, `/projects/{number}/locations/{region}/services/{name}` for Cloud Run. Required.
     */
    audience: required(anything<string | readonly string[]>()),
    /** Aborts with the signal's reason. Default: none. */
    signal: optional(SIGNAL),
  },
});

/** What an assertion of Identity-Aware Proxy must say. */
export interface IapExpectations extends GivenOf<typeof IAP_EXPECTATIONS.fields> {}

/** The claims of a valid token. */
export interface VerifiedClaims {
  /** Who signed, as the token says. */
  readonly iss?: string;
  /** Whom it is about: a unique id. */
  readonly sub?: string;
  /** Who it is for. */
  readonly aud?: string | readonly string[];
  /** When it ends, in seconds since 1970. */
  readonly exp?: number;
  /** When it was made, in seconds since 1970. */
  readonly iat?: number;
  /** The e-mail, if it says one. Ask for `email` among the expectations, or check `email_verified`. */
  readonly email?: string;
  /** Whether Google has verified the e-mail. */
  readonly email_verified?: boolean;
  /** Whatever else it says. */
  readonly [claim: string]: unknown;
}

/** Whatever Google itself issues says when, and until when. Source: OpenID Connect Core, section 2; IAP's documentation of its header. */
const ISSUED_BY_GOOGLE = { requiresExpiry: true, requiresIssuedAt: true } as const;
const GOOGLE_ISSUERS = ["https://accounts.google.com", "accounts.google.com"];

/** Verifies tokens and signatures. Keep one: it remembers the public keys, and fetches them again for a key id that it does not know. */
export class Verifier {
  readonly #keysUrl: string;
  readonly #clockSkewSeconds: number;
  readonly #clock: Clock;
  readonly #keys: PublicKeys;

  /** @throws ConfigurationError naming the option that is wrong */
  constructor(options: VerifierOptions = {}) {
    const environment = readEnvironment();
    const settled = settle(VERIFIER_OPTIONS, options, { refuse: refuseOption });
    const { keysUrl = defaultKeysUrl(environment), clockSkewSeconds, clock } = settled;
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
    checkFields(blob, BLOB, "blob");
    const { serviceAccount, payload, signature, keyId, signal } = blob;
    const url = this.#accountUrl(serviceAccount);
    const candidates =
      keyId === undefined
        ? await this.#keys.all(url, signal)
        : new Map([[keyId, await this.#keys.find(url, keyId, signal)]]);
    for (const [id, key] of candidates) {
      if (await isSigned(payload, key, signature)) return { keyId: id };
    }
    throw new VerificationError("signature", `is not a signature by ${serviceAccount} over these bytes`);
  }

  /**
   * Verifies a JWT of signJwt: RS256, by a published key of the account, for this audience, not expired.
   *
   * @throws VerificationError naming the check that failed; RequestError when an expectation is wrong
   */
  async verifyJwt(jwt: string, expected: JwtExpectations): Promise<VerifiedClaims> {
    checkFields(expected, JWT_EXPECTATIONS, "expected");
    const { serviceAccount, audience, issuer, expiry, signal } = expected;
    const audiences = audience === false ? false : textsOf(audience, "audience");
    const issuers = issuer === undefined ? false : textsOf(issuer, "issuer");
    const claims = await this.#verifySignature(jwt, this.#accountUrl(serviceAccount), signal);
    this.#checkClaims(claims, { audiences, issuers, requiresExpiry: expiry !== false, requiresIssuedAt: false });
    return claims;
  }

  /**
   * Verifies a Google ID token: RS256, by Google, for this audience, not expired.
   *
   * @throws VerificationError naming the check that failed; RequestError when an expectation is wrong
   */
  async verifyIdToken(token: string, expected: IdTokenExpectations): Promise<VerifiedClaims> {
    checkFields(expected, ID_TOKEN_EXPECTATIONS, "expected");
    const audiences = textsOf(expected.audience, "audience");
    const claims = await this.#verifySignature(token, `${this.#keysUrl}/oauth2/v3/certs`, expected.signal);
    this.#checkClaims(claims, { audiences, issuers: GOOGLE_ISSUERS, ...ISSUED_BY_GOOGLE });
    if (expected.email !== undefined && (claims["email"] !== expected.email || claims["email_verified"] !== true)) {
      throw new VerificationError("email", `is not ${expected.email}, or not verified`);
    }
    return claims;
  }

  /**
   * Verifies the assertion that Identity-Aware Proxy puts into the header `x-goog-iap-jwt-assertion`: ES256, by IAP, for this backend, not
   * expired.
   *
   * @throws VerificationError naming the check that failed; RequestError when an expectation is wrong
   */
  async verifyIapAssertion(assertion: string, expected: IapExpectations): Promise<VerifiedClaims> {
    checkFields(expected, IAP_EXPECTATIONS, "expected");
    const audiences = textsOf(expected.audience, "audience");
    if (!audiences.every((audience) => IAP_AUDIENCE.test(audience))) {
      throw new RequestError(
        "audience",
        "must be /projects/{number}/global/backendServices/{id}, /projects/{number}/apps/{project} or /projects/{number}/locations/{region}/services/{name}",
      );
    }
    // Not published where all other keys are.
    const keysUrl = this.#keysUrl === KEYS_URL ? IAP_KEYS_URL : this.#keysUrl;
    const url = `${keysUrl}/iap/verify/public_key-jwk`;
    const claims = await this.#verifySignature(assertion, url, expected.signal, "ES256");
    this.#checkClaims(claims, { audiences, issuers: [IAP_ISSUER], ...ISSUED_BY_GOOGLE });
    return claims;
  }

  async #verifySignature(
    token: string,
    keysUrl: string,
    signal: AbortSignal | undefined,
    algorithm: JwsAlgorithm = "RS256",
  ): Promise<VerifiedClaims> {
    const { keyId, claims, signingInput, signature } = parseCompactJws(token, algorithm);
    const key = await this.#keys.find(keysUrl, keyId, signal);
    if (key.asymmetricKeyType !== KEY_TYPES[algorithm]) {
      throw new VerificationError("key", `the named key is not for ${algorithm}`);
    }
    if (await isSigned(signingInput, key, signature)) return claims;
    throw new VerificationError("signature", "does not match the token");
  }

  #checkClaims(
    claims: VerifiedClaims,
    expected: Omit<Parameters<typeof checkClaims>[1], "nowSeconds" | "clockSkewSeconds">,
  ): void {
    const nowSeconds = this.#clock.wallNow() / 1000;
    checkClaims(claims, { ...expected, nowSeconds, clockSkewSeconds: this.#clockSkewSeconds });
  }

  #accountUrl(serviceAccount: string): string {
    return `${this.#keysUrl}/service_accounts/v1/metadata/jwk/${serviceAccount}`;
  }
}

function defaultKeysUrl(environment: Environment): string {
  const emulator = environment[EMULATOR_VARIABLE];
  return emulator ? `http://${emulator}` : KEYS_URL;
}

/** In the thread pool: an RSA verification takes as long as some hundred other steps here. */
function isSigned(bytes: Uint8Array, key: KeyObject, signature: Uint8Array): Promise<boolean> {
  return new Promise((resolve, reject) => {
    // An elliptic-curve signature is its two halves in a row, as in RFC 7518, 3.4; ignored for RSA.
    verify("sha256", bytes, { key, dsaEncoding: "ieee-p1363" }, signature, (error, isGood) =>
      error === null ? resolve(isGood) : reject(error),
    );
  });
}

function textsOf(value: string | readonly string[], field: string): readonly string[] {
  const texts = typeof value === "string" ? [value] : value;
  if (Array.isArray(texts) && texts.length > 0 && texts.every((text) => typeof text === "string" && text !== "")) {
    return texts;
  }
  throw new RequestError(field, "must be a string, or an array of at least one");
}

/** Public keys are not secret and the same for everybody, so one cache serves the whole process. */
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

/** `verifyIapAssertion` of a {@link Verifier} with default options, which all callers in the process share. */
export function verifyIapAssertion(assertion: string, expected: IapExpectations): Promise<VerifiedClaims> {
  return sharedVerifier().verifyIapAssertion(assertion, expected);
}
