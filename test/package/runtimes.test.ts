// SPDX-License-Identifier: Apache-2.0
// The packed package in the runtimes that people have besides the Node of this run. Asks the npm registry for them.

import { type Emulator, startEmulator } from "../../src/emulator/index.js";
import { run } from "../gates/repository.js";
import { type Consumer, copyPrograms, openConsumer } from "./packed-package.js";

const TIMEOUT_MS = 240_000;
const ROBOT = "robot@demo-project.iam.gserviceaccount.com";

/** Each runtime as its package of the npm registry, and how it runs a program. */
const RUNTIMES = [
  ["node@22", ["node"]],
  ["node@24", ["node"]],
  ["node@26", ["node"]],
  ["bun@1", ["bun"]],
  ["deno@2", ["deno", "run", "--allow-all", "--node-modules-dir=manual"]],
] as const;
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

  it.each(RUNTIMES.filter(([runtime]) => runtime.startsWith("node")))(
    "runs on %s with the emulator in the same process",
    async (runtime, command) => {
      const args = ["--yes", "-p", runtime, "--", ...command, "plain.cjs"];
      const { exitCode, stdout } = await run("npx", args, { cwd: consumer.path });
      expect([exitCode, stdout]).toEqual([0, "minted and verified"]);
    },
    TIMEOUT_MS,
  );
});
