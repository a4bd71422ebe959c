// SPDX-License-Identifier: Apache-2.0
// The REST transport beside the official client's, as `throughput` does it for gRPC: HTTP/1.1 without TLS, since the official client
// takes no root certificates.

import { medianRatio } from "../statistics.mjs";
import { levelTable, playRound } from "./throughput.mjs";

const CLIENTS = ["ours-rest", "official-rest"];

/** A record per turn, and one per process with its peak memory. */
export async function measure({ warmUpCalls, rest: phases, rounds }, addresses) {
  const records = [];
  for (let round = 0; round < rounds.rest; round++) {
    const played = await playRound(CLIENTS, { warmUpCalls, phases }, round, addresses.rest);
    records.push(...played.map((record) => ({ round, ...record })));
  }
  return records;
}

/** The tables of the section, by heading. */
export function report(records, { rest: phases }) {
  return phases.map(({ inFlight }) => [
    `${inFlight} in flight, REST`,
    levelTable(
      CLIENTS,
      records.filter((record) => record.inFlight === inFlight),
    ),
  ]);
}

/** The figures that have a goal. */
export function goals(records) {
  const turns = records.filter(({ inFlight }) => inFlight === 64);
  const ratio = medianRatio(turns, ...CLIENTS, (record) => record.callsPerSecond);
  return [["calls/s at 64 in flight over REST, ours / official", ">= 2.5", ratio]];
}
