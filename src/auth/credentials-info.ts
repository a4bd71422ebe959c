// SPDX-License-Identifier: Apache-2.0
// A token by way of the contents of a credentials file of any type: a user's login, an external account. Done by
// google-auth-library, which is loaded at the first call.

import { CredentialsError } from "../base/errors.js";
import type { RequestMetadata, TokenProvider } from "../base/token-provider.js";
import { type GoogleAuthClientLike, messageOf, metadataFromHeaders, withoutRequest } from "./google-auth-library.js";

const SCOPE = "https://www.googleapis.com/auth/cloud-platform";

/** Asks google-auth-library for a token with the credentials that it was given; the library keeps the token. */
export class CredentialsInfoTokenProvider implements TokenProvider {
  readonly #info: Readonly<Record<string, unknown>>;
  #auth: GoogleAuthClientLike | undefined;

  /** @param info the contents of the file */
  constructor(info: Readonly<Record<string, unknown>>) {
    this.#info = info;
  }

  async getRequestMetadata(): Promise<RequestMetadata> {
    try {
      this.#auth ??= this.#load();
      return metadataFromHeaders(await this.#auth.getRequestHeaders());
    } catch (error) {
      const cause = withoutRequest(error);
      throw new CredentialsError(`the source credentials gave no token: ${messageOf(cause)}`, { cause });
    }
  }

  #load(): GoogleAuthClientLike {
    const { GoogleAuth } = require("google-auth-library") as typeof import("google-auth-library");
    return new GoogleAuth({ credentials: { ...this.#info }, scopes: [SCOPE] });
  }
}
