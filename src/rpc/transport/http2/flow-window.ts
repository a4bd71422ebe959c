// SPDX-License-Identifier: Apache-2.0
// Windows of flow control: how much may still come, and when to say that more may. Knows no frame.

import { ConnectionError, ErrorCode, MAX_WINDOW } from "./frames/frames.js";

/** What the peer may send, of a stream or of the connection. It is what bounds the memory that a peer can take. */
export class ReceiveWindow {
  readonly #size: number;
  #left: number;
  #returned = 0;

  /** @param size octets that may be under way or wait to be taken */
  constructor(size: number) {
    this.#size = size;
    this.#left = size;
  }

  /** Counts octets that came. @throws ConnectionError when there are more than allowed */
  receive(length: number): void {
    this.#left -= length;
    if (this.#left < 0)
      throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, "the peer sent more than its window allows");
  }

  /**
   * Counts octets that were taken.
   *
   * @returns how many to announce to the peer: none until they are half of the window, so that few frames do
   */
  take(length: number): number {
    this.#returned += length;
    if (this.#returned < this.#size >> 1) return 0;
    const increment = this.#returned;
    this.#returned = 0;
    this.#left += increment;
    return increment;
  }
}

/**
 * A send window after the peer has opened it; it may have been negative (RFC 9113, section 6.9.2).
 *
 * @throws ConnectionError when it exceeds what a window may be
 */
export function widenedWindow(window: number, increment: number): number {
  const widened = window + increment;
  if (widened > MAX_WINDOW)
    throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, "the peer opens a window beyond 2^31-1");
  return widened;
}
