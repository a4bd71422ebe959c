// SPDX-License-Identifier: Apache-2.0
// Cold start over TLS: from the start of the process to the first response, and until `require` returned. Net of a bare Node.

import { runClient } from "../processes.mjs";
import { playRounds } from "../rounds.mjs";
import { median, medianRatio, valuesOf } from "../statistics.mjs";
import { table } from "../table.mjs";

const CLIENTS = ["none", "ours", "stub", "official", "http2"];
const NANOSECONDS_PER_MS = 1e6;

/** One record per client and round. */
export async function measure({ rounds }, addresses, clients = CLIENTS) {
  const server = addresses.tls;
  const records = await playRounds(clients, rounds.cold, async (client) => {
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
    };
  });
}

/** The tables of the section, by heading. */
export function report(records) {
  const rows = CLIENTS.map((client) => {
    const middle = (figure) => median(valuesOf(records, client, (record) => record[figure])).toFixed(0);
    const ratio = (figure) =>
      client === "none" || client === "ours"
        ? ""
        : medianRatio(records, "ours", client, (record) => record[figure]).toFixed(2);
    return [
      client,
      ...["answeredMs", "netAnsweredMs"].map(middle),
      ratio("netAnsweredMs"),
      ...["netLoadedMs"].map(middle),
      ratio("netLoadedMs"),
      ...["cpuMs", "modules", "peakRssMiB"].map(middle),
    ];
  });
  const columns = ["client", "first response, ms", "net", "ours: net ratio", "require alone, net", "ours: net ratio"];
  return [["Cold start, tls", table([...columns, "CPU ms", "modules", "peak RSS, MiB"], rows)]];
}

/** The figure that has a goal. */
export function goals(records) {
  const ratio = medianRatio(records, "ours", "official", (record) => record.netAnsweredMs);
  return [["cold start net of bare Node, ours / official", "<= 0.50", ratio]];
}
