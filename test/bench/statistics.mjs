// SPDX-License-Identifier: Apache-2.0
// Medians, and ratios of rounds: two clients are compared within a round, because the machine drifts between rounds.

/** The median; NaN of nothing. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
}

/** The values of one client by round. */
export function valuesOf(records, client, figure) {
  return records.filter((record) => record.client === client).map(figure);
}

/** The median over the rounds of ours / theirs within a round. */
export function medianRatio(records, ours, theirs, figure) {
  const [mine, others] = [ours, theirs].map((client) => valuesOf(records, client, figure));
  return median(mine.map((value, round) => value / others[round]));
}
