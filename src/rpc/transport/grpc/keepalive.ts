// SPDX-License-Identifier: Apache-2.0
// PINGs on a silent connection, and what happens if they are not answered. Source: gRFC A8. Knows no call.

import type { Clock } from "../../../base/clock.js";
import type { KeepaliveSettings } from "../keepalive-settings.js";
import type { ConnectionLog } from "./connection-log.js";

const DEFAULT_TIMEOUT_MS = 20_000;

/** What keepalive needs from a connection. */
interface Pingable {
  readonly chunksRead: number;
  readonly streamCount: number;
  ping(onAnswer: () => void): void;
}

/** Watches one connection. */
export class Keepalive {
  readonly #connection: Pingable;
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #timeoutMs: number;
  readonly #withoutCalls: boolean;
  readonly #log: KeepaliveParts["log"];
  readonly #onDead: () => void;
  #chunksSeen: number;
  /** When a check last found that something had arrived. */
  #heardAt: number;
  #isAsked = false;
  #stop: () => void;

  /** @param onDead called when the connection shows no sign of life */
  constructor(connection: Pingable, { settings, clock, log, onDead }: KeepaliveParts) {
    this.#connection = connection;
    this.#clock = clock;
    this.#intervalMs = settings.intervalMs;
    this.#timeoutMs = settings.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#withoutCalls = settings.withoutCalls ?? false;
    this.#log = log;
    this.#onDead = onDead;
    this.#chunksSeen = connection.chunksRead;
    this.#heardAt = clock.now();
    this.#stop = this.#schedule(this.#intervalMs);
  }

  /** Sends no more PINGs. */
  stop(): void {
    this.#stop();
  }

  /** A call starts on an idle connection: if that was silent for long, it may be dead, and the call should not wait for the next check. */
  onCall(): void {
    const isSilent = this.#connection.chunksRead === this.#chunksSeen;
    if (this.#isAsked || !isSilent || this.#clock.now() - this.#heardAt < this.#intervalMs) return;
    this.#stop();
    this.#ask();
  }

  #ask(): void {
    this.#isAsked = true;
    this.#log.asked(this.#intervalMs);
    this.#connection.ping(() => undefined);
    this.#stop = this.#schedule(this.#timeoutMs);
  }

  #schedule(ms: number): () => void {
    return this.#clock.schedule(ms, () => this.#look(), false);
  }

  /** Checks for silence, counted from the last octet read. */
  #look(): void {
    const { chunksRead, streamCount } = this.#connection;
    const isSilent = chunksRead === this.#chunksSeen;
    this.#chunksSeen = chunksRead;
    if (!isSilent) this.#heardAt = this.#clock.now();
    if (isSilent && this.#isAsked) {
      this.#log.unanswered(this.#timeoutMs);
      this.#onDead();
      return;
    }
    this.#isAsked = false;
    if (isSilent && (this.#withoutCalls || streamCount > 0)) this.#ask();
    else this.#stop = this.#schedule(this.#intervalMs);
  }
}

/** The parts of a keepalive. */
interface KeepaliveParts {
  readonly settings: KeepaliveSettings;
  readonly clock: Clock;
  readonly log: Pick<ConnectionLog, "asked" | "unanswered">;
  readonly onDead: () => void;
}
