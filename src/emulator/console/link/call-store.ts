// SPDX-License-Identifier: Apache-2.0
// The calls that the page knows, the last 10,000, in the order of their numbers. Asks for nothing itself.

import type { Call } from "./records.js";

const LIMIT = 10_000;

/** Called when calls arrive; `isAnew`: all earlier ones are gone. */
type CallsListener = (added: readonly Call[], isAnew: boolean) => void;

/** The calls that the page knows. */
export class CallStore {
  #calls: Call[] = [];
  readonly #listeners = new Set<CallsListener>();

  /** The calls, the oldest first. */
  get calls(): readonly Call[] {
    return this.#calls;
  }

  /** The number of the last call; 0: there is none. */
  get lastId(): number {
    return this.#calls.at(-1)?.id ?? 0;
  }

  /** Adds the calls with higher numbers than the last; others are already there. */
  add(calls: readonly Call[]): void {
    const last = this.lastId;
    const added = calls.filter(({ id }) => id > last);
    if (added.length === 0) return;
    this.#calls.push(...added);
    if (this.#calls.length > 1.2 * LIMIT) this.#calls = this.#calls.slice(-LIMIT);
    this.#tell(added, false);
  }

  /** Forgets all. */
  clear(): void {
    this.#calls = [];
    this.#tell([], true);
  }

  /** The call of a number. */
  find(id: number): Call | undefined {
    return this.#calls.findLast((call) => call.id === id);
  }

  /** Notifies a listener of new calls, until the signal. */
  listen(listener: CallsListener, signal: AbortSignal): void {
    this.#listeners.add(listener);
    signal.addEventListener("abort", () => this.#listeners.delete(listener));
  }

  #tell(added: readonly Call[], isAnew: boolean): void {
    for (const listener of this.#listeners) listener(added, isAnew);
  }
}
