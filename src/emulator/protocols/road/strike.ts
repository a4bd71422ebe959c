// SPDX-License-Identifier: Apache-2.0
// What a fault does to a call on its road: waits, refuses, or leaves it to the face to strike the connection. Knows no wire.

import { fingerprintOf } from "../../world/faults/attempt-counter.js";
import { ConnectionFaultError, InjectedError } from "../../world/faults/fault.js";
import { waitFor } from "../../world/runtime/wait-for.js";
import type { EmulatorState } from "../../world/world.js";

/** What a face lends to a call, so that faults can strike it. */
export interface Strikable {
  /** The bytes of the request, to tell attempts apart. Required. */
  readonly requestBytes: Uint8Array;
  /** Aborted when the caller is gone. Required. */
  readonly abandoned: AbortSignal;
  /** Answers under another content type. Required. */
  setContentType(contentType: string): void;
}

/** The attempt that a call is. */
export interface Attempt {
  /** Which one, from 1. Required. */
  readonly number: number;
  /** To be called when the call was answered with OK. */
  succeed(): void;
}

/**
 * Counts the attempt that a call is.
 *
 * @param method the method's full name
 * @param principal who calls; undefined when it can't be told
 */
export function countAttempt(
  state: EmulatorState,
  method: string,
  principal: string | undefined,
  requestBytes: Uint8Array,
): Attempt {
  const fingerprint = fingerprintOf(method, principal, requestBytes);
  return {
    number: state.attempts.arrive(fingerprint),
    succeed: () => state.attempts.succeed(fingerprint),
  };
}

/**
 * Lets the fault that is set for a call strike it, if there is one. `hang` and delays end early when the caller is gone.
 *
 * @param methods the names that the call's method has
 * @throws InjectedError when the fault refuses the call; ConnectionFaultError when the face must strike the connection
 */
export async function strikeCall(
  state: EmulatorState,
  methods: readonly string[],
  principal: string | undefined,
  attempt: number,
  call: Strikable,
): Promise<void> {
  const fault = state.faults.take({ methods, principal, attempt });
  if (fault === undefined) return;
  const { delayMs = 0, status, connection, contentType } = fault;
  if (delayMs > 0) await waitFor(delayMs, call.abandoned, state.closing);
  if (status !== undefined) throw new InjectedError(status);
  if (connection === "hang") await waitFor(Number.POSITIVE_INFINITY, call.abandoned, state.closing);
  if (connection !== undefined) throw new ConnectionFaultError(connection);
  if (contentType !== undefined) call.setContentType(contentType);
}
