// SPDX-License-Identifier: Apache-2.0
// Decides what a refused call says: status, message and ErrorInfo, word for word as Google's service has been seen to
// say it. Knows no wire format: each protocol writes the error in its own form.

import { Status, type StatusName } from "../../../base/causes/status.js";

/** Why a call was refused, in a form for programs. Source: google.rpc.ErrorInfo (google/rpc/error_details.proto), AIP-193. */
interface ErrorInfo {
  /** The cause, in UPPER_SNAKE_CASE. Required. */
  readonly reason: string;
  /** The domain that defines the reason. Required. */
  readonly domain: string;
  /** What the reason is about. Required, may be empty. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** A method of the service as error details name it. */
export interface MethodIdentity {
  /** The full gRPC name, for example `google.iam.credentials.v1.IAMCredentials.SignBlob`. Required. */
  readonly method: string;
  /** The service's host name. Required. */
  readonly service: string;
}

/** What is wrong with one field of a request. Source: google.rpc.BadRequest (google/rpc/error_details.proto). */
export interface FieldViolation {
  /** The path of the field, in the proto's spelling. Required, empty for the message as a whole. */
  readonly field: string;
  /** What is wrong with it. Required. */
  readonly description: string;
}

/** A precondition of a call that did not hold. Source: google.rpc.PreconditionFailure (google/rpc/error_details.proto). */
interface PreconditionViolation {
  /** Which kind of condition, for example `constraints/iam.disableServiceAccountKeyCreation`. Required. */
  readonly type: string;
  /** What it did not hold for. Required. */
  readonly subject: string;
  /** What is wrong. Required. */
  readonly description: string;
}

/** Where something is explained or can be fixed. Source: google.rpc.Help.Link (google/rpc/error_details.proto). */
interface HelpLink {
  /** What is there. Required. */
  readonly description: string;
  /** Where. Required. */
  readonly url: string;
}

/** What an error says beyond its text. */
interface ServiceErrorDetails {
  /** Which fields are wrong. Default: none named. */
  readonly violations?: readonly FieldViolation[];
  /** What did not hold. Default: none named. */
  readonly preconditions?: readonly PreconditionViolation[];
  /** Where it can be fixed. Default: nowhere. */
  readonly links?: readonly HelpLink[];
}

/** A refusal: the only thing that a call to the emulator rejects with. */
export class ServiceError extends Error {
  override readonly name = "ServiceError";
  /** Which fields are wrong. */
  readonly violations: readonly FieldViolation[];
  /** What did not hold. */
  readonly preconditions: readonly PreconditionViolation[];
  /** Where it can be fixed. */
  readonly links: readonly HelpLink[];

  /**
   * @param status which canonical code
   * @param message the text for people, sent as it is
   * @param info the ErrorInfo. Default: none; without any detail the error carries none at all, as Google's
   * @param details its other details
   */
  constructor(
    readonly status: StatusName,
    message: string,
    readonly info?: ErrorInfo,
    { violations = [], preconditions = [], links = [] }: ServiceErrorDetails = {},
  ) {
    super(message);
    this.violations = violations;
    this.preconditions = preconditions;
    this.links = links;
  }

  /** The canonical code's number. Source: google/rpc/code.proto. */
  get code(): number {
    return Status[this.status];
  }
}

/** A request that no state of the service could serve. Google names no field. */
export function invalidArgument(): ServiceError {
  return new ServiceError("INVALID_ARGUMENT", "Request contains an invalid argument.");
}

/**
 * A lifetime over the limit. The first sentence has been seen (google-github-actions/auth, troubleshooting); the code and
 * the second sentence are from memory.
 *
 * @param limitSeconds the limit in seconds: 3,600, or 43,200 where the organization policy extends it
 */
export function lifetimeTooLong(limitSeconds: number): ServiceError {
  const limit = `The access token lifetime cannot exceed ${limitSeconds} seconds.`;
  const hint =
    " If an access token with extended lifetime is required, please add service account in trusted organization " +
    "policy constraints/iam.allowServiceAccountCredentialLifetimeExtension.";
  return new ServiceError("INVALID_ARGUMENT", limitSeconds === 3600 ? limit + hint : limit);
}

/**
 * An account that does not exist.
 *
 * @param identifier the e-mail or unique id that was asked for. What is plainly not a service account's e-mail gets the
 * general text, as seen for a user's e-mail
 */
export function accountNotFound(identifier: string): ServiceError {
  const isServiceAccountEmail = identifier.endsWith("gserviceaccount.com");
  return new ServiceError(
    "NOT_FOUND",
    isServiceAccountEmail ? `Not found; Gaia id not found for email ${identifier}` : "Requested entity was not found.",
  );
}

/**
 * A caller, or a hop of a delegation chain, without the permission.
 *
 * @param permission the one that is missing, for example `iam.serviceAccounts.signBlob`
 */
export function permissionDenied(permission: string): ServiceError {
  return new ServiceError("PERMISSION_DENIED", `Permission '${permission}' denied on resource (or it may not exist).`, {
    reason: "IAM_PERMISSION_DENIED",
    domain: "iam.googleapis.com",
    metadata: { permission },
  });
}

const expectedCredentials =
  "Expected OAuth 2 access token, login cookie or other valid authentication credential. " +
  "See https://developers.google.com/identity/sign-in/web/devconsole-project.";

/**
 * A call without a bearer token.
 *
 * @param identity the method that was called
 */
export function credentialsMissing(identity: MethodIdentity): ServiceError {
  return new ServiceError(
    "UNAUTHENTICATED",
    `Request is missing required authentication credential. ${expectedCredentials}`,
    { reason: "CREDENTIALS_MISSING", domain: "googleapis.com", metadata: { ...identity } },
  );
}

/** A bearer token that is malformed, expired, forged or not one of ours. */
export function credentialsInvalid(): ServiceError {
  return new ServiceError("UNAUTHENTICATED", `Request had invalid authentication credentials. ${expectedCredentials}`);
}

/**
 * A token of an account that is disabled or deleted. Source: google/api/error_reason.proto, ACCOUNT_STATE_INVALID; the
 * message is the general one.
 *
 * @param principal whose token it is
 * @param identity the method that was called
 */
export function accountStateInvalid(principal: string, identity: MethodIdentity): ServiceError {
  const email = principal.slice(principal.indexOf(":") + 1);
  return new ServiceError("UNAUTHENTICATED", `Request had invalid authentication credentials. ${expectedCredentials}`, {
    reason: "ACCOUNT_STATE_INVALID",
    domain: "googleapis.com",
    metadata: { ...identity, email },
  });
}

/**
 * A token that is bound to a certificate, on a connection without that certificate. Seen: google-cloud-python#17404.
 *
 * @param identity the method that was called
 */
export function tokenTypeUnsupported(identity: MethodIdentity): ServiceError {
  return new ServiceError("UNAUTHENTICATED", `Request had invalid authentication credentials. ${expectedCredentials}`, {
    reason: "ACCESS_TOKEN_TYPE_UNSUPPORTED",
    domain: "googleapis.com",
    metadata: { ...identity },
  });
}

/** A state of the resource in which the call can't be served. Google says no more. */
export function preconditionFailed(): ServiceError {
  return new ServiceError("FAILED_PRECONDITION", "Precondition check failed.");
}

/**
 * A valid token whose scopes do not cover the API.
 *
 * @param identity the method that was called
 */
export function scopeInsufficient(identity: MethodIdentity): ServiceError {
  return new ServiceError("PERMISSION_DENIED", "Request had insufficient authentication scopes.", {
    reason: "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
    domain: "googleapis.com",
    metadata: { ...identity },
  });
}

/** An internal error of the emulator, which nothing that the caller did explains. */
export function internalError(): ServiceError {
  return new ServiceError("INTERNAL", "Internal error encountered.");
}
