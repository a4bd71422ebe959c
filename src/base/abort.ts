// SPDX-License-Identifier: Apache-2.0
// Listening to abort signals that thousands of calls share: one listener per signal, whatever the number of calls.

type Callback = () => void;

const callbacksOf = new WeakMap<AbortSignal, Set<Callback>>();

/**
 * Calls back once when a signal aborts, unless the returned function is called first. A signal that has already aborted
 * never calls back: look at it first.
 *
 * A listener per call would cost time that grows with the number of calls, and Node warns of a leak from the eleventh on.
 */
export function onAbort(signal: AbortSignal, callback: Callback): () => void {
  let callbacks = callbacksOf.get(signal);
  if (callbacks === undefined) {
    const all = new Set<Callback>();
    callbacks = all;
    callbacksOf.set(signal, all);
    signal.addEventListener(
      "abort",
      () => {
        for (const each of [...all]) if (all.has(each)) each();
        all.clear();
      },
      { once: true },
    );
  }
  callbacks.add(callback);
  return () => callbacks.delete(callback);
}

/**
 * Aborts a controller with the signal's reason as soon as the signal aborts, at once if it already has, unless the returned function is
 * called first.
 */
export function forwardAbort(signal: AbortSignal | undefined, to: AbortController): () => void {
  if (signal?.aborted) to.abort(signal.reason);
  if (signal === undefined || signal.aborted) return () => undefined;
  return onAbort(signal, () => to.abort(signal.reason));
}
