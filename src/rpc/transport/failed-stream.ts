// SPDX-License-Identifier: Apache-2.0
// What a transport hands out for a stream that it could not open. Does not know why.

/** The replies of a stream that could not be opened: only an error. */
export function failedStream(error: unknown): AsyncIterableIterator<never> {
  let isTold = false;
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      if (isTold) return { done: true, value: undefined };
      isTold = true;
      throw error;
    },
  };
}
