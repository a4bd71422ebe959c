// SPDX-License-Identifier: Apache-2.0
// Remembering the answers of a pure function whose few inputs come again and again: account names, routing values.

const MOST_ENTRIES = 256;

/**
 * A function that remembers what another one answered for a text. It keeps at most 256 answers and then starts afresh, so that
 * a service that handles a million accounts does not grow. What throws is not remembered.
 */
export function memoize(compute: (text: string) => string): (text: string) => string {
  const answers = new Map<string, string>();
  return (text) => {
    const known = answers.get(text);
    if (known !== undefined) return known;
    const answer = compute(text);
    if (answers.size >= MOST_ENTRIES) answers.clear();
    answers.set(text, answer);
    return answer;
  };
}
