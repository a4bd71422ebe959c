// SPDX-License-Identifier: Apache-2.0
// Decides what a refused OAuth request says: RFC 6749 bodies (5.2) with Google's texts, where they have been seen. Knows no
// wire but the HTTP code.

import { ServiceError } from "../../world/refusals/service-error.js";
import { jsonAnswer, type OutgoingAnswer } from "../http/http-operation.js";
import { httpStatusOf, statusOfHttpCode } from "../http/http-status.js";

/** The error codes that the emulator gives. Sources: RFC 6749 5.2, RFC 6750 3.1, RFC 8693 2.2.2. */
type OAuthErrorCode =
  | "invalid_client"
  | "invalid_grant"
  | "invalid_request"
  | "invalid_scope"
  | "invalid_target"
  | "invalid_token"
  | "unauthorized_client"
  | "unsupported_grant_type";

const NO_STORE = { "cache-control": "no-cache, no-store, max-age=0, must-revalidate", pragma: "no-cache" } as const;

/** A refusal of an OAuth request. */
export class OAuthError extends ServiceError {
  /**
   * @param error the code
   * @param message the description, sent as it is
   * @param httpCode the HTTP status code. Default: 400 (RFC 6749, 5.2)
   */
  constructor(
    readonly error: OAuthErrorCode,
    message: string,
    readonly httpCode = 400,
  ) {
    super(statusOfHttpCode(httpCode), message);
  }
}

/** The answer for a refusal; an injected one has its status as the code. */
export function oauthErrorAnswer(refusal: ServiceError): OutgoingAnswer {
  const { message, status } = refusal;
  if (!(refusal instanceof OAuthError)) {
    return jsonAnswer(httpStatusOf(refusal), { error: status.toLowerCase(), error_description: message });
  }
  return jsonAnswer(refusal.httpCode, { error: refusal.error, error_description: message }, NO_STORE);
}

/** The answer that carries a token. Never to be cached (RFC 6749, 5.1). */
export function tokenAnswer(document: Readonly<Record<string, unknown>>): OutgoingAnswer {
  return jsonAnswer(200, document, NO_STORE);
}

/** The times are out of range. Seen: googleapis/google-api-php-client#1429; the words after "Check" are from memory. */
export function jwtTimesInvalid(): OAuthError {
  return new OAuthError(
    "invalid_grant",
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. " +
      "Check your iat and exp values in the JWT claim.",
  );
}

/** A signature by none of the issuer's keys. Seen: googleapis/google-cloud-node-core#455. */
export function jwtSignatureInvalid(): OAuthError {
  return new OAuthError("invalid_grant", "Invalid JWT Signature.");
}

/** An issuer that is no account, or a disabled one. Seen: appsup-dart/firebase_admin#14, googleapis/google-cloud-php#3622. */
export function accountNotFoundForGrant(): OAuthError {
  return new OAuthError("invalid_grant", "Invalid grant: account not found");
}

/** A subject whose tokens the account may not have. Seen: googleapis/google-api-php-client#2214. */
export function clientUnauthorized(): OAuthError {
  return new OAuthError(
    "unauthorized_client",
    "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.",
    401,
  );
}

/** Neither scopes nor an audience, or malformed ones. The code has been seen (GoogleCloudPlatform/php-docs-samples#926). */
export function scopeInvalid(): OAuthError {
  return new OAuthError("invalid_scope", "Invalid OAuth scope or ID token audience provided.");
}

/** A parameter that is not there. */
export function parameterMissing(name: string): OAuthError {
  return new OAuthError("invalid_request", `Missing required parameter: ${name}`);
}
