// SPDX-License-Identifier: Apache-2.0
// The order of play: every client once a round, and each round begins with another client, so that place favors nobody.

/** Calls `play(client, round)` for every client in every round. Gives the records in that order. */
export async function playRounds(clients, rounds, play) {
  const records = [];
  for (let round = 0; round < rounds; round++) {
    const shift = round % clients.length;
    for (const client of [...clients.slice(shift), ...clients.slice(0, shift)]) {
      records.push({ client, round, ...(await play(client, round)) });
    }
  }
  return records;
}
