// SPDX-License-Identifier: Apache-2.0
// A long run of calls over 256 streams of one TLS connection, while faults strike calls and end the connection: whether a call is lost or
// answered twice, whether the client's memory or the emulator's grows, and whether anything of it is left after close().

import net from "node:net";
import { startClient } from "../processes.mjs";
import { table } from "../table.mjs";
import soakPlan from "../workloads/soak-plan.cjs";

const LONGEST_MS = 10_800_000;
const PARTS = 4;
const NANOSECONDS_PER_MS = 1e6;
const ANSWERED = 1;

function isPortOpen(host) {
  const { hostname, port } = new URL(`http://${host}`);
  return new Promise((resolve) => {
    const socket = net.connect(Number(port), hostname);
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

/** What the two sides say of the same calls. */
function reconcile(client, ledger) {
  const outcomes = Buffer.from(client.outcomes, "base64");
  const answers = Buffer.from(ledger.answers, "base64");
  let unexplained = 0;
  let repeated = 0;
  for (const [index, outcome] of outcomes.entries()) {
    const times = answers[index];
    if (outcome === ANSWERED ? times === 0 : times > 0) unexplained++;
    // The first answer went down with its connection.
    repeated += outcome === ANSWERED ? times - 1 : times;
  }
  return { unexplained, repeated, sentTwice: ledger.twice, arrived: ledger.arrived };
}

/** One record: the whole soak. */
export async function measure({ soak: { calls, inFlight, severEvery } }) {
  const job = { client: "soak", callers: soakPlan.CALLERS, faults: soakPlan.FAULTS, calls, options: { tls: true } };
  const emulator = startClient("emulator", job, ["--expose-gc"], LONGEST_MS);
  const address = await emulator.ask({ ask: "address" });
  const plan = { client: "soak", address, calls, inFlight, severEvery };
  const client = startClient("soak", plan, ["--expose-gc"], LONGEST_MS);
  const points = [];
  let seconds = 0;
  for (let part = 0; part < PARTS; part++) {
    const [from, to] = [part, part + 1].map((share) => Math.floor((calls * share) / PARTS));
    const done = await client.ask({ from, to });
    seconds += done.seconds;
    points.push({ calls: to, client: done.memory, emulator: await emulator.ask({ ask: "memory" }) });
  }
  const { outcomes, ...counts } = await client.last();
  const ledger = await emulator.ask({ ask: "ledger" });
  const { left, closedAt } = await emulator.last();
  const exitMs = Number(process.hrtime.bigint() - BigInt(closedAt)) / NANOSECONDS_PER_MS;
  const portOpen = await isPortOpen(address.host);
  return [{ calls, seconds, ...counts, ...reconcile({ outcomes }, ledger), points, left, exitMs, portOpen }];
}

/** How many calls did not end as they should. */
function lostOf({ calls, answered, refused, unexplained }) {
  return calls - answered - refused + unexplained;
}

/** The tables of the section, by heading. */
export function report([record]) {
  const { calls, seconds, answered, refused, attempts, arrived, repeated, asked, points, left, exitMs, failures } =
    record;
  const rows = [
    ["calls", calls],
    ["calls/s", (calls / seconds).toFixed(0)],
    ["answered, each checked against its payload", answered],
    ["refused, as their fault requires", refused],
    ["other outcomes", JSON.stringify(failures)],
    ["attempts of the client", attempts],
    ["attempts in the emulator's log", arrived],
    ["responses lost with their connection, and sent again", repeated],
    ["access tokens checked with tokeninfo", asked],
    ["resources left after close()", left.length === 0 ? "none" : left.join(", ")],
    ["from close() to the end of the process, ms", exitMs.toFixed(0)],
  ];
  const memory = [
    ["client: heap", ...points.map(({ client }) => client.heapMiB.toFixed(2))],
    ["client: RSS", ...points.map(({ client }) => client.rssMiB.toFixed(0))],
    ["emulator: heap", ...points.map(({ emulator }) => emulator.heapMiB.toFixed(2))],
    ["emulator: RSS", ...points.map(({ emulator }) => emulator.rssMiB.toFixed(0))],
  ];
  return [
    ["Soak", table(["", ""], rows)],
    [
      "Memory of client and emulator by number of calls, MiB",
      table(["", ...points.map(({ calls: n }) => String(n))], memory),
    ],
  ];
}

/** The figures that have a goal. The heap counts from half of the calls on: until then the log fills up. */
export function goals([record]) {
  const { points, wrong, twice, sentTwice, left, portOpen } = record;
  return [
    ["soak: calls lost", "0", lostOf(record)],
    ["soak: responses that belong to another call", "0", wrong],
    ["soak: calls answered twice, or attempts executed twice", "0", twice + sentTwice],
    ...["client", "emulator"].map((side) => [
      `soak: heap of the ${side}, all calls / half of them`,
      "does not grow",
      points.at(-1)[side].heapMiB / points[1][side].heapMiB,
    ]),
    ["soak: ports and resources left after close()", "0", left.length + Number(portOpen)],
  ];
}
