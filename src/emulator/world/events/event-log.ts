// SPDX-License-Identifier: Apache-2.0
// Numbers an emulator's events, keeps the latest and notifies listeners. Does not know what listeners do with them.

import type { CallRecord } from "../calls/call-log.js";

/** The events of an emulator, by name, and their data. */
export interface EmulatorEvents {
  /** A call has ended. */
  readonly call: CallRecord;
  /** Accounts, keys, grants, roles, tokens or the enforcement have changed. */
  readonly state: Readonly<Record<string, never>>;
  /** A fault was added or removed, or has struck. */
  readonly fault: Readonly<Record<string, never>>;
  /** The emulator's clock was changed. */
  readonly clock: { readonly now: Date };
  /** The emulator was reset to its starting state. */
  readonly reset: Readonly<Record<string, never>>;
}

/** The name of an event. */
export type EmulatorEventName = keyof EmulatorEvents;

/** The names of all events. */
export const eventNames: readonly EmulatorEventName[] = ["call", "state", "fault", "clock", "reset"];

/** One thing that happened. */
export interface EmulatorEvent<Name extends EmulatorEventName = EmulatorEventName> {
  /** Its number, starting at 1. Required. */
  readonly id: number;
  /** What kind it is. Required. */
  readonly name: Name;
  /** The event's data. Required. */
  readonly data: EmulatorEvents[Name];
}

type Listener = (event: EmulatorEvent) => void;

/** The events of one emulator; the oldest are forgotten beyond a limit. */
export class EventLog {
  readonly #limit: number;
  #events: EmulatorEvent[] = [];
  #lastId = 0;
  readonly #listeners = new Set<Listener>();

  /** @param limit how many events are kept */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The number of the last event; 0 before the first. */
  get lastId(): number {
    return this.#lastId;
  }

  /** Adds an event and notifies the listeners. */
  add<Name extends EmulatorEventName>(name: Name, data: EmulatorEvents[Name]): void {
    const event = { id: ++this.#lastId, name, data };
    this.#events.push(event);
    // Trimmed rarely, so that adding stays cheap.
    if (this.#events.length >= 2 * this.#limit) this.#events = this.#events.slice(-this.#limit);
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch {
        // A listener must not decide how a call ends.
      }
    }
  }

  /** Notifies a listener of each event from now on. @returns a function that removes it */
  listen(listener: Listener): () => void {
    const own: Listener = (event) => listener(event); // so that a listener added twice is called twice
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** The events after the given number, oldest first; undefined when some have been dropped, or the number was never used. */
  after(id: number): readonly EmulatorEvent[] | undefined {
    const kept = Math.min(this.#events.length, this.#limit);
    if (id > this.#lastId || id < this.#lastId - kept) return undefined;
    return this.#events.slice(this.#events.length - (this.#lastId - id));
  }
}
