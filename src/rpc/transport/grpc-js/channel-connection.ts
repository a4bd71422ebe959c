// SPDX-License-Identifier: Apache-2.0
// One grpc-js channel and the calls in flight on it. It closes its channel once it is retired and idle.

import { type ChannelInterface, connectivityState } from "@grpc/grpc-js";
import type { LoadedCertificate } from "../../../base/certificate/client-certificate.js";
import type { Clock } from "../../../base/clock.js";

/** Something in flight that can be stopped. */
export interface InFlight {
  /** Ends it with CANCELLED. */
  cancel(text: string): void;
}

/** How long a connection may take to be established before calls that time out meanwhile count against it. */
const CONNECT_PATIENCE_MS = 2_000;

/** A channel that counts its calls. */
export class Connection {
  /** The grpc-js channel. */
  readonly channel: ChannelInterface;
  /** The fingerprint of the client certificate that it presents; `undefined`: none. */
  readonly fingerprint: string | undefined;
  readonly #ownsChannel: boolean;
  readonly #clock: Clock;
  readonly #openedAt: number;
  #answerCount = 0;
  readonly #inFlight = new Set<InFlight>();
  #isRetired = false;
  #onIdle: (() => void) | undefined;

  /** @param ownsChannel whether to close the channel in the end; a caller's own channel stays open */
  constructor(channel: ChannelInterface, ownsChannel: boolean, clock: Clock, certificate?: LoadedCertificate) {
    this.channel = channel;
    this.fingerprint = certificate?.fingerprint;
    this.#ownsChannel = ownsChannel;
    this.#clock = clock;
    this.#openedAt = clock.now();
  }

  /** How many times the server has answered something. */
  get answerCount(): number {
    return this.#answerCount;
  }

  /** Whether it is established or being established, so that a call does not make the channel open another. */
  isConnecting(): boolean {
    const state = this.channel.getConnectivityState(false);
    return state === connectivityState.READY || state === connectivityState.CONNECTING;
  }

  /** Whether the last attempt to connect failed. */
  hasFailedToConnect(): boolean {
    return this.channel.getConnectivityState(false) === connectivityState.TRANSIENT_FAILURE;
  }

  /** Records that the server has just answered something. */
  countAnswer(): void {
    this.#answerCount++;
  }

  /**
   * Whether a call that timed out without a byte suggests that the connection is dead: nothing else was heard since the call
   * began, and the connection was up (a short timeout must not keep a slow connection from ever being established).
   *
   * @param answersBefore how many times the server had answered when the call began
   */
  seemsDead(answersBefore: number): boolean {
    const isConnected = this.channel.getConnectivityState(false) === connectivityState.READY;
    return isConnected ? this.#answerCount === answersBefore : this.#clock.now() - this.#openedAt > CONNECT_PATIENCE_MS;
  }

  /** Adds a call in flight. */
  add(call: InFlight): void {
    this.#inFlight.add(call);
  }

  /** Removes a call in flight. */
  remove(call: InFlight): void {
    this.#inFlight.delete(call);
    if (this.#isRetired && this.#inFlight.size === 0) this.#finish();
  }

  /** Takes no new calls from now on. @param onIdle called once nothing is in flight and the channel is closed */
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
