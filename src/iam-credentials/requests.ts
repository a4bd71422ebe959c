// SPDX-License-Identifier: Apache-2.0
// What a caller may write for each method, and the checks that make it canonical before anything is sent.

import { memoize } from "../base/collections/memo.js";
import { RequestError } from "../base/errors.js";
import { checkKnownFields } from "../base/options/shared-options.js";
import { notAName, requireBytes } from "../messages/field-checks.js";

export { normalizeClaims } from "../messages/claims.js";

/** A length of time: `{ seconds, nanos? }`, a number of seconds, or text such as `"3600s"` or `"1.5s"`. */
export type DurationLike = number | string | { readonly seconds?: number | string; readonly nanos?: number };

/** What all requests have. */
export interface AccountRequest {
  /**
   * The service account: `projects/-/serviceAccounts/{email or unique id}`, the e-mail address or the unique id. Required.
   */
  readonly name: string;
  /**
   * The accounts between the caller and `name`, caller's side first, in the same forms. Each may create tokens for the next.
   * Default: none, the caller acts directly.
   */
  readonly delegates?: readonly string[] | undefined;
}

/** Asks for an OAuth 2.0 access token. Source: google.iam.credentials.v1.GenerateAccessTokenRequest. */
export interface GenerateAccessTokenRequest extends AccountRequest {
  /** OAuth scopes of the token, at least one: `["https://www.googleapis.com/auth/cloud-platform"]`, or one as text. Required. */
  readonly scope: string | readonly string[];
  /** How long the token is valid, up to 12 hours where the organization allows it. Default: one hour, by the service. */
  readonly lifetime?: DurationLike | undefined;
}

/** Asks for an OpenID Connect ID token. Source: google.iam.credentials.v1.GenerateIdTokenRequest. */
export interface GenerateIdTokenRequest extends AccountRequest {
  /** Who will accept the token; its `aud` claim. Required. */
  readonly audience: string;
  /** Whether the token has the claims `email` and `email_verified`. Default: false. */
  readonly includeEmail?: boolean | undefined;
}

/** Asks for the signature of some bytes. Source: google.iam.credentials.v1.SignBlobRequest. */
export interface SignBlobRequest extends AccountRequest {
  /** The bytes. Required. */
  readonly payload: Uint8Array;
}

/** Asks for a signed JSON Web Token. Source: google.iam.credentials.v1.SignJwtRequest. */
export interface SignJwtRequest extends AccountRequest {
  /** The claims: a plain object, or a JSON object as text, which is signed as it is. Required. */
  readonly payload: string | Readonly<Record<string, unknown>>;
}

/** A length of time as google.protobuf.Duration carries it. */
interface Duration {
  seconds: string;
  nanos: number;
}

const LONGEST_LIFETIME_SECONDS = 43_200;

const WHOLE = { whole: "request" } as const;

/** The canonical name and delegates of a request whose fields are `known`, these two among them. Throws RequestError. */
export function normalizeAccount(
  request: AccountRequest,
  known: readonly string[],
): { name: string; delegates: string[] } {
  checkKnownFields(request, known, WHOLE);
  const { name, delegates = [] } = request;
  if (!Array.isArray(delegates)) throw new RequestError("delegates", "must be an array of service accounts");
  return {
    name: normalizeServiceAccount(name, "name"),
    delegates: delegates.map(normalizeDelegate),
  };
}

const ACCOUNT_FORMS = "projects/-/serviceAccounts/{email or unique ID}, an e-mail address or a unique ID";
const EMAIL = /^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/;
const UNIQUE_ID = /^\d+$/;

function normalizeDelegate(delegate: unknown, index: number): string {
  return normalizeServiceAccount(delegate, `delegates[${index}]`);
}

function normalizeServiceAccount(text: unknown, field: string): string {
  if (typeof text !== "string" || text === "") throw new RequestError(field, `is missing; must be ${ACCOUNT_FORMS}`);
  return resourceNameOf(text) || refuseServiceAccount(text, field);
}

const ACCOUNT_PATH = /^projects\/([^/]*)\/serviceAccounts\/([^/]*)$/;

/** The resource name of an account in any of its forms; empty for anything else. */
const resourceNameOf = memoize((text) => {
  const [, project = "-", account = text] = ACCOUNT_PATH.exec(text) ?? [];
  return project === "-" && (EMAIL.test(account) || UNIQUE_ID.test(account))
    ? `projects/-/serviceAccounts/${account}`
    : "";
});

function refuseServiceAccount(text: string, field: string): never {
  const [, project = "-", account = text] = ACCOUNT_PATH.exec(text) ?? [];
  if (project !== "-") {
    throw new RequestError(
      field,
      `must have the project "-", not ${JSON.stringify(project)}; the service accepts nothing else`,
    );
  }
  throw notAName(text, field, ACCOUNT_FORMS, account);
}

/** A scope list as it goes over the wire. Throws RequestError. */
export function normalizeScope(scope: unknown): string[] {
  if (typeof scope === "string" && scope !== "") return [normalizeOneScope(scope, undefined)];
  if (!Array.isArray(scope) || scope.length === 0) {
    throw new RequestError("scope", "must be an array of at least one OAuth scope");
  }
  return scope.map(normalizeOneScope);
}

function normalizeOneScope(scope: unknown, index: number | undefined): string {
  const field = index === undefined ? "scope" : `scope[${index}]`;
  if (typeof scope !== "string" || scope === "") throw new RequestError(field, "must be an OAuth scope");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\s,\x00-\x1f\x7f]/.test(scope)) {
    throw new RequestError(
      field,
      "contains white space, a comma or a control character; each scope must be its own element",
    );
  }
  if (/^https:/i.test(scope) && !GOOGLE_SCOPE_URL.test(scope)) {
    throw new RequestError(
      field,
      `${JSON.stringify(scope)} is an audience, not a Google scope such as https://www.googleapis.com/auth/cloud-platform; for the URL of a service, request an ID token`,
    );
  }
  return scope;
}

/** An https URL under google.com or googleapis.com. Not URL(): parsing one costs more than all other checks of a call. */
const GOOGLE_SCOPE_URL = /^https:\/\/([a-z0-9-]+\.)*(google|googleapis)\.com(:\d+)?([/?#]|$)/i;

/** A lifetime as it goes over the wire. Throws RequestError. */
export function normalizeLifetime(lifetime: DurationLike | undefined): Duration | undefined {
  if (lifetime === undefined) return undefined;
  const duration = parseDuration(lifetime);
  if (duration === undefined) {
    const hint = Object.prototype.toString.call(lifetime) === "[object Date]" ? "; a Date is a point in time" : "";
    throw new RequestError(
      "lifetime",
      `must be a number of seconds, a string such as "3600s", or { seconds, nanos }${hint}`,
    );
  }
  const seconds = Number(duration.seconds) + duration.nanos / 1e9;
  if (seconds <= 0 || seconds > LONGEST_LIFETIME_SECONDS) {
    throw new RequestError(
      "lifetime",
      `must be above 0 and at most ${LONGEST_LIFETIME_SECONDS} seconds, not ${seconds}`,
    );
  }
  return duration;
}

/** The usual form, which needs no arithmetic. */
const WHOLE_SECONDS = /^([1-9]\d{0,8})s$/;

function parseDuration(value: unknown): Duration | undefined {
  const whole = typeof value === "string" ? WHOLE_SECONDS.exec(value)?.[1] : value;
  if (typeof whole === "string" || Number.isSafeInteger(whole)) return { seconds: String(whole), nanos: 0 };
  if (typeof value === "number") {
    if (!Number.isFinite(value)) return undefined;
    const nanos = Math.round((value - Math.trunc(value)) * 1e9);
    return durationOf(BigInt(Math.trunc(value)) * 1_000_000_000n + BigInt(nanos));
  }
  if (typeof value === "string") {
    const match = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/.exec(value);
    if (match === null) return undefined;
    const [, sign, seconds = "", fraction = ""] = match;
    const nanos = BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, "0"));
    return durationOf(sign === "-" ? -nanos : nanos);
  }
  if (typeof value !== "object" || value === null) return undefined;
  const members = Object.keys(value);
  if (members.length === 0 || members.some((name) => name !== "seconds" && name !== "nanos")) return undefined;
  const { seconds = 0, nanos = 0 } = value as { seconds?: unknown; nanos?: unknown }; // as: both are checked below
  if (!/^-?\d{1,12}$/.test(String(seconds)) || !Number.isInteger(nanos) || Math.abs(Number(nanos)) >= 1e9)
    return undefined;
  return durationOf(BigInt(String(seconds)) * 1_000_000_000n + BigInt(Number(nanos)));
}

function durationOf(nanos: bigint): Duration {
  return { seconds: String(nanos / 1_000_000_000n), nanos: Number(nanos % 1_000_000_000n) };
}

/** An audience as it goes over the wire. Throws RequestError. */
export function normalizeAudience(audience: unknown): string {
  if (typeof audience !== "string" || audience === "") {
    throw new RequestError("audience", "is missing; must be the recipient of the token, often a URL");
  }
  return audience;
}

/** A flag as it goes over the wire. Throws RequestError. */
export function normalizeFlag(flag: unknown, field: string): boolean {
  if (flag !== undefined && typeof flag !== "boolean") throw new RequestError(field, "must be a boolean");
  return flag ?? false;
}

/** Bytes as they go over the wire. Throws RequestError. */
export function normalizeBytes(bytes: unknown, field: string): Buffer {
  const { buffer, byteOffset, byteLength } = requireBytes(bytes, field);
  return Buffer.from(buffer, byteOffset, byteLength);
}
