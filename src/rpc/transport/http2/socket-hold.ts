// SPDX-License-Identifier: Apache-2.0
// Whether a connection's socket keeps the process alive, and how it closes: gracefully, but without a long wait. Knows no frame.

import type { Duplex } from "node:stream";
import type { Clock } from "../../../base/clock.js";

/** What a connection needs from a socket. */
export type ByteStream = Duplex & { ref?(): unknown; unref?(): unknown };

/** How long a peer may take to close its side after us. */
const GOODBYE_MS = 1_000;

/** A hold on a socket. */
export class SocketHold {
  readonly #socket: ByteStream;
  readonly #clock: Clock;
  #isHeld = true;

  constructor(socket: ByteStream, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
  }

  /** Sets whether it keeps the process alive. */
  hold(isWanted: boolean): void {
    if (isWanted === this.#isHeld) return;
    this.#isHeld = isWanted;
    if (isWanted) this.#socket.ref?.();
    else this.#socket.unref?.();
  }

  /** Closes our side, and soon the other. Later data is dropped, errors are ignored, and the process does not wait. */
  leave(): void {
    const socket = this.#socket;
    socket.on("data", () => undefined);
    socket.on("error", () => undefined);
    if (socket.destroyed) return;
    socket.end();
    socket.once(
      "close",
      this.#clock.schedule(GOODBYE_MS, () => void socket.destroy(), false),
    );
    this.hold(false);
  }
}
