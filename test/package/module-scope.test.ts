// SPDX-License-Identifier: Apache-2.0
// Bundles in which something of CommonJS is missing or is not what Node makes it: `require`, `__filename`, `__dirname`. An ES module has none.

import { join } from "node:path";
import { build } from "esbuild";
import { openTemporaryFolder, runNode } from "../gates/repository.js";
import { type Consumer, linkModule, openConsumer } from "./packed-package.js";

const TIMEOUT_MS = 240_000;
const ROBOT = "robot@my-project.iam.gserviceaccount.com";
/** What makers of bundles that are ES modules put at the beginning. */
const WITH_REQUIRE = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';
/** What webpack makes of `__filename` with the option `node: { __filename: true }`. */
const PATH_IN_PROJECT = JSON.stringify("node_modules/iam-credentials-client/build/parts/core.js");

const CALL = `
  import { IAMCredentialsAsyncClient } from "iam-credentials-client";
  const options = { transport: process.argv[2], apiEndpoint: "127.0.0.1:1", insecure: true, apiKey: "k" };
  const call = async () => {
    const client = new IAMCredentialsAsyncClient(options);
    return await client.signJwt({ name: "${ROBOT}", payload: "{}" }).finally(() => client.close());
  };
  call().catch(({ message }) => process.stdout.write(message));`;

const EMULATOR = `
  import { startEmulator } from "iam-credentials-client/emulator";
  const condition = { title: "for now", expression: "request.time < timestamp('2100-01-01T00:00:00Z')" };
  const grant = { member: "user:ana@example.com", role: "roles/iam.serviceAccountTokenCreator", serviceAccount: "${ROBOT}", condition };
  const start = async () => {
    const emulator = await startEmulator({ serviceAccounts: ["${ROBOT}"], grants: [grant] });
    const { status } = await fetch(emulator.url);
    await emulator.close();
    return "its page: " + status;
  };
  start().then((text) => process.stdout.write(text), ({ message }) => process.stdout.write(message));`;

let consumer: Consumer;

beforeAll(async () => {
  consumer = await openConsumer();
}, TIMEOUT_MS);

afterAll(() => consumer?.[Symbol.dispose]());

/** Bundles a program, and runs it in a folder of its own. @returns what it prints */
async function runBundled(
  contents: string,
  { format, args = [], libraries = [], ...options }: Parameters<typeof build>[0] & BundledOptions,
): Promise<string> {
  using far = openTemporaryFolder();
  for (const library of libraries) linkModule(far.path, library);
  const outfile = join(far.path, `bundle.${format === "esm" ? "mjs" : "cjs"}`);
  const stdin = { contents, resolveDir: consumer.path };
  const { warnings } = await build({ stdin, bundle: true, platform: "node", format, outfile, ...options });
  expect(warnings).toEqual([]);
  const { stdout, stderr } = await runNode([outfile, ...args], { cwd: far.path, timeoutMs: 30_000 });
  return stdout + stderr;
}

interface BundledOptions {
  readonly format: "cjs" | "esm";
  /** What the program is given. Default: nothing. */
  readonly args?: readonly string[];
  /** Packages that are installed beside the bundle. Default: none. */
  readonly libraries?: readonly string[];
}

it("a call from an ES module without require fails at once, and says what the bundle lacks", async () => {
  expect(await runBundled(CALL, { format: "esm", args: ["grpc"] })).toMatch(
    /^IAMCredentials.SignJwt: UNAVAILABLE: the connection to 127\.0\.0\.1:1 failed: Dynamic require of "node:net" is not supported; the bundle is an ES module without require; have the bundler's banner define it with createRequire of node:module$/,
  );
});

it.each([
  ["an ES module, which has none", { format: "esm", banner: { js: WITH_REQUIRE } }],
  ["a bundle that has a path of the project there", { format: "cjs", define: { __filename: PATH_IN_PROJECT } }],
] as const)("a library that is not in the bundle is named although __filename is of no use: %s", async (_, options) => {
  expect(await runBundled(CALL, { ...options, args: ["grpc-js"] })).toBe(
    'transport: "grpc-js" is not part of this bundle; the program must import iam-credentials-client/grpc-js first',
  );
});

describe.each([
  ["an ES module", { format: "esm", banner: { js: WITH_REQUIRE } }],
  ["CommonJS", { format: "cjs" }],
  ["CommonJS with a path of the project", { format: "cjs", define: { __filename: PATH_IN_PROJECT, __dirname: '"."' } }],
] as const)("the emulator in a bundle that is %s", (_, options) => {
  it("serves its page, and evaluates conditions with the packages beside the bundle", async () => {
    const libraries = ["@bufbuild/cel", "@bufbuild/protobuf"];
    expect(await runBundled(EMULATOR, { ...options, libraries })).toBe("its page: 200");
  });

  it("says which package conditions need", async () => {
    expect(await runBundled(EMULATOR, options)).toContain("The package @bufbuild/cel is not installed.");
  });
});
