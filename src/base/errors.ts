// SPDX-License-Identifier: Apache-2.0
// Every class of error that a caller can meet. Knows no transport and no service.

import { type ErrorHelp, findHelp } from "./causes/error-help.js";
import { Status, type StatusName, statusName } from "./causes/status.js";
import { maskSecrets } from "./secrets/secret-text.js";

/** The base class of all errors of this package; never thrown itself. Catch it to catch all of them. */
export class IAMCredentialsError extends Error {}

/** A message is read by a person, and the value that it quotes can be a whole file. */
const LONGEST_MESSAGE = 4_000;

function shownOf(message: string): string {
  const masked = maskSecrets(message);
  return masked.length > LONGEST_MESSAGE ? `${masked.slice(0, LONGEST_MESSAGE)}…` : masked;
}

/** An option, a call option or an environment variable is wrong. Thrown before anything is sent. */
export class ConfigurationError extends IAMCredentialsError {
  constructor(message?: string, options?: ErrorOptions) {
    // What is wrong with a value is often that it is another: a key or a URL with a password where a host belongs.
    super(message === undefined ? undefined : shownOf(message), options);
  }
}

/**
 * Mutual TLS is not possible as configured: a variable has a value that is not allowed, a client certificate is missing, cannot
 * be read or does not fit its key, or the universe has no such endpoint. Python's name for it is `MutualTLSChannelError`.
 */
export class MutualTlsChannelError extends ConfigurationError {}

/** A request fails a local check. Nothing was sent. */
export class RequestError extends IAMCredentialsError {
  /** The field that is wrong, as the request spells it: `"name"`, `"delegates[1]"`, `"lifetime"`. */
  readonly field: string;

  /**
   * @param field the field that is wrong
   * @param problem what is wrong with it and what would be right; never holds a payload
   */
  constructor(field: string, problem: string, options?: ErrorOptions) {
    super(`${field}: ${shownOf(problem)}`, options);
    this.field = field;
  }
}

/** No token could be obtained, so nothing was sent. The message says what was tried. */
export class CredentialsError extends IAMCredentialsError {
  /** Where to find help; `undefined`: nothing is known about the error. */
  readonly help: ErrorHelp | undefined;

  constructor(message?: string, options?: ErrorOptions) {
    super(message === undefined ? undefined : shownOf(message), options);
    this.help = findHelp(this);
  }
}

/** What can be wrong with a signed object, in the order in which it is checked. */
export type VerificationCheck =
  | "format"
  | "algorithm"
  | "key"
  | "signature"
  | "issuer"
  | "audience"
  | "expiry"
  | "issuedAt"
  | "email";

/** A token or signature is not valid. Do not trust the claims in it. */
export class VerificationError extends IAMCredentialsError {
  /** The first check that failed. */
  readonly check: VerificationCheck;

  /** @param problem what is wrong; never holds the token or any of its claims */
  constructor(check: VerificationCheck, problem: string, options?: ErrorOptions) {
    super(`${check}: ${problem}`, options);
    this.check = check;
  }
}

/** A call was made on a closed client, or was still in flight when the grace period of `close()` ended. */
export class ClientClosedError extends IAMCredentialsError {}

/**
 * One decoded `google.rpc.*` message from the details of an error. `"@type"` is the type URL, the other members are the
 * fields of that message by their JSON names; for a type that is not known here, `value` holds the bytes.
 *
 * Source: google/rpc/error_details.proto, AIP-193.
 */
export type ErrorDetail = Readonly<{ "@type": string } & Record<string, unknown>>;

/** The parts of an {@link RpcError}. */
export interface RpcErrorInit {
  /** The numeric status code. */
  code: number;
  /** What the service or the channel said, unchanged. */
  text: string;
  /** `Service.Method`. */
  method: string;
  /** The transport's kind: `"grpc"`, … */
  transport: string;
  /** Decoded details. Default: none. */
  details?: readonly ErrorDetail[];
  /** The metadata that came with the status, by lower-case key. Default: none. */
  trailers?: ReadonlyMap<string, readonly (string | Uint8Array)[]>;
  /** The underlying error. Default: none. */
  cause?: unknown;
  /** After how many attempts to give up, since no attempt can fix it. Default: it may go away. */
  finalAfter?: number | undefined;
}

const NO_TRAILERS: ReadonlyMap<string, readonly (string | Uint8Array)[]> = new Map();

/**
 * The service or the channel reported a failure. The message reads `IAMCredentials.SignJwt: PERMISSION_DENIED: <their text>`. Decide on
 * `code`, `status` or `reason`: the text is for people, and Google changes it.
 */
export class RpcError extends IAMCredentialsError {
  /** The numeric status code, as everywhere in gRPC: 7 for PERMISSION_DENIED. */
  readonly code: number;
  /** The name of the status code. */
  readonly status: StatusName;
  /** `Service.Method`, such as `IAMCredentials.SignJwt`. */
  readonly method: string;
  /** The kind of transport that carried the call. */
  readonly transport: string;
  /** How many attempts were made, including the first. */
  readonly attempts: number = 1;
  /** The decoded `google.rpc.*` details, in the order in which they came. */
  readonly details: readonly ErrorDetail[];
  /** `reason` of the last `google.rpc.ErrorInfo` among the details: `"IAM_PERMISSION_DENIED"`. */
  readonly reason: string | undefined;
  /** `domain` of that ErrorInfo: `"iam.googleapis.com"`. */
  readonly domain: string | undefined;
  /** `metadata` of that ErrorInfo: `{ permission: "iam.serviceAccounts.signJwt" }`. */
  readonly errorMetadata: Readonly<Record<string, string>> | undefined;
  /** The cause that the error points to, and the page that says how to fix it; `undefined`: nothing is known about it. */
  readonly help: ErrorHelp | undefined;
  readonly #trailers: ReadonlyMap<string, readonly (string | Uint8Array)[]>;
  readonly #finalAfter: number;

  constructor(init: RpcErrorInit) {
    const status = statusName(init.code);
    super(`${init.method}: ${status}: ${init.text}`, init.cause === undefined ? undefined : { cause: init.cause });
    // Some libraries have reported none.
    this.code = Number.isInteger(init.code) ? init.code : Status.UNKNOWN;
    this.#finalAfter = init.finalAfter ?? Number.POSITIVE_INFINITY;
    this.status = status;
    this.method = init.method;
    this.transport = init.transport;
    this.details = init.details ?? [];
    this.#trailers = init.trailers ?? NO_TRAILERS;
    const info = this.details.findLast((detail) => detail["@type"].endsWith("/google.rpc.ErrorInfo"));
    this.reason = info?.["reason"] as string | undefined; // as: the decoder of ErrorInfo fixes these three types
    this.domain = info?.["domain"] as string | undefined; // as: the same
    this.errorMetadata = info?.["metadata"] as Readonly<Record<string, string>> | undefined; // as: the same
    this.help = findHelp(this);
  }

  /**
   * After how many attempts the call gives up, whatever the retry policy says: 1 for what no attempt can fix, such as a certificate
   * that is not trusted; `Infinity`: only the policy decides.
   */
  get finalAfter(): number {
    return this.#finalAfter;
  }

  /** The trailing metadata that came with the status, by lower-case key. Not printed with the error: it is mostly bytes. */
  get trailers(): ReadonlyMap<string, readonly (string | Uint8Array)[]> {
    return this.#trailers;
  }
}

/** Records the number of attempts in an error; only the code that runs the call knows it. Returns the error. */
export function recordAttempts(error: RpcError, attempts: number): RpcError {
  (error as { attempts: number }).attempts = attempts; // as: read-only for everybody else
  return error;
}

// Not within the classes: bundlers rename a class that refers to itself, and people would see that name in stack traces.
const NAMED = {
  IAMCredentialsError,
  ConfigurationError,
  MutualTlsChannelError,
  RequestError,
  CredentialsError,
  VerificationError,
  ClientClosedError,
  RpcError,
};
for (const [name, errorClass] of Object.entries(NAMED)) errorClass.prototype.name = name;
