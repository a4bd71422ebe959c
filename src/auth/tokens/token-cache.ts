// SPDX-License-Identifier: Apache-2.0
// When a token is good, when to renew it, and who waits for that. Does not know where tokens come from or what they are for.
//
// The shape follows google-cloud-go's auth package: three named states and one refresh. There is no timer between calls: a
// call that finds a stale token starts the refresh, so that ten thousand idle objects cost nothing.

import { type Clock, sleep, waitWithin } from "../../base/clock.js";
import { ConfigurationError, CredentialsError } from "../../base/errors.js";
import { REFRESH_MARGIN_MS } from "./refresh-margin.js";

/** A token as its issuer handed it out. */
export interface IssuedToken {
  /** What is sent. A secret. */
  readonly value: string;
  /** Milliseconds that it is good for, counted from now. */
  readonly lifetimeMs: number;
  /** When it ends by the issuer's clock, in milliseconds since the epoch: for people; what counts here is `lifetimeMs`. */
  readonly expiresAt: number;
}

/** How long somebody waits for a token. */
export interface TokenWaitOptions {
  /** Ends the wait with the signal's reason; a refresh that others wait for goes on. Default: none. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * `empty`: there is none. `fresh`: use it. `stale`: use it, and renew it meanwhile. `expired`: wait for another.
 */
export type TokenState = "empty" | "fresh" | "stale" | "expired";

/** What a cache is made of. */
interface TokenCacheSettings<Token extends IssuedToken = IssuedToken> {
  /** Gets a new token. Its signal aborts when the refresh has outlived its deadline. */
  readonly issue: (signal: AbortSignal) => Promise<Token>;
  readonly clock: Clock;
  /** Milliseconds that one refresh may take. */
  readonly refreshTimeoutMs: number;
}

/**
 * The default deadline of a refresh: the published timeout of the RPCs behind it. A refresh has its own deadline, since one that nobody
 * waits for any more must not block later callers.
 */
export const DEFAULT_REFRESH_TIMEOUT_MS = 60_000;

/** For a short lifetime, the last quarter: with the whole margin, a token of three minutes would be renewed at every call. */
const SHORT_LIFETIME_SHARE = 1 / 4;

/** Delays after failures in a row: drawn evenly from 0 to a bound that starts here, doubles, and ends there. */
const FIRST_BACKOFF_MS = 250;
const LAST_BACKOFF_MS = 10_000;

/**
 * Both time scales are checked this often, and in between only the wall clock: reading a clock is a quarter of what handing out a token
 * costs. A wall clock that is set back, or ahead by more than this, is seen at once.
 */
const CHECK_EVERY_MS = 1_000;

interface HeldToken<Token> {
  readonly token: Token;
  readonly marginMs: number;
  /** When it ends on either scale; the earlier one counts. */
  readonly endsAt: number;
  readonly endsWallAt: number;
  /** Between these two instants of the wall clock it is fresh, whatever the other scale says. */
  checkedWallAt: number;
  freshUntilWallAt: number;
}

/** One refresh, whoever waits for it. */
interface Refresh<Token> {
  readonly promise: Promise<Token>;
  readonly startedAt: number;
  readonly startedWallAt: number;
  /** One more caller waits: the refresh keeps the process running from now on. */
  hold(): void;
  /** A waiting caller leaves, with its reason. When the last has left, the refresh ends: it would keep the process running. */
  leave(reason: unknown): void;
}

/** Holds one token, and has at most one refresh under way. */
export class TokenCache<Token extends IssuedToken = IssuedToken> {
  readonly #settings: TokenCacheSettings<Token>;
  #held: HeldToken<Token> | undefined;
  #refresh: Refresh<Token> | undefined;
  #failures = 0;
  #retryAt = 0;

  constructor(settings: TokenCacheSettings<Token>) {
    this.#settings = settings;
  }

  /** The token that was issued last, whatever its state. */
  get latest(): Token | undefined {
    return this.#held?.token;
  }

  /** The state of that token, now. */
  get state(): TokenState {
    const held = this.#held;
    if (held === undefined) return "empty";
    const left = this.#leftMs(held);
    return left > held.marginMs ? "fresh" : left > 0 ? "stale" : "expired";
  }

  /**
   * A token that is good now: at once if there is one, else the promise of the refresh that is under way or starts here.
   *
   * @param wait how to end the wait; the refresh goes on for the others. Read only if there is a wait
   * @throws what the issuer threw, CredentialsError when the refresh outlived its deadline, the reason of the signal
   */
  take(wait?: TokenWaitOptions): Token | Promise<Token> {
    const held = this.#held;
    if (held !== undefined) {
      const wallNow = this.#settings.clock.wallNow();
      if (wallNow >= held.checkedWallAt && wallNow < held.freshUntilWallAt) return held.token;
      const left = this.#leftMs(held);
      if (left > held.marginMs) {
        held.checkedWallAt = wallNow;
        held.freshUntilWallAt = wallNow + Math.min(CHECK_EVERY_MS, left - held.marginMs);
        return held.token;
      }
      if (left > 0) {
        this.#refreshInBackground();
        return held.token;
      }
    }
    return this.renew(wait);
  }

  /**
   * The token of the refresh that is under way or starts here, whatever the state of the one at hand. Throws as
   * {@link TokenCache.take}.
   */
  renew(wait?: TokenWaitOptions): Promise<Token> {
    return this.#wait(this.#refreshUnderWay() ?? this.#start(this.#backoffMs()), wait?.signal);
  }

  /** Drops a token that a server has refused; one that was issued since stays. */
  discard(value: string): void {
    if (this.#held?.token.value === value) this.#held = undefined;
  }

  /** Adopts a token obtained in another way. */
  hold(token: Token): void {
    const { clock } = this.#settings;
    this.#held = {
      token,
      marginMs: Math.min(REFRESH_MARGIN_MS, token.lifetimeMs * SHORT_LIFETIME_SHARE),
      endsAt: clock.now() + token.lifetimeMs,
      endsWallAt: clock.wallNow() + token.lifetimeMs,
      checkedWallAt: 0,
      freshUntilWallAt: 0,
    };
  }

  /**
   * Two scales, because each has its blind spot: a machine that was suspended shows it on the wall clock only, and a wall
   * clock that was set back would keep a dead token.
   */
  #leftMs(held: HeldToken<Token>): number {
    const { clock } = this.#settings;
    return Math.min(held.endsAt - clock.now(), held.endsWallAt - clock.wallNow());
  }

  #refreshInBackground(): void {
    if (this.#refreshUnderWay() !== undefined || this.#backoffMs() > 0) return;
    // Nobody waits: the token at hand is good, and what failed is tried again by a later call.
    this.#start(0).promise.catch(() => undefined);
  }

  /** The refresh under way, unless it has outlived its deadline without its timer firing: the machine was suspended. */
  #refreshUnderWay(): Refresh<Token> | undefined {
    const refresh = this.#refresh;
    if (refresh === undefined) return undefined;
    const { clock, refreshTimeoutMs } = this.#settings;
    const age = Math.max(clock.now() - refresh.startedAt, clock.wallNow() - refresh.startedWallAt);
    return age > refreshTimeoutMs ? undefined : refresh;
  }

  async #wait(refresh: Refresh<Token>, signal: AbortSignal | undefined): Promise<Token> {
    refresh.hold();
    if (signal === undefined) return refresh.promise;
    if (!(signal instanceof AbortSignal)) throw new ConfigurationError("signal: must be an AbortSignal");
    const limits = { timeoutMs: Number.POSITIVE_INFINITY, onTimeout: () => undefined, signals: [signal] };
    return waitWithin(this.#settings.clock, refresh.promise, limits).catch((error: unknown) => {
      if (signal.aborted) refresh.leave(signal.reason);
      throw error;
    });
  }

  #backoffMs(): number {
    return this.#failures === 0 ? 0 : Math.max(0, this.#retryAt - this.#settings.clock.now());
  }

  #start(delayMs: number): Refresh<Token> {
    const { clock, issue, refreshTimeoutMs } = this.#settings;
    const controller = new AbortController();
    const { signal } = controller;
    const expire = (): void =>
      controller.abort(new CredentialsError(`the credentials did not return a token within ${refreshTimeoutMs} ms`));
    const startedAt = clock.now();
    let cancelTimer = clock.schedule(refreshTimeoutMs, expire, false);
    let waiters = 0;
    const issued = delayMs > 0 ? sleep(clock, delayMs, [signal]).then(() => issue(signal)) : issueNow(issue, signal);
    const limits = { timeoutMs: Number.POSITIVE_INFINITY, onTimeout: () => undefined, signals: [signal] };
    const refresh: Refresh<Token> = {
      startedAt,
      startedWallAt: clock.wallNow(),
      hold: () => {
        if (waiters++ > 0) return;
        cancelTimer();
        cancelTimer = clock.schedule(Math.max(0, startedAt + refreshTimeoutMs - clock.now()), expire);
      },
      leave: (reason) => {
        if (--waiters > 0) return;
        // Nobody wants it any more: a call under way would keep the process running.
        if (this.#settle(refresh)) controller.abort(reason);
      },
      promise: waitWithin(clock, issued, limits).then(
        (token) => {
          cancelTimer();
          if (this.#settle(refresh)) this.hold(token);
          this.#failures = 0;
          return token;
        },
        (error: unknown) => {
          cancelTimer();
          if (this.#settle(refresh)) this.#recordFailure();
          throw error;
        },
      ),
    };
    this.#refresh = refresh;
    return refresh;
  }

  /** Returns whether it was the newest: one that outlived its deadline must not replace what a later one brought. */
  #settle(refresh: Refresh<Token>): boolean {
    if (this.#refresh !== refresh) return false;
    this.#refresh = undefined;
    return true;
  }

  #recordFailure(): void {
    const { clock } = this.#settings;
    const bound = Math.min(LAST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.#failures);
    this.#failures++;
    this.#retryAt = clock.now() + clock.random() * bound;
  }
}

async function issueNow<Token>(issue: (signal: AbortSignal) => Promise<Token>, signal: AbortSignal): Promise<Token> {
  return issue(signal);
}

/**
 * How long a token is good for from now, in milliseconds: what its issuer says, unless the clocks of issuer and machine differ
 * so much that it would be more than was asked for, or nothing; then it is what was asked for.
 *
 * @param expiresAt by the issuer's clock, in milliseconds since the epoch
 * @param grantedMs the lifetime that was asked for
 */
export function lifetimeFromExpiry(expiresAt: number, grantedMs: number, clock: Clock): number {
  const left = expiresAt - clock.wallNow();
  return left > 0 && left < grantedMs ? left : grantedMs;
}
