// SPDX-License-Identifier: Apache-2.0
// What a connection wants to know, and whom it tells of its state.

import type { Clock } from "../../../base/clock.js";
import type { FieldPolicy } from "./hpack/hpack-encoder.js";
import type { GoAway } from "./stream.js";

/** Hears of a connection. */
export interface ConnectionOwner {
  /** The peer's SETTINGS have come: it speaks HTTP/2, and bodies may go. */
  onReady(): void;
  /** There may be room for streams that was not there before. */
  onRoom(): void;
  /** It takes no new streams from now on; those that are open may end. @param goAway what the peer said; `undefined`: no ids are left */
  onDrain(goAway: GoAway | undefined): void;
  /** It is over. @param error why; `undefined`: it was closed here */
  onEnd(error: Error | undefined): void;
}

/** What a connection is made of. */
export interface ConnectionSettings {
  /** How header fields of a name are sent. Default: all are indexed. */
  readonly fieldPolicy?: (name: string) => FieldPolicy;
  /** Takes out of a text of the peer's what must not be shown. Default: nothing is taken out. */
  readonly mask?: (text: string) => string;
  readonly clock: Clock;
}
