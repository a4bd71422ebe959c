// SPDX-License-Identifier: Apache-2.0
// Routes of Next.js that mint tokens: built by each of its bundlers and without one, served, and asked over HTTP. Asks the npm registry
// for Next.js.

import { spawn } from "node:child_process";
import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Emulator, startEmulator } from "../../src/emulator/index.js";
import { openTemporaryFolder, run, runNode } from "../gates/repository.js";
import { ChildProgram } from "../support/child-program.js";
import { type Consumer, openConsumer } from "./packed-package.js";

const TIMEOUT_MS = 240_000;
const ROBOT = "robot@demo-project.iam.gserviceaccount.com";
const NEXT = "node_modules/next/dist/bin/next";
// Of 2026: the newest that runs on Node 20.
const TOOLS = ["next@^16.4.6", "react@^19.3.1", "react-dom@^19.3.1"];
const ENV = { NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production" };

let consumer: Consumer;
let emulator: Emulator;

beforeAll(async () => {
  consumer = await openConsumer();
  for (const route of ["token", "drop-in"])
    cpSync(join(__dirname, `consumers/next-${route}.mjs`), join(consumer.path, "app", route, "route.js"));
  const quiet = ["--no-audit", "--no-fund", "--prefer-offline"];
  const installed = await run("npm", ["install", ...TOOLS, ...quiet], { cwd: consumer.path });
  if (installed.exitCode !== 0) throw new Error(`npm install of Next.js: ${installed.stderr}`);
  emulator = await startEmulator({ serviceAccounts: [ROBOT] });
}, TIMEOUT_MS);

afterAll(async () => {
  await emulator?.close();
  consumer?.[Symbol.dispose]();
});

/** What Next.js says to whoever runs it in CI, of their cache. */
const AMID_CI = /^.*No build cache found.*$/m;

/** Builds the app. Next.js must say of it that all is well. */
async function buildApp(config: object, ...flags: readonly string[]): Promise<void> {
  rmSync(join(consumer.path, ".next"), { recursive: true, force: true });
  writeFileSync(join(consumer.path, "next.config.js"), `module.exports = ${JSON.stringify(config)};\n`);
  const { exitCode, stdout, stderr } = await runNode([NEXT, "build", ...flags], { cwd: consumer.path, env: ENV });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toContain("Compiled successfully");
  expect(stdout.replace(AMID_CI, "")).not.toMatch(/warn|⚠/i);
}

/** Serves an app while it is asked. */
async function withServer(args: readonly string[], cwd: string, ask: (url: string) => Promise<void>): Promise<void> {
  const address = { HOSTNAME: "127.0.0.1", PORT: "0", IAM_CREDENTIALS_EMULATOR_HOST: new URL(emulator.url).host };
  const child = spawn(process.execPath, args, { cwd, env: { ...process.env, ...ENV, ...address } });
  const server = new ChildProgram(child, () => undefined);
  try {
    await server.says("Ready", 60_000);
    await ask(/http:\/\/[\w.]+:\d+/.exec(server.stdout)?.[0] ?? "");
  } finally {
    server.signal("SIGTERM");
    await server.ended;
  }
}

const textOf = async (url: string): Promise<string> => await (await fetch(url)).text();

async function expectTokens(url: string): Promise<void> {
  for (const route of ["token?transport=grpc", "token?transport=rest", "drop-in"])
    expect([route, await textOf(`${url}/${route}`)]).toEqual([route, "minted 3 parts"]);
}

describe("routes of Next.js", () => {
  it.each([
    ["Turbopack", "--turbopack"],
    ["webpack", "--webpack"],
  ])(
    "mint tokens when %s has bundled the package, without a complaint about it, and say which import a bundle lacks",
    async (_bundler, flag) => {
      await buildApp({}, flag);
      await withServer([NEXT, "start"], consumer.path, async (url) => {
        await expectTokens(url);
        expect(await textOf(`${url}/token?transport=grpc-js`)).toContain("import iam-credentials-client/grpc-js");
      });
    },
    TIMEOUT_MS,
  );

  it(
    "mint tokens when the package is kept out of the bundle, also in a standalone output that runs far from the project",
    async () => {
      await buildApp({ serverExternalPackages: ["iam-credentials-client"], output: "standalone" });
      using far = openTemporaryFolder();
      cpSync(join(consumer.path, ".next/standalone"), far.path, { recursive: true, verbatimSymlinks: true });
      await withServer(["server.js"], far.path, expectTokens);
    },
    TIMEOUT_MS,
  );
});
