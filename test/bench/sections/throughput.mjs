// SPDX-License-Identifier: Apache-2.0
// Calls per second, latency, CPU and peak memory at each number of calls in flight. In a round each client has a process of its
// own; the processes live side by side and take short turns, so that a machine that drifts or is busy drifts for all alike.

import { startClient } from "../processes.mjs";
import { playRounds } from "../rounds.mjs";
import { median, medianRatio, valuesOf } from "../statistics.mjs";
import { table } from "../table.mjs";

const CLIENTS = ["ours", "stub", "official", "http2", "ours-grpc-defaults"];
/** Answers that come each after its own time: how many calls are in flight decides their rate, and only CPU can differ. */
const SPREAD = { name: "spread", inFlight: 64 };

/** A round of some clients against one server: a record per turn, and one per process with its peak memory. */
export async function playRound(clients, { warmUpCalls, phases }, round, server) {
  const shift = round % clients.length;
  const processes = {};
  // One after the other and each round in another order: who warms up while others start is slower for the rest of its life.
  for (const client of [...clients.slice(shift), ...clients.slice(0, shift)]) {
    processes[client] = startClient("throughput", { client, server });
    await processes[client].ask({ inFlight: 64, calls: warmUpCalls });
  }
  const turns = [];
  for (const { inFlight, durationMs, turns: count } of phases) {
    const played = await playRounds(clients, count, (client) => processes[client].ask({ inFlight, durationMs }));
    turns.push(...played.map(({ round: turn, client, ...figures }) => ({ client, inFlight, turn, ...figures })));
  }
  const peaks = [];
  for (const client of clients) peaks.push({ client, ...(await processes[client].last()) });
  return [...turns, ...peaks];
}

/** A record per turn, and one per process with its peak memory. */
export async function measure(plan, addresses, clients = CLIENTS) {
  const records = [];
  for (const security of plan.securities) {
    for (let round = 0; round < plan.rounds.throughput; round++) {
      const phases = plan.phases.filter(({ inFlight }) => security !== SPREAD.name || inFlight === SPREAD.inFlight);
      const played = await playRound(clients, { ...plan, phases }, round, addresses[security]);
      records.push(...played.map((record) => ({ security, round, ...record })));
    }
  }
  return records;
}

/** The table of some clients at one number of calls in flight. The first of them is compared with the others. */
export function levelTable(clients, records) {
  const [ours] = clients;
  return table(
    ["client", "calls/s (quartiles)", "p50 ms", "p99 ms", "CPU s/10k", "ours: calls/s ratio", "ours: CPU ratio"],
    clients.map((client) => {
      const of = (figure) => valuesOf(records, client, (record) => record[figure]);
      const speeds = of("callsPerSecond").sort((a, b) => a - b);
      const quartile = (share) => speeds[Math.floor((speeds.length - 1) * share)].toFixed(0);
      const ratio = (figure) =>
        client === ours ? "" : medianRatio(records, ours, client, (record) => record[figure]).toFixed(2);
      return [
        client,
        `${median(speeds).toFixed(0)} (${quartile(0.25)}-${quartile(0.75)})`,
        median(of("p50Ms")).toFixed(2),
        median(of("p99Ms")).toFixed(2),
        median(of("cpuSecondsPer10k")).toFixed(2),
        ratio("callsPerSecond"),
        ratio("cpuSecondsPer10k"),
      ];
    }),
  );
}

const headingOf = (security) => (security === SPREAD.name ? "tls, answers spread over 5 to 35 ms" : security);

/** The tables of the section, by heading. */
export function report(records, { securities, phases }) {
  return securities.flatMap((security) => {
    const ours = records.filter((record) => record.security === security);
    const peaks = ours.filter((record) => record.inFlight === undefined);
    const peak = (client) => median(valuesOf(peaks, client, (record) => record.peakRssMiB)).toFixed(0);
    return [
      ...phases
        .map(({ inFlight }) => [inFlight, ours.filter((record) => record.inFlight === inFlight)])
        .filter(([, of]) => of.length > 0)
        .map(([inFlight, of]) => [`${inFlight} in flight, ${headingOf(security)}`, levelTable(CLIENTS, of)]),
      [`Peak memory, ${headingOf(security)}`, table(["", ...CLIENTS], [["RSS, MiB", ...CLIENTS.map(peak)]])],
    ];
  });
}

/** The figures that have a goal. */
export function goals(records) {
  const overTls = records.filter(({ security }) => security === "tls");
  const spread = records.filter(({ security, inFlight }) => security === SPREAD.name && inFlight === SPREAD.inFlight);
  const ratio = (inFlight, theirs, figure) =>
    medianRatio(
      overTls.filter((record) => record.inFlight === inFlight),
      "ours",
      theirs,
      (record) => record[figure],
    );
  const peaks = overTls.filter(({ peakRssMiB }) => peakRssMiB !== undefined);
  return [
    ["64 in flight over TLS: calls/s, ours / stub", ">= 3.0", ratio(64, "stub", "callsPerSecond")],
    ["64 in flight over TLS: calls/s, ours / official", ">= 3.0", ratio(64, "official", "callsPerSecond")],
    ["its CPU, ours / stub", "<= 0.15", ratio(64, "stub", "cpuSecondsPer10k")],
    ["its CPU, ours / official", "<= 0.15", ratio(64, "official", "cpuSecondsPer10k")],
    [
      "its CPU, answers spread, ours / stub",
      "<= 0.30",
      medianRatio(spread, "ours", "stub", (record) => record.cpuSecondsPer10k),
    ],
    ["its CPU, ours / node:http2", "<= 0.35", ratio(64, "http2", "cpuSecondsPer10k")],
    ["256 in flight over TLS: calls/s, ours / stub", ">= 2.5", ratio(256, "stub", "callsPerSecond")],
    ["its CPU, ours / stub", "<= 0.20", ratio(256, "stub", "cpuSecondsPer10k")],
    ["1 in flight over TLS: calls/s, ours / stub", ">= 1.5", ratio(1, "stub", "callsPerSecond")],
    ["its CPU, ours / stub", "<= 0.55", ratio(1, "stub", "cpuSecondsPer10k")],
    ["its p50, ours / stub", "<= 0.7", ratio(1, "stub", "p50Ms")],
    ["peak memory, ours / official", "<= 0.6", medianRatio(peaks, "ours", "official", (record) => record.peakRssMiB)],
  ];
}
