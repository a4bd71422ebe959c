// SPDX-License-Identifier: Apache-2.0
// Runs work on the items of a stream, several at a time, and yields the results in the order of the input. Knows nothing of the work.

import { forwardAbort } from "../base/abort.js";
import { systemClock, waitWithin } from "../base/clock.js";

/**
 * Results in order, with backpressure: the input is read only as far as results are being worked on or wait to be taken, at most
 * `concurrency` of them. When the consumer leaves, or anything fails, the work in flight is aborted and the input is closed.
 *
 * @throws what the input or the work throws, at the place in the order where it belongs; the reason of the signal
 */
export async function* mapInOrder<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
  { concurrency, signal }: { concurrency: number; signal: AbortSignal | undefined },
): AsyncGenerator<Result, void, undefined> {
  signal?.throwIfAborted();
  const stop = new AbortController();
  const stopListening = forwardAbort(signal, stop);
  const input = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const underWay: Promise<Result>[] = [];
  const limits = { timeoutMs: Number.POSITIVE_INFINITY, onTimeout: () => undefined, signals: [signal] };
  let reading: Promise<void> | undefined;
  let isExhausted = false;
  const enqueue = (result: Promise<Result>): void => {
    // Awaited when its turn comes; until then nobody handles its rejection.
    result.catch(() => undefined);
    underWay.push(result);
  };
  const read = async (): Promise<void> => {
    try {
      const next = await input.next();
      if (next.done === true) isExhausted = true;
      else enqueue(work(next.value, stop.signal));
    } catch (error) {
      isExhausted = true;
      enqueue(Promise.reject(error));
    }
    reading = undefined;
  };
  try {
    for (;;) {
      if (!isExhausted && underWay.length < concurrency) reading ??= read();
      const [first] = underWay;
      if (first === undefined) {
        if (reading === undefined) return;
        await waitWithin(systemClock, reading, limits);
        continue;
      }
      const isReady = first.then(
        () => true,
        () => true,
      );
      // Reading goes on while the first result is awaited, and a slow input holds no result back.
      const more = reading?.then(() => false) ?? isReady;
      if (!(await waitWithin(systemClock, Promise.race([isReady, more]), limits))) continue;
      underWay.shift();
      yield await first;
    }
  } finally {
    stopListening();
    stop.abort(new Error("nobody is reading the results any more"));
    const closed = isExhausted ? undefined : input.return?.();
    // An input that is being read closes when it has answered, which may be never.
    if (reading === undefined) await closed;
    else void Promise.resolve(closed).catch(() => undefined);
  }
}
