// SPDX-License-Identifier: Apache-2.0
// Which calls the table has: those that the filter lets through, up to where it was paused; and how many ended how. Draws nothing.

import type { Call } from "../link/records.js";
import { type CallFilter, readFilter } from "./call-filter.js";

/** The calls that the table has. */
export class ShownCalls {
  #filter: CallFilter = readFilter("");
  #fitting: Call[] = [];
  #counts = new Map<string, number>();
  #missed: number | undefined;

  /** The matching calls, the oldest first. */
  get fitting(): readonly Call[] {
    return this.#fitting;
  }

  /** How many ended how, matching or not, the most frequent first. */
  get counts(): readonly (readonly [status: string, count: number])[] {
    return [...this.#counts].sort(([, one], [, other]) => other - one);
  }

  /** How many came since it was paused; undefined: not paused. */
  get missed(): number | undefined {
    return this.#missed;
  }

  /** Sets the filter, and starts over with all calls. @returns what is wrong with it; undefined: nothing */
  filter(text: string, calls: readonly Call[]): string | undefined {
    this.#filter = readFilter(text);
    this.begin(calls);
    return this.#filter.mistake;
  }

  /** Starts over. Ends a pause. */
  begin(calls: readonly Call[]): void {
    [this.#fitting, this.#counts, this.#missed] = [[], new Map(), undefined];
    this.add(calls, calls[0]?.id ?? 0);
  }

  /** Takes no more calls until it starts over; they are counted. */
  pause(): void {
    this.#missed = 0;
  }

  /** Adds calls. @param oldestId the number of the oldest call that is still kept */
  add(added: readonly Call[], oldestId: number): void {
    if (this.#missed !== undefined) {
      this.#missed += added.length;
      return;
    }
    for (const call of added) {
      this.#counts.set(call.status, (this.#counts.get(call.status) ?? 0) + 1);
      if (this.#filter.fits(call)) this.#fitting.push(call);
    }
    // Trimmed when some are gone: once in two thousand calls.
    if ((this.#fitting[0]?.id ?? oldestId) < oldestId) this.#fitting = this.#fitting.filter(({ id }) => id >= oldestId);
  }

  /** The call before or after one in the table; the last one when none is given. */
  neighbor(id: number | undefined, step: 1 | -1): Call | undefined {
    if (id === undefined) return this.#fitting.at(-1);
    const at = this.#fitting.findIndex((call) => call.id === id);
    return at < 0 ? undefined : this.#fitting[at + step];
  }
}
