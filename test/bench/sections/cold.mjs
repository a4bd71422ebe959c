// SPDX-License-Identifier: Apache-2.0
// Cold start over TLS: from the start of the process to the first response, and until `require` returned. Net of a bare Node.

import { runClient } from "../processes.mjs";
import { playRounds } from "../rounds.mjs";
import { median, medianRatio, valuesOf } from "../statistics.mjs";
import { table } from "../table.mjs";

const CLIENTS = [
  "none",
  "tls",
  "ours",
  "ours-rest",
  "stub",
  "official",
  "http2",
  "official-machine",
  "drop-in-machine",
];
/** Where the others are, all over TLS. */
const SERVERS = { "ours-rest": "restTls", "official-machine": "machine", "drop-in-machine": "machine" };
/** With whom a client is compared, if not with the official one. */
const PEERS = { "drop-in-machine": "official-machine", "drop-in": "official" };
const NANOSECONDS_PER_MS = 1e6;

/** One record per client and round. */
export async function measure({ rounds }, addresses, clients = CLIENTS) {
  const records = await playRounds(clients, rounds.cold, async (client) => {
    const server = addresses[SERVERS[client] ?? "tls"];
    const { startedAt, loadedAt, answeredAt, ...rest } = await runClient("cold", { client, server });
    const sinceStart = (instant) => Number(BigInt(instant) - startedAt) / NANOSECONDS_PER_MS;
    return { loadedMs: sinceStart(loadedAt), answeredMs: sinceStart(answeredAt), ...rest };
  });
  return records.map((record) => {
    const bare = records.find(({ client, round }) => client === "none" && round === record.round);
    return {
      ...record,
      netLoadedMs: record.loadedMs - bare.loadedMs,
      netAnsweredMs: record.answeredMs - bare.answeredMs,
      netCpuMs: record.cpuMs - bare.cpuMs,
    };
  });
}

/** The tables of the section, by heading. Each ratio is a client's to the official one in the same place. */
export function report(records) {
  const rows = CLIENTS.map((client) => {
    const middle = (figure) => median(valuesOf(records, client, (record) => record[figure])).toFixed(0);
    const ratio = (figure) =>
      ["none", "official", "official-machine"].includes(client) ? "" : ratioOf(records, client, figure).toFixed(2);
    return [
      client,
      ...["answeredMs", "netAnsweredMs"].map(middle),
      ratio("netAnsweredMs"),
      middle("netLoadedMs"),
      ratio("netLoadedMs"),
      middle("netCpuMs"),
      ratio("netCpuMs"),
      ...["modules", "peakRssMiB"].map(middle),
    ];
  });
  const columns = ["client", "first response, ms", "net", "/ official", "require alone, net", "/ official"];
  return [["Cold start, tls", table([...columns, "CPU ms, net", "/ official", "modules", "peak RSS, MiB"], rows)]];
}

const ratioOf = (records, client, figure) =>
  medianRatio(records, client, PEERS[client] ?? "official", (record) => record[figure]);

/** The figures that have a goal. */
export function goals(records) {
  const ratio = (client, figure = "netAnsweredMs") => ratioOf(records, client, figure);
  return [
    ["cold start net of bare Node, ours / official", "<= 0.15", ratio("ours")],
    ["the same in CPU time", "<= 0.15", ratio("ours", "netCpuMs")],
    ["cold start net of bare Node, ours over REST / official over gRPC", "<= 0.25", ratio("ours-rest")],
    ["cold start net of bare Node, drop-in / official", "<= 0.20", ratio("drop-in-machine")],
    ["require alone net of bare Node, ours / official", "<= 0.06", ratio("ours", "netLoadedMs")],
  ];
}
