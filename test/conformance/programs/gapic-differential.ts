// SPDX-License-Identifier: Apache-2.0
// Runs every case of the differential test on both packages, the drop-in and the original, in one process that has nothing else in it.
// Prints the verdicts as JSON. TEST_DROP_IN is the built drop-in's path; without it the original is compared with itself.

import { inspect } from "node:util";
import { type Case, runCases, type Verdict } from "../gapic/case.js";
import { callOptionCases } from "../gapic/cases/call-options.js";
import { clientOptionCases } from "../gapic/cases/client-options.js";
import { generatedCases } from "../gapic/cases/generated.js";
import { keyFileCases } from "../gapic/cases/key-files.js";
import { lifetimeCases } from "../gapic/cases/lifetime.js";
import { processCases } from "../gapic/cases/process.js";
import { requestCases } from "../gapic/cases/requests.js";
import { restCases, waitingRestCases } from "../gapic/cases/rest.js";
import { retryCases, waitingCases } from "../gapic/cases/retries.js";
import { statusCases } from "../gapic/cases/statuses.js";
import { surfaceCases } from "../gapic/cases/surface.js";
import { startPeer } from "../gapic/peer.js";
import { type Package, Side } from "../gapic/side.js";

const identity = JSON.parse(process.env["TEST_IDENTITY"] ?? "{}");
const wanted = new RegExp(process.env["TEST_CASES"] ?? "");

// require, not import: what a bundler makes of an import is not what a program sees of the exports.
const original = require("@google-cloud/iam-credentials") as Package;
const dropIn = process.env["TEST_DROP_IN"];
// as: that its types are the original's is what the type tests show
const ours = dropIn === undefined ? original : (require(dropIn) as Package);

async function runLane(cases: readonly Case[], atOnce: boolean): Promise<Verdict[]> {
  const chosen = cases.filter(({ title }) => wanted.test(title));
  if (chosen.length === 0) return [];
  const [theirs, mine] = [new Side(original, await startPeer(identity)), new Side(ours, await startPeer(identity))];
  try {
    return await runCases(chosen, theirs, mine, atOnce);
  } finally {
    await Promise.all([theirs.end(), mine.end()]);
  }
}

/** Deals cases that wait out to lanes that wait at the same time. */
function deal(cases: readonly Case[], lanes: number): Case[][] {
  return Array.from({ length: lanes }, (_, lane) => cases.filter((_case, index) => index % lanes === lane));
}

async function main(): Promise<object> {
  const startedAt = performance.now();
  const alone = await runLane([...processCases, ...keyFileCases], false);
  const atOnce = [
    [...requestCases, ...generatedCases, ...callOptionCases],
    [...statusCases, ...surfaceCases, ...clientOptionCases],
    lifetimeCases,
    retryCases,
    restCases,
    ...deal([...waitingCases, ...waitingRestCases], 4),
  ];
  const together = await Promise.all(atOnce.map((cases) => runLane(cases, true)));
  return { verdicts: [...alone, ...together.flat()], seconds: (performance.now() - startedAt) / 1000 };
}

const strays: string[] = [];
process.on("unhandledRejection", (reason) => strays.push(String(reason)));
main().then(
  (result) => {
    process.stdout.write(JSON.stringify({ ...result, strays }), () => process.exit(0));
  },
  (error: unknown) => {
    process.stderr.write(`${inspect(error)}\n`);
    process.exit(1);
  },
);
