// SPDX-License-Identifier: Apache-2.0
// PINGs on a connection that has been silent, and what it means when they are not answered. Source: gRFC A8. Knows no call.

import type { Clock } from "../../../base/clock.js";
import type { KeepaliveSettings } from "../keepalive-settings.js";

const DEFAULT_TIMEOUT_MS = 20_000;

/** What keepalive needs of a connection. */
export interface Pingable {
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
  readonly #onDead: () => void;
  #chunksSeen: number;
  #isAsked = false;
  #stop: () => void;

  /** @param onDead told when the connection gives no sign of life */
  constructor(connection: Pingable, { settings, clock, onDead }: KeepaliveParts) {
    this.#connection = connection;
    this.#clock = clock;
    this.#intervalMs = settings.intervalMs;
    this.#timeoutMs = settings.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#withoutCalls = settings.withoutCalls ?? false;
    this.#onDead = onDead;
    this.#chunksSeen = connection.chunksRead;
    this.#stop = this.#schedule(this.#intervalMs);
  }

  /** Asks nothing any more. */
  stop(): void {
    this.#stop();
  }

  #schedule(ms: number): () => void {
    return this.#clock.schedule(ms, () => this.#look(), false);
  }

  /** Time counts from the last octet that was read. */
  #look(): void {
    const { chunksRead, streamCount } = this.#connection;
    const isSilent = chunksRead === this.#chunksSeen;
    this.#chunksSeen = chunksRead;
    if (isSilent && this.#isAsked) {
      this.#onDead();
      return;
    }
    this.#isAsked = isSilent && (this.#withoutCalls || streamCount > 0);
    if (this.#isAsked) this.#connection.ping(() => undefined);
    this.#stop = this.#schedule(this.#isAsked ? this.#timeoutMs : this.#intervalMs);
  }
}

/** What keepalive is made of. */
export interface KeepaliveParts {
  readonly settings: KeepaliveSettings;
  readonly clock: Clock;
  readonly onDead: () => void;
}
