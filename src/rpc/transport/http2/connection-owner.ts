// SPDX-License-Identifier: Apache-2.0
// The settings of a connection, and the owner that it notifies of its state.

import type { Clock } from "../../../base/clock.js";
import type { FieldPolicy } from "./hpack/hpack-encoder.js";
import type { GoAway } from "./stream.js";

/** Is notified of a connection's events. */
export interface ConnectionOwner {
  /** The peer's SETTINGS have arrived: it speaks HTTP/2, and bodies may be sent. */
  onReady(): void;
  /** There may be room for streams that was not there before. */
  onRoom(): void;
  /** The connection takes no new streams; open ones may finish. @param goAway what the peer said; `undefined`: no ids are left */
  onDrain(goAway: GoAway | undefined): void;
  /** The connection has ended. @param error why; `undefined`: it was closed here */
  onEnd(error: Error | undefined): void;
}

/** The settings of a connection. */
export interface ConnectionSettings {
  /** How header fields of this name are sent. Default: all are indexed. */
  readonly fieldPolicy?: (name: string) => FieldPolicy;
  /** Removes from the peer's text what must not be shown. Default: nothing is removed. */
  readonly mask?: (text: string) => string;
  readonly clock: Clock;
}
