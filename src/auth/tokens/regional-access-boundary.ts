// SPDX-License-Identifier: Apache-2.0
// Where an account's requests may go (`allowedLocations`): looked up in the background, remembered, sent as a header. A lookup uses the
// token it is handed and asks no credentials, so that it can never start another.

import type { Clock } from "../../base/clock.js";
import type { HttpClient } from "../../base/http/http-client.js";
import { parseJsonObject } from "../../base/http/http-message.js";
import { askAside } from "../../base/http/side-requests.js";

/** Google's libraries ask again after six hours. */
const LOOKUP_EVERY_MS = 6 * 3_600_000;
/** After a lookup that failed: drawn evenly from 0 to a bound that starts here, doubles, and ends there. */
const FIRST_BACKOFF_MS = 60_000;
const LAST_BACKOFF_MS = 6 * 3_600_000;
const TIMEOUT_MS = 60_000;
/** No restriction; the header is then sent empty. */
const UNRESTRICTED = "0x0";

/** How requests to IAM Credentials that are not RPCs get there. */
export interface LookupRoute {
  /** Presents a client certificate, if there is one. */
  readonly http: HttpClient;
  /** Where the service answers over HTTP: its mTLS host only where there is a certificate. */
  readonly url: string;
}

/** What a lookup needs to know. */
interface RegionalAccessBoundarySettings {
  readonly clock: Clock;
  /** The account's e-mail or unique id; `undefined` while it is not known, or if it has no boundary. */
  readonly account: () => string | undefined;
  /** Asked for at each lookup. */
  readonly route: () => LookupRoute;
}

/** The boundary of one account. */
export class RegionalAccessBoundary {
  readonly #clock: Clock;
  readonly #account: () => string | undefined;
  readonly #route: () => LookupRoute;
  #header: string | undefined;
  #isLookingUp = false;
  #nextLookupAt = Number.NEGATIVE_INFINITY;
  #failures = 0;

  constructor({ clock, account, route }: RegionalAccessBoundarySettings) {
    this.#clock = clock;
    this.#account = account;
    this.#route = route;
  }

  /**
   * The value of `x-allowed-locations` as far as it is known now; `undefined`: send none. Starts a lookup when one is due, and
   * never waits for it.
   *
   * @param token of the account itself; the lookup sends it
   */
  headerFor(token: { readonly value: string }): string | undefined {
    if (!this.#isLookingUp && this.#clock.now() >= this.#nextLookupAt) void this.#lookUp(token.value);
    return this.#header;
  }

  /** Never rejects: nobody waits for it, and a call goes on without the header. */
  async #lookUp(token: string): Promise<void> {
    const account = this.#account();
    if (account === undefined) return;
    this.#isLookingUp = true;
    try {
      this.#header = await fetchBoundary(account, token, this.#route());
      this.#failures = 0;
      this.#nextLookupAt = this.#clock.now() + LOOKUP_EVERY_MS;
    } catch {
      const bound = Math.min(LAST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.#failures);
      this.#failures++;
      this.#nextLookupAt = this.#clock.now() + this.#clock.random() * bound;
    } finally {
      this.#isLookingUp = false;
    }
  }
}

async function fetchBoundary(account: string, token: string, { http, url: origin }: LookupRoute): Promise<string> {
  const url = `${origin}/v1/projects/-/serviceAccounts/${encodeURIComponent(account)}/allowedLocations`;
  const headers = { authorization: `Bearer ${token}` };
  const answer = await askAside(http, { url, headers, timeoutMs: TIMEOUT_MS, inBackground: true });
  const encoded = answer.status === 200 ? parseJsonObject(answer.text)?.["encodedLocations"] : undefined;
  // A value that no header can carry would make every call fail.
  if (typeof encoded !== "string" || !/^[\x21-\x7e]+$/.test(encoded)) {
    throw new Error(`no regional access boundary: status ${answer.status}`);
  }
  return encoded === UNRESTRICTED ? "" : encoded;
}
