// SPDX-License-Identifier: Apache-2.0
// Public keys by URL and key id: fetched, cached for a quarter of an hour, and fetched again for an unknown key id.
//
// Google signs with a key for up to two weeks and publishes it from six hours before its first use to six hours after its last;
// verifiers are told to look every 15 minutes. Source: google/iam/admin/v1/iam.proto.

import { createPublicKey, type KeyObject } from "node:crypto";
import { type Clock, waitWithin } from "../base/clock.js";
import { VerificationError } from "../base/errors.js";
import type { HttpClient } from "../base/http/http-client.js";
import { headerOf, parseJsonObject } from "../base/http/http-message.js";
import { askAside } from "../base/http/side-requests.js";

const LONGEST_AGE_MS = 15 * 60_000;
/** Not fetched more often than this, even if the server forbids caching or strangers send unknown key ids. */
const SHORTEST_AGE_MS = 10_000;
/** Old keys will do for this long when new ones cannot be fetched: it is how long keys stay published after their last use. */
const LONGEST_STALE_MS = 6 * 3_600_000;
const TIMEOUT_MS = 10_000;
/** How long a verification waits for due keys while it has old ones: a few round trips. */
const PATIENCE_MS = 1_000;
const MAX_URLS = 1_000;

interface KeySet {
  readonly keys: ReadonlyMap<string, KeyObject>;
  readonly fetchedAt: number;
  readonly maxAgeMs: number;
}

/** A request under way. */
interface Refresh {
  readonly fetching: Promise<KeySet>;
  readonly startedAt: number;
}

/** Why keys could not be fetched. */
interface Failure {
  readonly error: unknown;
  readonly at: number;
}

/** The keys of any number of accounts. */
export class PublicKeys {
  readonly #clock: Clock;
  readonly #http: HttpClient;
  readonly #known = new Map<string, KeySet>();
  readonly #underWay = new Map<string, Refresh>();
  readonly #futileAt = new Map<string, number>();
  readonly #failures = new Map<string, Failure>();

  constructor(clock: Clock, http: HttpClient) {
    this.#clock = clock;
    this.#http = http;
  }

  /**
   * The key with an id.
   *
   * @throws VerificationError "key" when there is none, even after another fetch, or the keys cannot be fetched
   */
  async find(url: string, keyId: string, signal: AbortSignal | undefined): Promise<KeyObject> {
    const before = this.#known.get(url);
    const set = await this.#current(url, signal);
    const key = set.keys.get(keyId);
    if (key !== undefined) return key;
    if (set !== before || this.#wasFutile(url)) throw unknownKey(url);
    const failure = this.#recentFailure(url);
    if (failure !== undefined) throw failure;
    const anew = (await this.#fetchOnce(url, signal)).keys.get(keyId);
    if (anew !== undefined) return anew;
    // Made-up key ids must not make us ask Google each time.
    this.#futileAt.set(url, this.#clock.now());
    throw unknownKey(url);
  }

  /** All keys, by id. Throws as `find`. */
  async all(url: string, signal: AbortSignal | undefined): Promise<ReadonlyMap<string, KeyObject>> {
    return (await this.#current(url, signal)).keys;
  }

  #wasFutile(url: string): boolean {
    const at = this.#futileAt.get(url);
    return at !== undefined && this.#clock.now() - at < SHORTEST_AGE_MS;
  }

  /**
   * Due keys are waited for, so that a withdrawn one is no longer accepted; but only for a moment, and not if they could not be fetched a
   * moment ago: meanwhile the old ones will do, for as long as keys stay published after their last use.
   */
  async #current(url: string, signal: AbortSignal | undefined): Promise<KeySet> {
    const known = this.#known.get(url);
    const age = known === undefined ? Number.POSITIVE_INFINITY : this.#clock.now() - known.fetchedAt;
    if (known !== undefined && age < known.maxAgeMs) return known;
    const failure = this.#recentFailure(url);
    if (known === undefined || age > LONGEST_STALE_MS) {
      if (failure !== undefined) throw failure;
      return this.#fetchOnce(url, signal);
    }
    if (failure !== undefined) return known;
    const refresh = this.#refresh(url);
    const timeoutMs = refresh.startedAt + PATIENCE_MS - this.#clock.now();
    if (timeoutMs <= 0) return known;
    const limits = { timeoutMs, onTimeout: () => undefined, signals: [signal] };
    return waitWithin(this.#clock, refresh.fetching, limits).catch((error: unknown) => {
      if (signal?.aborted) throw error;
      return known;
    });
  }

  /** The request under way, or a new one: one for all that ask at the same time. */
  #refresh(url: string): Refresh {
    const underWay = this.#underWay.get(url);
    if (underWay !== undefined) return underWay;
    const fetching = this.#fetch(url).finally(() => this.#underWay.delete(url));
    // Whoever waited may have left.
    fetching.catch(() => undefined);
    const refresh = { fetching, startedAt: this.#clock.now() };
    this.#underWay.set(url, refresh);
    return refresh;
  }

  /** Why the keys could not be fetched a moment ago: a failing server is not asked again for every token. */
  #recentFailure(url: string): unknown {
    const failure = this.#failures.get(url);
    return failure !== undefined && this.#clock.now() - failure.at < SHORTEST_AGE_MS ? failure.error : undefined;
  }

  async #fetch(url: string): Promise<KeySet> {
    try {
      const set = await fetchKeys(url, this.#clock, this.#http);
      this.#failures.delete(url);
      this.#remember(url, set);
      return set;
    } catch (error) {
      const [oldest] = this.#failures.keys();
      if (this.#failures.size >= MAX_URLS && oldest !== undefined) this.#failures.delete(oldest);
      this.#failures.set(url, { error, at: this.#clock.now() });
      throw error;
    }
  }

  /** Each waiting caller may leave by its own signal. */
  #fetchOnce(url: string, signal: AbortSignal | undefined): Promise<KeySet> {
    const limits = {
      timeoutMs: TIMEOUT_MS + PATIENCE_MS,
      onTimeout: () => unavailable(url, "no response"),
      signals: [signal],
    };
    return waitWithin(this.#clock, this.#refresh(url).fetching, limits);
  }

  #remember(url: string, set: KeySet): void {
    this.#known.delete(url);
    this.#known.set(url, set);
    const [oldest] = this.#known.keys();
    if (this.#known.size <= MAX_URLS || oldest === undefined) return;
    this.#known.delete(oldest);
    this.#futileAt.delete(oldest);
  }
}

async function fetchKeys(url: string, clock: Clock, http: HttpClient): Promise<KeySet> {
  const fail = (why: string, cause?: unknown): never => {
    throw unavailable(url, why, cause);
  };
  // Whoever waits keeps the process running, by the time limit; without anyone, it may end.
  const answer = await askAside(http, { url, timeoutMs: TIMEOUT_MS, inBackground: true }).catch((cause: unknown) =>
    fail(String(cause), cause),
  );
  if (answer.status !== 200) fail(`the response status was ${answer.status}`);
  const listed = parseJsonObject(answer.text)?.["keys"];
  if (!Array.isArray(listed)) return fail("the response is not a JSON Web Key Set");
  const seconds = /(?:^|[\s,])max-age="?(\d+)/i.exec(headerOf(answer, "cache-control"))?.[1];
  const maxAgeMs = seconds === undefined ? LONGEST_AGE_MS : Number(seconds) * 1000;
  return {
    keys: new Map(listed.flatMap(keyFromJwk)),
    fetchedAt: clock.now(),
    maxAgeMs: Math.min(LONGEST_AGE_MS, Math.max(SHORTEST_AGE_MS, maxAgeMs)),
  };
}

/** An RSA key, or one on P-256, for signatures; nothing for anything else. */
function keyFromJwk(jwk: unknown): [keyId: string, key: KeyObject][] {
  if (typeof jwk !== "object" || jwk === null) return [];
  const { kid, kty, n, e, crv, x, y, use } = jwk as Readonly<Record<string, unknown>>; // as: each is checked below
  const isRsa = kty === "RSA" && typeof n === "string" && typeof e === "string";
  const isElliptic = kty === "EC" && crv === "P-256" && typeof x === "string" && typeof y === "string";
  if (typeof kid !== "string" || (!isRsa && !isElliptic) || (use !== undefined && use !== "sig")) return [];
  try {
    const key = isRsa ? { kty, n, e } : { kty: "EC", crv: "P-256", x: String(x), y: String(y) };
    return [[kid, createPublicKey({ key, format: "jwk" })]];
  } catch {
    return [];
  }
}

function unavailable(url: string, why: string, cause?: unknown): VerificationError {
  return new VerificationError("key", `the public keys at ${url} could not be fetched: ${why}`, { cause });
}

function unknownKey(url: string): VerificationError {
  return new VerificationError("key", `the named key is not among those at ${url}`);
}
