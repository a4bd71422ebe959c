// SPDX-License-Identifier: Apache-2.0
// What a fault does to a call on its road: waits, refuses it, strikes its connection, or changes how it is answered. Knows no wire.

import type { AttemptCounter } from "../../world/faults/attempt-counter.js";
import { ConnectionFaultError, InjectedError } from "../../world/faults/fault.js";
import type { FaultBook, FaultTarget } from "../../world/faults/fault-book.js";
import { waitFor } from "../../world/runtime/wait-for.js";
import type { Work } from "../../world/runtime/work.js";
import type { CallNotes, Delivery } from "./operation.js";

/** What striking needs from the world. */
interface FaultyWorld {
  /** The faults that are set. Required. */
  readonly faults: FaultBook;
  /** Tells attempts at a call apart. Required. */
  readonly attempts: AttemptCounter;
  /** Ends what waits when the emulator closes. Required. */
  readonly work: Work;
}

/** How a call is answered when no fault strikes it. */
export const USUAL_DELIVERY: Delivery = { contentType: undefined, isTruncated: false };

/**
 * Lets the matching fault, if there is one, strike a call, and notes which. `hang` and delays end early when the caller is gone.
 *
 * @returns how to answer the call
 * @throws InjectedError when the fault refuses the call; ConnectionFaultError when its connection is struck at once
 */
export async function strikeCall(
  { faults, work }: Pick<FaultyWorld, "faults" | "work">,
  { target, notes }: { readonly target: FaultTarget; readonly notes: CallNotes },
  abandoned: AbortSignal,
): Promise<Delivery> {
  const set = faults.take(target);
  if (set === undefined) return USUAL_DELIVERY;
  notes.faultId = set.id;
  const { fault } = set;
  const { delayMs = 0, status, connection, contentType } = fault;
  if (delayMs > 0) await waitFor(delayMs, abandoned, work.closing);
  if (status !== undefined) throw new InjectedError(status);
  if (connection === "hang") await waitFor(Number.POSITIVE_INFINITY, abandoned, work.closing);
  if (connection === "truncate") return { contentType, isTruncated: true };
  if (connection !== undefined) throw new ConnectionFaultError(connection);
  return { contentType, isTruncated: false };
}
