// SPDX-License-Identifier: Apache-2.0
// Authorizes calls with a service-account key: a JWT that the key signs itself, without a token endpoint. Knows no client.

import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import type { Clock } from "../base/clock.js";
import { ConfigurationError } from "../base/errors.js";
import { DEFAULT_UNIVERSE_DOMAIN } from "../base/options/google-names.js";
import type { RequestMetadata, TokenProvider } from "../base/token-provider.js";
import { REFRESH_MARGIN_MS } from "./tokens/refresh-margin.js";

/** The fields of a service-account credentials file. */
export interface ServiceAccountInfo {
  /** `"service_account"`. */
  readonly type?: string | undefined;
  /** The account's e-mail address. Required. */
  readonly client_email: string;
  /** The RSA key in PEM form. Required. */
  readonly private_key: string;
  /** Which of the account's keys it is. Default: the JWT names no key. */
  readonly private_key_id?: string | undefined;
  /** The project that is charged for quota. Default: none. */
  readonly quota_project_id?: string | undefined;
  /** The universe that the account belongs to. Default: `googleapis.com`. */
  readonly universe_domain?: string | undefined;
  /** The project of the account. Not read here. */
  readonly project_id?: string | undefined;
  /** The account's unique id. Not read here. */
  readonly client_id?: string | undefined;
  /** Where users log in. Not read here. */
  readonly auth_uri?: string | undefined;
  /** Where tokens are issued. Not read here: the key signs for itself. */
  readonly token_uri?: string | undefined;
  /** Where Google's certificates are. Not read here. */
  readonly auth_provider_x509_cert_url?: string | undefined;
  /** Where the account's certificates are. Not read here. */
  readonly client_x509_cert_url?: string | undefined;
}

const LIFETIME_SECONDS = 3600;

/** What a self-signed JWT is valid for. */
export interface SelfSignedJwtTarget {
  /** Scopes that the user asked for: they go into the JWT, instead of an audience. */
  readonly scopes: readonly string[] | undefined;
  /** The audience when there are no such scopes: `https://iamcredentials.googleapis.com/`. */
  readonly audience: string;
}

/** Signs a JWT for an hour with the key it is given, and keeps it until it is nearly over. Source: AIP-4111. */
export class ServiceAccountTokenProvider implements TokenProvider {
  readonly #info: ServiceAccountInfo;
  readonly #key: KeyObject;
  readonly #target: SelfSignedJwtTarget;
  readonly #clock: Clock;
  #metadata: RequestMetadata | undefined;
  #signedAt = 0;

  /**
   * @param name what to call the contents in errors
   * @throws ConfigurationError naming the field of the key file that is wrong
   */
  constructor(info: ServiceAccountInfo, target: SelfSignedJwtTarget, clock: Clock, name = "credentials") {
    this.#info = info;
    this.#key = parsePrivateKey(info, name);
    this.#target = target;
    this.#clock = clock;
  }

  getRequestMetadata(): RequestMetadata {
    const now = this.#clock.wallNow();
    const age = now - this.#signedAt;
    // Below 0: the clock was set back, and a JWT from the future is refused.
    if (this.#metadata === undefined || age < 0 || age >= LIFETIME_SECONDS * 1000 - REFRESH_MARGIN_MS) {
      this.#metadata = this.#authorize(Math.floor(now / 1000));
      this.#signedAt = now;
    }
    return this.#metadata;
  }

  getUniverseDomain(): string {
    return this.#info.universe_domain || DEFAULT_UNIVERSE_DOMAIN;
  }

  #authorize(issuedAtSeconds: number): RequestMetadata {
    const { client_email, private_key_id, quota_project_id } = this.#info;
    const { scopes, audience } = this.#target;
    const header = { alg: "RS256", typ: "JWT", kid: private_key_id };
    const claims = {
      iss: client_email,
      sub: client_email,
      ...(scopes === undefined ? { aud: audience } : { scope: scopes.join(" ") }),
      iat: issuedAtSeconds,
      exp: issuedAtSeconds + LIFETIME_SECONDS,
    };
    const signingInput = `${encodeJson(header)}.${encodeJson(claims)}`;
    const signature = sign("sha256", Buffer.from(signingInput), this.#key).toString("base64url");
    return {
      authorization: `Bearer ${signingInput}.${signature}`,
      ...(quota_project_id === undefined ? {} : { "x-goog-user-project": quota_project_id }),
    };
  }
}

function encodeJson(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function parsePrivateKey(info: ServiceAccountInfo, name: string): KeyObject {
  for (const field of ["client_email", "private_key"] as const) {
    if (typeof info[field] !== "string" || info[field] === "") {
      throw new ConfigurationError(`${name}.${field}: is missing; pass the whole service account key file`);
    }
  }
  const pem = tidyPem(info.private_key);
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === "rsa") return key;
  } catch {
    // The parser's error may quote the key, so it is not kept as a cause.
  }
  throw new ConfigurationError(`${name}.private_key: must be an RSA key in PEM form, as in the key file${hintOf(pem)}`);
}

/** A PEM text as it was before it went through a shell or a form: without quotes and blanks around it, with real line breaks. */
export function tidyPem(text: string): string {
  return text
    .replaceAll("\\r", "")
    .replaceAll("\\n", "\n")
    .trim()
    .replace(/^(["'])([\s\S]*)\1$/, "$2")
    .split("\n")
    .map((line) => line.trim())
    .join("\n");
}

function hintOf(pem: string): string {
  if (pem.includes("ENCRYPTED")) return "; this one is encrypted";
  if (!pem.startsWith("-----BEGIN ")) return '; it does not start with "-----BEGIN PRIVATE KEY-----"';
  return /-----END [A-Z ]+-----$/.test(pem) ? "" : "; its end is missing";
}

/** Whether a value looks like the contents of a service-account key file. */
export function isServiceAccountInfo(value: object): value is ServiceAccountInfo {
  return "private_key" in value && "client_email" in value;
}
