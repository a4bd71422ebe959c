// SPDX-License-Identifier: Apache-2.0
// Tokens from a user's login, as `gcloud auth application-default login` writes it: a refresh token, traded at the token endpoint (RFC
// 6749, 6). Keeps the token, and holds no other credentials.

import type { Clock } from "../base/clock.js";
import { openSideClient } from "../base/http/side-requests.js";
import { isThenable } from "../base/thenable.js";
import type { RequestMetadata, TokenProvider, TokenRequest } from "../base/token-provider.js";
import type { CredentialsInfo } from "./files/credentials-file.js";
import { type NamedCredentials, tokenFailure } from "./google-library/token-failure.js";
import { DEFAULT_REFRESH_TIMEOUT_MS, type IssuedToken, TokenCache } from "./tokens/token-cache.js";
import { exchangeRefreshToken } from "./tokens/token-endpoint.js";

/** What to call the login, and its clock. */
interface UserTokenSettings extends NamedCredentials {
  readonly universeDomain: string;
  readonly clock: Clock;
}

const GOOGLE_TOKEN_URI = "https://oauth2.googleapis.com/token";

/** Trades a user's refresh token for access tokens. */
export class UserTokenProvider implements TokenProvider {
  readonly #info: CredentialsInfo;
  readonly #settings: UserTokenSettings;
  readonly #tokens: TokenCache;

  /** @param info the contents of a file of the type `authorized_user`, checked */
  constructor(info: CredentialsInfo, settings: UserTokenSettings) {
    this.#info = info;
    this.#settings = settings;
    const { clock } = settings;
    const issue = (signal: AbortSignal): Promise<IssuedToken> => this.#issue(signal);
    this.#tokens = new TokenCache({ issue, clock, refreshTimeoutMs: DEFAULT_REFRESH_TIMEOUT_MS });
  }

  getRequestMetadata(request: TokenRequest): RequestMetadata | Promise<RequestMetadata> {
    if (this.#tokens.state === "empty" || this.#tokens.state === "expired") {
      return this.#tokens.renew({ signal: request.signal }).then((token) => this.#metadataOf(token));
    }
    const kept = this.#tokens.take();
    return isThenable(kept) ? kept.then((token) => this.#metadataOf(token)) : this.#metadataOf(kept);
  }

  getUniverseDomain(): string {
    return this.#settings.universeDomain;
  }

  #metadataOf({ value }: IssuedToken): RequestMetadata {
    const project = this.#info["quota_project_id"];
    const authorization = `Bearer ${value}`;
    return typeof project === "string" ? { authorization, "x-goog-user-project": project } : { authorization };
  }

  async #issue(signal: AbortSignal): Promise<IssuedToken> {
    const { clock } = this.#settings;
    const text = (member: string): string => String(this.#info[member]);
    const named = this.#info["token_uri"];
    const http = openSideClient({ clock });
    try {
      const { accessToken, expiresInSeconds } = await exchangeRefreshToken({
        tokenUri: typeof named === "string" ? named : GOOGLE_TOKEN_URI,
        clientId: text("client_id"),
        clientSecret: text("client_secret"),
        refreshToken: text("refresh_token"),
        signal,
        http,
      });
      if (accessToken === undefined) throw new Error("the response of the token endpoint has no access_token");
      const lifetimeMs = expiresInSeconds * 1000;
      return { value: accessToken, lifetimeMs, expiresAt: clock.wallNow() + lifetimeMs };
    } catch (error) {
      if (signal.aborted) throw error;
      throw tokenFailure(error, this.#info, this.#settings);
    } finally {
      http.close();
    }
  }
}
