// SPDX-License-Identifier: Apache-2.0
// HTTP requests on behalf of Google's client libraries, which hand theirs to the credentials: made by gaxios, as they expect.
// Loads google-auth-library (which brings gaxios) at the first request, not before.

import { loadGoogleLibrary, quietClientOptions } from "../google-library/google-library.js";

/** A request as gaxios takes it. It has many more fields; all are passed on. */
export interface HttpRequestOptions {
  /** Where to. Required. */
  url?: string | URL;
  /** Default: GET. */
  method?: string;
  /** Headers to send besides the authorization. Default: none. */
  headers?: unknown;
  /** The body: an object is sent as JSON. Default: none. */
  data?: unknown;
  /** The other options of gaxios. Default: those of gaxios. */
  [option: string]: unknown;
}

/** An answer as gaxios gives it. It has more fields. */
export interface HttpResponse<T> {
  /** The body: parsed, when it is JSON. */
  data: T;
  /** The status code. */
  status: number;
  /** The headers. */
  headers: Headers;
}

/** Whose token is sent. */
interface RequestAuthorizer {
  /** The authorization headers, as own properties. */
  getRequestHeaders(url?: string): Promise<Headers>;
  /** Called when a server has refused these headers, before the request is made once more. */
  onRefused(headers: Headers): void;
}

/**
 * Makes a request with authorization; once more with a new token after 401, unless the body is a stream, which is spent.
 *
 * @throws gaxios's error for a status other than success
 */
export async function requestWithAuthorization<T>(
  authorizer: RequestAuthorizer,
  options: HttpRequestOptions,
): Promise<HttpResponse<T>> {
  const url = options.url === undefined ? undefined : String(options.url);
  const authorization = await authorizer.getRequestHeaders(url);
  try {
    return await send<T>(options, authorization);
  } catch (error) {
    if (statusOf(error) !== 401 || isStream(options.data) || isStream(options["body"])) throw error;
    authorizer.onRefused(authorization);
    return send<T>(options, await authorizer.getRequestHeaders(url));
  }
}

async function send<T>(options: HttpRequestOptions, authorization: Headers): Promise<HttpResponse<T>> {
  const { Gaxios } = loadGoogleLibrary().gaxios;
  // as, twice: gaxios checks what it is given, and its answer has these fields and more
  const headers = Gaxios.mergeHeaders(options.headers as Parameters<typeof Gaxios.mergeHeaders>[0], authorization);
  const { transporter } = quietClientOptions();
  // as: gaxios takes what fetch takes, and types it as its own
  return transporter.request<T>({ ...options, headers } as Parameters<typeof transporter.request<T>>[0]);
}

function statusOf(error: unknown): unknown {
  const response: unknown = error instanceof Error && "response" in error ? error.response : undefined;
  return typeof response === "object" && response !== null && "status" in response ? response.status : undefined;
}

function isStream(value: unknown): boolean {
  return typeof value === "object" && value !== null && ("pipe" in value || value instanceof ReadableStream);
}
