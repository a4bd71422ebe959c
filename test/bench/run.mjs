// SPDX-License-Identifier: Apache-2.0
// `npm run bench`: runs the sections one after the other, prints a line of JSON per record and then the tables. Fails when a
// client fails or a figure is missing, never on a ratio: a machine that is busy must not break a build.

import { writeFileSync } from "node:fs";
import os from "node:os";
import { fileURLToPath } from "node:url";
import { parseFlags } from "./flags.mjs";
import { writePlots } from "./plot.mjs";
import { startServer } from "./processes.mjs";
import * as bundles from "./sections/bundles.mjs";
import * as callPath from "./sections/call-path.mjs";
import * as cold from "./sections/cold.mjs";
import * as credentials from "./sections/credentials.mjs";
import * as dropIn from "./sections/drop-in.mjs";
import * as emulator from "./sections/emulator.mjs";
import * as install from "./sections/install.mjs";
import * as memory from "./sections/memory.mjs";
import * as rest from "./sections/rest.mjs";
import * as soak from "./sections/soak.mjs";
import * as streams from "./sections/streams.mjs";
import * as throughput from "./sections/throughput.mjs";
import { table } from "./table.mjs";

const SECTIONS = {
  throughput,
  cold,
  memory,
  credentials,
  "drop-in": dropIn,
  "call-path": callPath,
  streams,
  emulator,
  rest,
  bundles,
  soak,
  install,
};

const PLOTS = fileURLToPath(new URL("../../docs/images/bench", import.meta.url));

const plan = parseFlags(process.argv.slice(2));
const { addresses, stop } = await startServer();
const startedAt = performance.now();
const lines = [];
const tables = [];
const goals = [];

for (const name of plan.sections) {
  process.stderr.write(`${name} …\n`);
  const section = SECTIONS[name];
  const records = await section.measure(plan, addresses);
  lines.push(...records.map((record) => JSON.stringify({ section: name, ...record })));
  tables.push(...section.report(records, plan));
  goals.push(...section.goals(records, plan).map(([figure, goal, value]) => [figure, goal, value.toFixed(2)]));
}
stop();

const machine = `${os.availableParallelism()} × ${os.cpus()[0]?.model}`;
const where = `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${os.platform()}, ${machine}`;
const { throughput: loud, cold: fresh } = plan.rounds;
const how = `rounds: ${loud} of throughput, ${fresh} of cold start; ratios are medians of the ratios within each round`;
if (goals.length > 0) tables.push(["Goals", table(["figure", "goal", "measured"], goals)]);
if (plan.out === undefined) process.stdout.write(`${lines.join("\n")}\n`);
else writeFileSync(plan.out, `${lines.join("\n")}\n`);
process.stdout.write(`\n${where}\n${how}\n`);
for (const [heading, text] of tables) process.stdout.write(`\n${heading}\n\n${text}\n`);
if (plan.plot)
  process.stdout.write(
    `\ndrawn: ${writePlots(
      lines.map((line) => JSON.parse(line)),
      PLOTS,
    ).join(", ")}\n`,
  );
process.stderr.write(`\n${Math.round((performance.now() - startedAt) / 1000)} s\n`);
