// SPDX-License-Identifier: Apache-2.0
// One server stream at a time over TLS, ours and a bare grpc-js client's: replies per second, and their CPU.

import { runClient } from "../processes.mjs";
import { playRounds } from "../rounds.mjs";
import { median, medianRatio, valuesOf } from "../statistics.mjs";
import { table } from "../table.mjs";

const CLIENTS = ["ours", "stub"];

/** A record per client and round. */
export function measure({ rounds, streams }, addresses) {
  return playRounds(CLIENTS, rounds.streams, async (client) => {
    const { startedAt: _startedAt, ...record } = await runClient("stream", {
      client,
      server: addresses.streams,
      ...streams,
    });
    return record;
  });
}

const FIGURES = [
  ["replies/s", (record) => record.repliesPerSecond, 0],
  ["CPU s/100k", (record) => record.cpuSecondsPer100k, 3],
];

/** The tables of the section, by heading. */
export function report(records) {
  const rows = CLIENTS.map((client) => [
    client,
    ...FIGURES.map(([_heading, figure, digits]) => median(valuesOf(records, client, figure)).toFixed(digits)),
  ]);
  const ratios = FIGURES.map(([_heading, figure]) => medianRatio(records, ...CLIENTS, figure).toFixed(2));
  const headings = ["client", ...FIGURES.map(([heading]) => heading)];
  return [["One server stream, tls", table(headings, [...rows, ["ratio", ...ratios]])]];
}

/** The figures that have a goal. */
export function goals(records) {
  return [["server stream: replies/s, ours / stub", ">= 4", medianRatio(records, ...CLIENTS, FIGURES[0][1])]];
}
