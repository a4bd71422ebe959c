// SPDX-License-Identifier: Apache-2.0
// From the command line to a plan: which sections, how many rounds, how long.

import { parseArgs } from "node:util";

const SECTIONS = [
  "throughput",
  "cold",
  "memory",
  "credentials",
  "drop-in",
  "call-path",
  "streams",
  "emulator",
  "rest",
  "bundles",
  "soak",
  "install",
];
// The registry is asked, or it takes long: measured only when it is named.
const NAMED_ONLY = ["install"];
const NAMED_ONLY_IN_FULL = [...NAMED_ONLY, "soak"];

/** `npm run soak` makes all million. */
const soakCalls = (share) => Math.ceil(1_000_000 * Number(process.env["SOAK_SHARE"] ?? share));

const FULL = {
  rounds: { throughput: 5, cold: 21, memory: 1, streams: 5, rest: 2 },
  // By count, not by time: on a slow day the compiler must have seen as much of each client as on a fast one.
  warmUpCalls: 8_000,
  phases: [
    { inFlight: 64, durationMs: 300, turns: 8 },
    { inFlight: 256, durationMs: 400, turns: 4 },
    { inFlight: 1, durationMs: 250, turns: 4 },
  ],
  checkpoints: [1_000, 25_000, 50_000, 100_000],
  credentials: { turns: 21, callsPerTurn: 20_000, objects: 10_000 },
  streams: { replies: 100_000, streams: 8 },
  callPath: { turns: 9, callsPerTurn: 50_000, weighed: 5_000 },
  faces: { starts: 15, warmUpCalls: 1_500, durationMs: 500, turns: 7 },
  rest: [
    { inFlight: 64, durationMs: 500, turns: 8 },
    { inFlight: 1, durationMs: 400, turns: 6 },
  ],
  soak: { calls: soakCalls(0.2), inFlight: 256, severEvery: 801 },
};

const MINI = {
  rounds: { throughput: 1, cold: 1, memory: 1, streams: 1, rest: 1 },
  warmUpCalls: 64,
  phases: FULL.phases.map(({ inFlight }) => ({ inFlight, durationMs: 100, turns: 1 })),
  checkpoints: [100, 1_000],
  credentials: { turns: 1, callsPerTurn: 1_000, objects: 1_000 },
  streams: { replies: 1_000, streams: 1 },
  callPath: { turns: 1, callsPerTurn: 1_000, weighed: 500 },
  faces: { starts: 1, warmUpCalls: 64, durationMs: 100, turns: 1 },
  rest: FULL.rest.map(({ inFlight }) => ({ inFlight, durationMs: 100, turns: 1 })),
  soak: { calls: soakCalls(0.002), inFlight: 256, severEvery: 397 },
};

/** @throws Error that says what is wrong */
export function parseFlags(args) {
  const { values } = parseArgs({
    args,
    options: {
      mini: { type: "boolean", default: false },
      only: { type: "string" },
      rounds: { type: "string" },
      plain: { type: "boolean", default: false },
      out: { type: "string" },
      plot: { type: "boolean", default: false },
    },
  });
  const named = values.mini ? NAMED_ONLY : NAMED_ONLY_IN_FULL;
  const sections = values.only?.split(",") ?? SECTIONS.filter((section) => !named.includes(section));
  const unknown = sections.find((section) => !SECTIONS.includes(section));
  if (unknown !== undefined) throw new Error(`--only: there is no ${unknown}; there are ${SECTIONS.join(", ")}`);
  const plan = values.mini ? MINI : FULL;
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) throw new Error("--rounds: must be 1 or more");
  return {
    ...plan,
    rounds:
      rounds === undefined
        ? plan.rounds
        : { throughput: rounds, cold: rounds, memory: 1, streams: rounds, rest: rounds },
    sections,
    securities: ["tls", "spread", ...(values.plain ? ["plain"] : [])],
    out: values.out,
    plot: values.plot,
  };
}
