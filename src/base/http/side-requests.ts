// SPDX-License-Identifier: Apache-2.0
// Requests other than API calls: tokens, public keys, boundaries, the metadata server. One small response each, through the proxy
// that the environment variables name; when that refuses, the error says what to change. Retries nothing.

import { explainConnectionFailure } from "../causes/final-failures.js";
import type { ClientCertSource } from "../certificate/client-certificate.js";
import type { Clock } from "../clock.js";
import { type Environment, readEnvironment } from "../environment.js";
import { DialError } from "../socket/dial-error.js";
import { resolveProxy } from "../socket/resolve-proxy.js";
import { HttpClient } from "./http-client.js";
import { type HttpAnswer, type HttpOrigin, type HttpRequest, originOf } from "./http-message.js";

/** The settings that side requests share with the client that makes them. */
export interface SideRequestSettings {
  /** Required. */
  readonly clock: Clock;
  /** PEM certificates to trust instead of the built-in roots. Default: the built-in ones. */
  readonly rootCertificates?: string | Uint8Array | undefined;
  /** Returns the certificate to present. Default: none is presented. */
  readonly clientCertSource?: ClientCertSource | undefined;
  /** The environment with the proxy variables. Default: the process's. */
  readonly environment?: Environment | undefined;
}

type ProxyRule = (origin: HttpOrigin) => ReturnType<typeof resolveProxy>;

/** Explains a failure at the proxy by the table that explains those of calls. */
class SideClient extends HttpClient {
  readonly #proxyOf: ProxyRule;

  constructor(settings: Omit<SideRequestSettings, "environment">, proxyOf: ProxyRule) {
    super({ ...settings, proxyFor: (origin) => proxyOf(origin)?.url });
    this.#proxyOf = proxyOf;
  }

  override async send(request: HttpRequest): Promise<HttpAnswer> {
    try {
      return await super.send(request);
    } catch (error) {
      throw error instanceof DialError && error.isProxy ? this.#explain(error, request.origin) : error;
    }
  }

  #explain(error: DialError, origin: HttpOrigin): DialError {
    const proxyVariable = this.#proxyOf(origin)?.variable;
    const around = { host: origin.authority, proxyVariable, hasAnswered: false };
    const { step, code, isProxy, httpStatus, cause } = error;
    return new DialError(explainConnectionFailure(error, around).text, { step, code, isProxy, httpStatus, cause });
  }
}

/** The HTTP client for side requests, by the one proxy rule. @throws ConfigurationError when the roots cannot be read */
export function openSideClient(settings: SideRequestSettings): HttpClient {
  const { clock, rootCertificates, clientCertSource, environment } = settings;
  const proxyOf: ProxyRule = ({ host, port, isPlain }) =>
    resolveProxy({ host, port, isPlain, isGrpc: false }, environment ?? readEnvironment());
  return new SideClient({ clock, rootCertificates, clientCertSource }, proxyOf);
}

/** A request. */
export interface SideRequest {
  readonly url: string;
  /** Default: GET. */
  readonly method?: "GET" | "POST";
  /** Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: none. */
  readonly body?: string | undefined;
  /** Milliseconds for the whole exchange. */
  readonly timeoutMs: number;
  /** Ends the request with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Whether nobody is waiting for it, so that it must not keep the process running. Default: false. */
  readonly inBackground?: boolean;
}

/** Far above any token, key set or error page. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/**
 * Makes one request.
 *
 * @throws why there is no response; an Error when it is too long or late; the signal's reason
 */
export async function askAside(client: HttpClient, request: SideRequest): Promise<HttpAnswer> {
  const { method = "GET", headers = {}, body, timeoutMs, signal, inBackground } = request;
  const url = new URL(request.url);
  const answer = await client.send({
    origin: originOf(url),
    method,
    path: `${url.pathname}${url.search}`,
    headers: Object.entries(headers).flat(),
    body,
    timeoutMs,
    signal,
    maxBytes: MAX_ANSWER_BYTES,
    // Tokens, keys and boundaries can be requested twice.
    isRepeatable: true,
    keepsAlive: inBackground !== true,
  });
  if (!answer.isWhole) throw new Error(`the response is longer than ${MAX_ANSWER_BYTES} bytes`);
  return answer;
}
