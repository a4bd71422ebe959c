// SPDX-License-Identifier: Apache-2.0
// Trades an assertion for a token at an OAuth token endpoint (RFC 7523). Signs nothing.

import { EMULATOR_VARIABLE, type Environment } from "../../base/environment.js";
import { ConfigurationError, CredentialsError } from "../../base/errors.js";
import type { HttpClient } from "../../base/http/http-client.js";
import { parseJsonObject } from "../../base/http/http-message.js";
import { askAside } from "../../base/http/side-requests.js";
import { isLoopbackHost } from "../../base/socket/loopback.js";

const GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const TIMEOUT_MS = 60_000;

/** The token endpoint when none is named: Google's, or the emulator's if the environment names one. */
export function defaultTokenUri(ofGoogle: string, environment: Environment): string {
  const emulator = environment[EMULATOR_VARIABLE];
  return emulator ? `http://${emulator}${new URL(ofGoogle).pathname}` : ofGoogle;
}

/** What the trade needs. */
interface AssertionExchange {
  readonly tokenUri: string;
  /** A signed JWT. A secret. */
  readonly assertion: string;
  readonly signal: AbortSignal;
  readonly http: HttpClient;
}

/** The result; which of the tokens is there depends on the assertion. */
interface ExchangedToken {
  readonly accessToken: string | undefined;
  readonly idToken: string | undefined;
  /** 3,600 when the endpoint says nothing. */
  readonly expiresInSeconds: number;
}

/**
 * Checks a token endpoint: an assertion must not travel in the clear.
 *
 * @param option what to call it in errors
 * @throws ConfigurationError
 */
export function requireTokenUri(tokenUri: string, option: string): string {
  const url = URL.canParse(tokenUri) ? new URL(tokenUri) : undefined;
  const isLocal = url !== undefined && isLoopbackHost(url.hostname);
  if (url?.protocol === "https:" || (url?.protocol === "http:" && isLocal)) return tokenUri;
  throw new ConfigurationError(`${option}: must be an https URL, not ${JSON.stringify(tokenUri)}`);
}

/** What the trade of a refresh token needs; all but the endpoint are secrets. */
interface RefreshExchange extends Pick<AssertionExchange, "tokenUri" | "signal" | "http"> {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
}

/** Trades a refresh token (RFC 6749, 6). Throws as {@link exchangeAssertion}. */
export function exchangeRefreshToken(exchange: RefreshExchange): Promise<ExchangedToken> {
  const { clientId, clientSecret, refreshToken } = exchange;
  const parameters = { client_id: clientId, client_secret: clientSecret, refresh_token: refreshToken };
  return trade(exchange, { grant_type: "refresh_token", ...parameters });
}

/**
 * Makes the trade.
 *
 * @throws CredentialsError with the endpoint's own words when it refuses; with a cause when it could not be reached
 */
export function exchangeAssertion(exchange: AssertionExchange): Promise<ExchangedToken> {
  return trade(exchange, { grant_type: GRANT_TYPE, assertion: exchange.assertion });
}

async function trade(
  { tokenUri, signal, http }: Pick<AssertionExchange, "tokenUri" | "signal" | "http">,
  parameters: Readonly<Record<string, string>>,
): Promise<ExchangedToken> {
  const body = new URLSearchParams(parameters).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded", accept: "application/json" };
  const request = { url: tokenUri, method: "POST", headers, body, signal, timeoutMs: TIMEOUT_MS } as const;
  const answer = await askAside(http, request).catch((cause: unknown) => {
    throw new CredentialsError(`the token endpoint ${tokenUri} could not be reached: ${String(cause)}`, { cause });
  });
  const document = parseJsonObject(answer.text);
  if (answer.status !== 200) {
    const words = [document?.["error"], document?.["error_description"]].filter((word) => typeof word === "string");
    throw new CredentialsError(`the token endpoint ${tokenUri} returned ${[answer.status, ...words].join(": ")}`);
  }
  const text = (field: string): string | undefined => {
    const value = document?.[field];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const expiresIn = Number(document?.["expires_in"]);
  return {
    accessToken: text("access_token"),
    idToken: text("id_token"),
    expiresInSeconds: expiresIn > 0 ? expiresIn : 3600,
  };
}
