// SPDX-License-Identifier: Apache-2.0
// One grpc-js channel and the calls in flight on it. It closes its channel once it is retired and idle.

import type { ChannelInterface } from "@grpc/grpc-js";

/** Something in flight that can be told to stop. */
export interface InFlight {
  /** Ends it with CANCELLED. */
  cancel(text: string): void;
}

/** A channel that counts what runs on it. */
export class Connection {
  /** The grpc-js channel. */
  readonly channel: ChannelInterface;
  readonly #ownsChannel: boolean;
  readonly #inFlight = new Set<InFlight>();
  #isRetired = false;
  #onIdle: (() => void) | undefined;

  /** @param ownsChannel whether to close the channel in the end; a caller's own channel stays open */
  constructor(channel: ChannelInterface, ownsChannel: boolean) {
    this.channel = channel;
    this.#ownsChannel = ownsChannel;
  }

  /** Counts something in. */
  add(call: InFlight): void {
    this.#inFlight.add(call);
  }

  /** Counts something out. */
  remove(call: InFlight): void {
    this.#inFlight.delete(call);
    if (this.#isRetired && this.#inFlight.size === 0) this.#finish();
  }

  /** Takes no new calls from now on. @param onIdle told once nothing is in flight and the channel is closed */
  retire(onIdle: () => void): void {
    this.#isRetired = true;
    this.#onIdle = onIdle;
    if (this.#inFlight.size === 0) this.#finish();
  }

  /** Cancels everything in flight. */
  cancelAll(text: string): void {
    for (const call of this.#inFlight) call.cancel(text);
  }

  #finish(): void {
    if (this.#ownsChannel) this.channel.close();
    this.#onIdle?.();
    this.#onIdle = undefined;
  }
}
