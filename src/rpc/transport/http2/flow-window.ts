// SPDX-License-Identifier: Apache-2.0
// Flow-control windows: how much may still arrive, and when to allow more. Knows no frame.

import { ConnectionError, ErrorCode, MAX_WINDOW } from "./frames/frames.js";

/** What the peer may send, on a stream or on the connection. It bounds the memory that a peer can use. */
export class ReceiveWindow {
  readonly #size: number;
  #left: number;
  #returned = 0;

  /** @param size octets that may be in flight or waiting to be consumed */
  constructor(size: number) {
    this.#size = size;
    this.#left = size;
  }

  /** Counts received octets. @throws ConnectionError when there are more than allowed */
  receive(length: number): void {
    this.#left -= length;
    if (this.#left < 0)
      throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, "the peer sent more than its window allows");
  }

  /**
   * Counts consumed octets.
   *
   * @returns how many to announce to the peer: none until they reach half of the window, so that few frames suffice
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
 * A send window after the peer's increment; it may have been negative (RFC 9113, section 6.9.2).
 *
 * @throws ConnectionError when it exceeds the maximum
 */
export function widenedWindow(window: number, increment: number): number {
  const widened = window + increment;
  if (widened > MAX_WINDOW)
    throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, "the peer opened a window beyond 2^31-1");
  return widened;
}
