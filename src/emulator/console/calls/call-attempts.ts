// SPDX-License-Identifier: Apache-2.0
// Finds the attempts at one call: equal calls of a principal, numbered by the emulator. Draws nothing.

import type { Call } from "../link/records.js";

// A call that a fault strikes early has no account in the log: its request was not read.
function isAttemptAtSame(one: Call, other: Call): boolean {
  const keyOf = ({ service, method, principal, transport }: Call) => [service, method, principal, transport].join("\n");
  if (keyOf(one) !== keyOf(other)) return false;
  if (one.serviceAccount === undefined || other.serviceAccount === undefined) return true;
  return one.serviceAccount === other.serviceAccount && one.delegates.join() === other.delegates.join();
}

function walk(calls: readonly Call[], from: Call, step: 1 | -1): Call[] {
  const found: Call[] = [];
  let last = from;
  for (let index = calls.indexOf(from) + step; index >= 0 && index < calls.length; index += step) {
    const call = calls[index];
    if (call === undefined || !isAttemptAtSame(call, last)) continue;
    if ((call.attempt ?? 1) === (last.attempt ?? 1) + step) {
      found.push(call);
      last = call;
    } else if ((call.attempt ?? 1) === 1) break; // another call begins
  }
  return found;
}

/** The attempts at the call that `call` is one of, in their order; only itself when there are no others. */
export function findAttempts(calls: readonly Call[], call: Call): readonly Call[] {
  if (!calls.includes(call)) return [call];
  const before = (call.attempt ?? 1) > 1 ? walk(calls, call, -1).reverse() : [];
  return [...before, call, ...walk(calls, call, 1)];
}
