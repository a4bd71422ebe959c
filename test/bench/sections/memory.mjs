// SPDX-License-Identifier: Apache-2.0
// Whether memory grows with the number of calls: what is held after a collection at several numbers of calls.

import { runClient } from "../processes.mjs";
import { playRounds } from "../rounds.mjs";
import { median } from "../statistics.mjs";
import { table } from "../table.mjs";

const CLIENTS = ["ours", "stub", "official"];

/** One record per client. */
export function measure({ rounds, checkpoints }, addresses) {
  return playRounds(CLIENTS, rounds.memory, async (client) => {
    const job = { client, server: addresses.tls, checkpoints };
    const { points, peakRssMiB } = await runClient("memory", job, ["--expose-gc"]);
    return { points, peakRssMiB };
  });
}

/** The tables of the section, by heading. */
export function report(records, { checkpoints }) {
  const rows = records.flatMap(({ client, points, peakRssMiB }) => [
    [`${client}: heap`, ...points.map((point) => point.heapMiB.toFixed(2)), ""],
    [`${client}: RSS`, ...points.map((point) => point.rssMiB.toFixed(0)), peakRssMiB.toFixed(0)],
  ]);
  return [["Memory by number of calls, tls, MiB", table(["", ...checkpoints.map(String), "peak"], rows)]];
}

/** The figures that have a goal. Right after the start a heap grows with compiled code, so the second half of the calls counts too. */
export function goals(records, { checkpoints }) {
  const ours = records.filter(({ client }) => client === "ours");
  const growthFrom = (index) => median(ours.map(({ points }) => points.at(-1).heapMiB / points[index].heapMiB));
  const half = checkpoints.length - 2;
  return [...new Set([0, half])].map((index) => [
    `heap after ${checkpoints.at(-1)} calls / after ${checkpoints[index]}, ours`,
    "does not grow",
    growthFrom(index),
  ]);
}
