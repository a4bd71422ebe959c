// SPDX-License-Identifier: Apache-2.0
// Authorizes calls with an API key and nothing else. Knows no client.

import type { RequestMetadata, TokenProvider } from "../base/token-provider.js";

/** Sends `x-goog-api-key`. Source: Python's google.auth.api_key. */
export class ApiKeyTokenProvider implements TokenProvider {
  readonly #metadata: RequestMetadata;

  /** @param apiKey printable ASCII, not empty */
  constructor(apiKey: string) {
    this.#metadata = { "x-goog-api-key": apiKey };
  }

  getRequestMetadata(): RequestMetadata {
    return this.#metadata;
  }
}
