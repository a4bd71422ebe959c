// SPDX-License-Identifier: Apache-2.0
// The drop-in beside the package that it stands in for, and nobody else: cold start, and calls per second over TLS at 64 in flight. Once on
// a machine that has a key and roots, and once with channel credentials of grpc-js, which the drop-in has to use then.

import { median, medianRatio, valuesOf } from "../statistics.mjs";
import { table } from "../table.mjs";
import * as cold from "./cold.mjs";
import * as throughput from "./throughput.mjs";

/** Ours and the original, by how they are set up; and which server they are given. */
const PAIRS = [
  { heading: "a key on the machine", ours: "drop-in-machine", official: "official-machine", server: "machine" },
  { heading: "channel credentials", ours: "drop-in", official: "official", server: "tls" },
];
const IN_FLIGHT = 64;

/** A record per client and round of cold start, and one per client and turn of calls. */
export async function measure(plan, addresses) {
  const phases = plan.phases.filter(({ inFlight }) => inFlight === IN_FLIGHT);
  const clients = PAIRS.flatMap(({ ours, official }) => [official, ours]);
  const records = await cold.measure(plan, addresses, ["none", ...clients]);
  for (const { ours, official, server } of PAIRS) {
    const turns = { ...plan, phases, securities: [server] };
    records.push(...(await throughput.measure(turns, addresses, [official, ours])));
  }
  return records;
}

const isStart = (record) => record.netAnsweredMs !== undefined;
const isTurn = (record) => record.callsPerSecond !== undefined;

/** What is told of each client: heading, which records, figure, digits. */
const COLUMNS = [
  ["cold start net, ms", isStart, (record) => record.netAnsweredMs, 0],
  ["its CPU, ms", isStart, (record) => record.netCpuMs, 0],
  ["require alone, net", isStart, (record) => record.netLoadedMs, 0],
  ["modules", isStart, (record) => record.modules, 0],
  ["calls/s", isTurn, (record) => record.callsPerSecond, 0],
  ["p50 ms", isTurn, (record) => record.p50Ms, 2],
  ["p99 ms", isTurn, (record) => record.p99Ms, 2],
  ["CPU s/10k", isTurn, (record) => record.cpuSecondsPer10k, 2],
];

/** The tables of the section, by heading. */
export function report(records) {
  const headings = ["client", ...COLUMNS.map(([heading]) => heading)];
  return PAIRS.map(({ heading, ours, official }) => {
    const rows = [official, ours].map((client) => [
      client,
      ...COLUMNS.map(([_heading, isOf, figure, digits]) =>
        median(valuesOf(records.filter(isOf), client, figure)).toFixed(digits),
      ),
    ]);
    const ratios = COLUMNS.map(([_heading, isOf, figure]) =>
      medianRatio(records.filter(isOf), ours, official, figure).toFixed(2),
    );
    return [`The drop-in, tls, ${heading}`, table(headings, [...rows, ["ratio", ...ratios]])];
  });
}

/** The figures that have a goal: those of the pair as it is deployed. */
export function goals(records) {
  const [{ ours, official }] = PAIRS;
  const ratio = (isOf, figure) => medianRatio(records.filter(isOf), ours, official, figure);
  return [
    ["cold start net of bare Node, drop-in / official", "<= 0.20", ratio(isStart, (record) => record.netAnsweredMs)],
    [
      "calls/s at 64 in flight over TLS, drop-in / official",
      ">= 2.5",
      ratio(isTurn, (record) => record.callsPerSecond),
    ],
    ["its CPU", "<= 0.2", ratio(isTurn, (record) => record.cpuSecondsPer10k)],
  ];
}
