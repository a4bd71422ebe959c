// SPDX-License-Identifier: Apache-2.0
// Listens to the emulator's server-sent events, and reconnects when it is gone. Passes events on; shows nothing.

import { eventsUrl, get } from "./ask-emulator.js";
import { CallStore } from "./call-store.js";
import type { Call, Info } from "./records.js";

/** The events: something changed, or the connection's state did. */
type LiveEvent = "state" | "fault" | "clock" | "reset" | "info" | "connection";

const RETRY_MS = 700;
const FLOCK_MS = 60;
const FULL = 1000;
const EVENTS = ["state", "fault", "clock", "reset"] as const;

/** The connection to the emulator. */
class Live extends EventTarget {
  /** The calls that came. */
  readonly store = new CallStore();
  /** What the emulator is; undefined until it has answered. */
  info: Info | undefined;
  /** The connection's state. */
  state: "connecting" | "connected" | "lost" = "connecting";
  /** How far the emulator's clock is ahead of this machine's, in milliseconds. */
  offsetMs = 0;
  /** Called with news about the connection. */
  onNews: (text: string) => void = () => {};
  readonly #changes = new Set<(typeof EVENTS)[number]>();
  #waiting: Call[] = [];
  #source: EventSource | undefined;

  /** The emulator's time, in milliseconds since the epoch. */
  get now(): number {
    return Date.now() + this.offsetMs;
  }

  /** Runs `listener` on each event, until the signal. */
  on(events: readonly LiveEvent[], listener: () => void, signal = new AbortController().signal): void {
    for (const event of events) this.addEventListener(event, listener, { signal });
  }

  /** Connects, and again whenever the connection is lost. */
  connect(): void {
    const source = new EventSource(eventsUrl);
    this.#source = source;
    source.onopen = () => void this.#opened(source);
    source.onerror = () => this.#failed(source);
    source.addEventListener("call", ({ data }) => this.#called(data));
    for (const event of EVENTS) source.addEventListener(event, () => this.#changed(event));
  }

  /** Asks again what the emulator is. */
  async readInfo(): Promise<Info> {
    const info = await get<Info>("info");
    this.info = info;
    this.offsetMs = Date.parse(info.now) - Date.now();
    this.dispatchEvent(new Event("info"));
    return info;
  }

  #called(data: string): void {
    this.#waiting.push(JSON.parse(data) as Call); // as: that is what the event has
    if (this.state !== "connected") return; // earlier calls come first
    // Once per frame, however many come; a hidden page has no frames.
    if (this.#waiting.length === 1) requestAnimationFrame(() => this.#flush());
    else if (this.#waiting.length === FULL) this.#flush();
  }

  #flush(): void {
    const calls = this.#waiting;
    this.#waiting = [];
    this.store.add(calls);
  }

  // Changes come in bursts: one read serves all of a burst.
  #changed(event: (typeof EVENTS)[number]): void {
    if (event === "reset") this.store.clear();
    this.#changes.add(event);
    if (this.#changes.size === 1) setTimeout(() => void this.#readChanges(), FLOCK_MS);
  }

  async #readChanges(): Promise<void> {
    const events = [...this.#changes];
    this.#changes.clear();
    await this.readInfo().catch(() => {});
    for (const event of events) this.dispatchEvent(new Event(event));
  }

  async #opened(source: EventSource): Promise<void> {
    const wasLost = this.state === "lost";
    try {
      const before = this.info?.instance;
      const isAnother = (await this.readInfo()).instance !== before && wasLost;
      if (isAnother) this.store.clear();
      const { calls } = await get<{ calls: Call[] }>(`calls?after=${this.store.lastId}&limit=10000`);
      this.store.add(calls);
      this.state = "connected";
      this.#flush();
      if (wasLost) this.onNews(isAnother ? "Reconnected: the emulator was restarted." : "Reconnected.");
      this.dispatchEvent(new Event("connection"));
      if (wasLost) for (const event of ["state", "fault", "clock"] as const) this.dispatchEvent(new Event(event));
    } catch {
      this.#failed(source);
    }
  }

  #failed(source: EventSource): void {
    source.close();
    if (source !== this.#source) return;
    this.#source = undefined;
    this.#waiting = [];
    if (this.state !== "lost") this.onNews("The connection to the emulator was lost. Trying again.");
    this.state = "lost";
    this.dispatchEvent(new Event("connection"));
    setTimeout(() => this.connect(), RETRY_MS);
  }
}

/** The one connection of the page. */
export const live = new Live();
