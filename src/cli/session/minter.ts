// SPDX-License-Identifier: Apache-2.0
// Tokens of one service account for whoever asks: each kind is minted once, renewed in time, and shared by all. Knows no protocol.

import type { Clock } from "../../base/clock.js";
import type * as FrontDoor from "../../index.js";
import type {
  IAMCredentialsAsyncClient,
  ImpersonatedCredentials,
  ImpersonatedIdTokenCredentials,
} from "../../index.js";
import type { Target } from "../source/caller.js";

/** A token and its expiry. */
export interface MintedToken {
  /** The token. A secret. */
  readonly value: string;
  /** In milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** What the minter mints with. */
interface MinterSettings {
  readonly target: Target;
  readonly client: IAMCredentialsAsyncClient;
  /** The scopes when a request names none. */
  readonly scopes: readonly string[] | undefined;
  /** In seconds; undefined: an hour. */
  readonly lifetime: number | undefined;
  readonly subject: string | undefined;
  readonly tokenUri: string | undefined;
  readonly refreshTimeout: number;
  readonly clock: Clock;
}

/** The counters. */
interface MinterCounts {
  /** Tokens that were minted. */
  readonly mints: number;
  /** Requests that were answered with a cached token. */
  readonly hits: number;
  /** Requests that failed. */
  readonly failures: number;
}

type Kept = ImpersonatedCredentials | ImpersonatedIdTokenCredentials;

/** How many kinds of tokens are kept, since callers choose scopes and audiences. */
const MOST = 200;

/** Mints for one account. */
export class Minter {
  readonly #settings: MinterSettings;
  readonly #kept = new Map<string, Kept>();
  #mints = 0;
  #hits = 0;
  #failures = 0;

  constructor(settings: MinterSettings) {
    this.#settings = settings;
  }

  /** The account, as it was named. */
  get account(): string {
    return this.#settings.target.account.split("/").at(-1) ?? "";
  }

  /** The scopes of its tokens when a request names none. */
  get scopes(): readonly string[] {
    return this.#credentials(this.#settings.scopes).scopes;
  }

  /** The counters so far. */
  get counts(): MinterCounts {
    return { mints: this.#mints, hits: this.#hits, failures: this.#failures };
  }

  /** When the cached access token expires; undefined: there is none. */
  get expiresAt(): number | undefined {
    return this.#credentials(this.#settings.scopes).expiry?.getTime();
  }

  /**
   * An access token.
   *
   * @param scopes the scopes; undefined: those of the minter
   * @throws what the service or the source credentials refused it with
   */
  accessToken(scopes: readonly string[] | undefined, signal?: AbortSignal): Promise<MintedToken> {
    return this.#take(this.#credentials(scopes ?? this.#settings.scopes), signal);
  }

  /** A new access token, however long the cached one still lasts. Throws as `accessToken`. */
  async renew(): Promise<MintedToken> {
    const credentials = this.#credentials(this.#settings.scopes);
    await credentials.refresh();
    return this.#take(credentials, undefined);
  }

  /** An ID token with the account's e-mail. Throws as `accessToken`. */
  idToken(audience: string, signal?: AbortSignal): Promise<MintedToken> {
    const { target, client, refreshTimeout, clock } = this.#settings;
    const { ImpersonatedIdTokenCredentials: IdToken } = require("../../index.js") as typeof FrontDoor; // its own type
    const make = () =>
      new IdToken({
        targetPrincipal: target.account,
        delegates: target.delegates,
        targetAudience: audience,
        includeEmail: true,
        client,
        refreshTimeout,
        clock,
      });
    return this.#take(this.#keep(`id ${audience}`, make), signal);
  }

  /** Forgets all tokens: the next request mints. */
  drop(): void {
    this.#kept.clear();
  }

  #credentials(scopes: readonly string[] | undefined): ImpersonatedCredentials {
    const { target, client, lifetime, subject, tokenUri, refreshTimeout, clock } = this.#settings;
    const { ImpersonatedCredentials: Impersonated } = require("../../index.js") as typeof FrontDoor; // its own type
    const make = () =>
      new Impersonated({
        targetPrincipal: target.account,
        delegates: target.delegates,
        scopes,
        lifetime,
        subject,
        tokenUri,
        client,
        refreshTimeout,
        clock,
      });
    return this.#keep(`access ${scopes?.join(" ") ?? ""}`, make);
  }

  #keep<Credentials extends Kept>(key: string, make: () => Credentials): Credentials {
    const known = this.#kept.get(key);
    if (known !== undefined) return known as Credentials; // as: the key has its kind
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= MOST && oldest !== undefined) this.#kept.delete(oldest);
    const made = make();
    made.on("tokens", () => {
      this.#mints += 1;
    });
    this.#kept.set(key, made);
    return made;
  }

  async #take(credentials: Kept, signal: AbortSignal | undefined): Promise<MintedToken> {
    const mints = this.#mints;
    try {
      const { token } = await credentials.getAccessToken(signal === undefined ? {} : { signal });
      if (this.#mints === mints) this.#hits += 1;
      return { value: token, expiresAt: credentials.expiry?.getTime() ?? 0 };
    } catch (error) {
      this.#failures += 1;
      throw error;
    }
  }
}
