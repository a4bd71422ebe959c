// SPDX-License-Identifier: Apache-2.0
// The packed package in the runtimes that people have besides the Node of this run. Asks the npm registry for them.

import { spawnSync } from "node:child_process";
import { type Emulator, startEmulator } from "../../src/emulator/index.js";
import { ROOT, run } from "../gates/repository.js";
import { type Consumer, copyPrograms, openConsumer } from "./packed-package.js";

const TIMEOUT_MS = 240_000;
const ROBOT = "robot@demo-project.iam.gserviceaccount.com";

/** A runtime as its package of the npm registry, and how it runs a program. */
type Runtime = readonly [name: string, command: readonly string[]];

const NODES: readonly Runtime[] = [
  ["node@22", ["node"]],
  ["node@24", ["node"]],
  ["node@26", ["node"]],
];
/** Those that nothing is promised of: their packages bring a binary that not every machine can install. */
const OTHERS: readonly Runtime[] = [
  ["bun@1", ["bun"]],
  ["deno@2", ["deno", "run", "--allow-all", "--node-modules-dir=manual"]],
];
const missing = OTHERS.filter(
  ([runtime, [program = ""]]) => spawnSync("npx", ["--yes", "-p", runtime, "--", program, "--version"]).status !== 0,
);
const RUNTIMES = [...NODES, ...OTHERS.filter((each) => !missing.includes(each))];
const CASES = RUNTIMES.flatMap(([runtime, command]) =>
  (["grpc", "rest"] as const).map((transport) => [runtime, transport, command] as const),
);

let consumer: Consumer;
let emulator: Emulator;

beforeAll(async () => {
  consumer = await openConsumer();
  copyPrograms(consumer.path, "mint.mjs", "plain.cjs", "mint-and-verify.cjs");
  emulator = await startEmulator({ serviceAccounts: [ROBOT] });
}, TIMEOUT_MS);

afterAll(async () => {
  await emulator?.close();
  consumer?.[Symbol.dispose]();
});

if (missing.length > 0) it.each(missing)("nothing is tested on %s: npm cannot install it here", () => undefined);

describe("a program that mints a token", () => {
  it.each(CASES)(
    "runs on %s over %s",
    async (runtime, transport, command) => {
      const env = { IAM_CREDENTIALS_EMULATOR_HOST: new URL(emulator.url).host, TRANSPORT: transport };
      const args = ["--yes", "-p", runtime, "--", ...command, "mint.mjs"];
      const { exitCode, stdout, stderr } = await run("npx", args, { cwd: consumer.path, env });
      expect({ exitCode, stdout, stderr: exitCode === 0 ? "" : stderr }).toEqual({
        exitCode: 0,
        stdout: "minted 3 parts",
        stderr: "",
      });
    },
    TIMEOUT_MS,
  );

  it.each(RUNTIMES)(
    "runs on %s with the emulator in the same process",
    async (runtime, command) => {
      const args = ["--yes", "-p", runtime, "--", ...command, "plain.cjs"];
      const { exitCode, stdout } = await run("npx", args, { cwd: consumer.path });
      expect([exitCode, stdout]).toEqual([0, "minted and verified"]);
    },
    TIMEOUT_MS,
  );
});

describe("npm run demo", () => {
  it.each(RUNTIMES)(
    "runs to its end on %s: our client, Google's and jose's, and the emulator in one process",
    async (runtime, command) => {
      const args = ["--yes", "-p", runtime, "--", ...command, "test/examples/demo.mjs"];
      const { exitCode, stdout, stderr } = await run("npx", args, { cwd: ROOT });
      expect({ exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ exitCode: 0, stderr: "" });
      expect(stdout).toMatch(/Done in \d+ ms[.]/);
    },
    TIMEOUT_MS,
  );
});
