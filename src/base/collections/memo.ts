// SPDX-License-Identifier: Apache-2.0
// Remembers the results of a pure function whose few inputs keep recurring: account names, routing values.

const MOST_ENTRIES = 256;

/**
 * Caches the results of a function of one string. Keeps at most 256 results and then starts over, so that
 * a service that handles a million accounts does not grow without bound. A call that throws is not remembered.
 */
export function memoize<Result extends object | string>(compute: (text: string) => Result): (text: string) => Result {
  const answers = new Map<string, Result>();
  return (text) => {
    const known = answers.get(text);
    if (known !== undefined) return known;
    const answer = compute(text);
    if (answers.size >= MOST_ENTRIES) answers.clear();
    answers.set(text, answer);
    return answer;
  };
}
