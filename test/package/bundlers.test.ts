// SPDX-License-Identifier: Apache-2.0
// One program through the bundlers that people use, each of which must not complain, run far from any node_modules. Asks the npm
// registry for the bundlers.

import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { startEmulator } from "../../src/emulator/index.js";
import { type Outcome, openTemporaryFolder, run, runNode } from "../gates/repository.js";
import { type Consumer, copyPrograms, openConsumer } from "./packed-package.js";

const TIMEOUT_MS = 240_000;
const ROBOT = "robot@demo-project.iam.gserviceaccount.com";
const MINTED = { exitCode: 0, stdout: "minted 3 parts", stderr: "" };

const TOOLS = [
  "rollup@^4.68.8",
  "@rollup/plugin-node-resolve@^16.0.3",
  "@rollup/plugin-commonjs@^29.0.3",
  "@rollup/plugin-json@^6.1.0",
  "webpack@^5.113.0",
  "vite@^7.1.0",
  "@vercel/ncc@^0.45.0",
  "esbuild@^0.28.2",
];

const ROLLUP = `
import commonjs from "@rollup/plugin-commonjs";
import json from "@rollup/plugin-json";
import resolve from "@rollup/plugin-node-resolve";
import { rollup } from "rollup";
const warnings = [];
const bundle = await rollup({
  input: "mint.mjs",
  plugins: [resolve({ preferBuiltins: true, exportConditions: ["node"] }), commonjs({ ignoreDynamicRequires: true }), json()],
  onwarn: (warning) => void warnings.push(warning.message),
});
await bundle.write({ file: "out/rollup.cjs", format: "cjs", inlineDynamicImports: true });
// Circles and \`this\` of other people's modules are theirs.
const ours = warnings.filter((warning) => warning.includes("iam-credentials-client"));
if (ours.length > 0) throw new Error(ours.join("\\n"));`;

const WEBPACK = `
import webpack from "webpack";
import { resolve } from "node:path";
const stats = await new Promise((done, fail) =>
  webpack({ mode: "production", target: "node20", entry: "./mint.mjs", optimization: { minimize: false },
    output: { path: resolve("out"), filename: "webpack.cjs" } }, (error, result) => (error ? fail(error) : done(result))));
const { errors, warnings } = stats.toJson({ errors: true, warnings: true });
if (errors.length + warnings.length > 0) throw new Error(JSON.stringify([...errors, ...warnings].map(({ message }) => message)));`;

const VITE = `
import { build } from "vite";
await build({ logLevel: "error", configFile: false, ssr: { noExternal: true },
  build: { ssr: "mint.mjs", outDir: "out", minify: false, emptyOutDir: false, rollupOptions: { output: { entryFileNames: "vite.mjs" } } } });`;

const BUNDLES: readonly (readonly [bundler: string, output: string, args: readonly string[], script: string])[] = [
  ["rollup", "rollup.cjs", [], ROLLUP],
  ["webpack", "webpack.cjs", [], WEBPACK],
  ["Vite for servers", "vite.mjs", [], VITE],
  [
    "ncc",
    "ncc/index.mjs",
    ["node_modules/@vercel/ncc/dist/ncc/cli.js", "build", "mint.mjs", "-o", "out/ncc", "-q"],
    "",
  ],
  [
    "esbuild",
    "esbuild.cjs",
    [
      "-e",
      'require("esbuild").buildSync({ entryPoints: ["mint.mjs"], bundle: true, platform: "node", outfile: "out/esbuild.cjs", logLevel: "error" })',
    ],
    "",
  ],
];

let consumer: Consumer;

beforeAll(async () => {
  consumer = await openConsumer();
  copyPrograms(consumer.path, "mint.mjs");
  const quiet = ["--no-audit", "--no-fund", "--prefer-offline"];
  const installed = await run("npm", ["install", ...TOOLS, ...quiet], { cwd: consumer.path });
  if (installed.exitCode !== 0) throw new Error(`npm install of the bundlers: ${installed.stderr}`);
  mkdirSync(join(consumer.path, "out"));
}, TIMEOUT_MS);

afterAll(() => consumer?.[Symbol.dispose]());

/** Runs a bundle far from any node_modules, against an emulator of its own. */
async function runFar(output: string, command?: string): Promise<Outcome> {
  const emulator = await startEmulator({ serviceAccounts: [ROBOT] });
  using far = openTemporaryFolder();
  try {
    const program = join(far.path, output);
    mkdirSync(dirname(program), { recursive: true });
    cpSync(join(consumer.path, "out", output), program);
    // A module of its own, with whatever else the bundler has put beside it.
    if (output.includes("/"))
      cpSync(join(consumer.path, "out", dirname(output)), dirname(program), { recursive: true });
    const env = { IAM_CREDENTIALS_EMULATOR_HOST: new URL(emulator.url).host };
    return command === undefined
      ? await runNode([program], { cwd: far.path, env })
      : await run(program, [], { cwd: far.path, env });
  } finally {
    await emulator.close();
  }
}

describe("a program that mints a token", () => {
  it.each(BUNDLES)(
    "fits into what %s makes of it, without a complaint about the package",
    async (_bundler, output, args, script) => {
      const file = join(consumer.path, `${output.replace("/", "-")}.build.mjs`);
      if (script !== "") writeFileSync(file, script);
      const built = await runNode(script === "" ? args : [file], { cwd: consumer.path });
      expect({ ...built, stdout: "" }).toEqual({ exitCode: 0, stdout: "", stderr: "" });
      expect(readFileSync(join(consumer.path, "out", output), "utf8").length).toBeGreaterThan(10_000);
      expect(await runFar(output)).toEqual(MINTED);
    },
    TIMEOUT_MS,
  );
});

describe("a program that imports every entry point", () => {
  it(
    "is bundled by webpack without a complaint about the package",
    async () => {
      const doors = [
        "",
        "/admin",
        "/diagnose",
        "/emulator",
        "/gapic",
        "/gapic/protos",
        "/google-auth-library",
        "/grpc-js",
      ];
      const imports = doors.map((door, index) => `import * as door${index} from "iam-credentials-client${door}";\n`);
      const uses = doors.map((_, index) => `door${index}`).join();
      writeFileSync(join(consumer.path, "doors.mjs"), `${imports.join("")}console.log([${uses}].length);`);
      writeFileSync(join(consumer.path, "doors.build.mjs"), WEBPACK.replace("./mint.mjs", "./doors.mjs"));
      const built = await runNode(["doors.build.mjs"], { cwd: consumer.path });
      expect(built).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    },
    TIMEOUT_MS,
  );
});

describe("a single executable", () => {
  it(
    "mints a token",
    async () => {
      const config = { main: "out/esbuild.cjs", output: "out/sea.blob", disableExperimentalSEAWarning: true };
      writeFileSync(join(consumer.path, "sea.json"), JSON.stringify(config));
      const blob = await runNode(["--experimental-sea-config", "sea.json"], { cwd: consumer.path });
      expect(blob.exitCode).toBe(0);
      cpSync(process.execPath, join(consumer.path, "out/program"));
      const fuse = ["--sentinel-fuse", "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2"];
      const args = ["--yes", "postject@1.0.0-alpha.6", "out/program", "NODE_SEA_BLOB", "out/sea.blob", ...fuse];
      expect((await run("npx", args, { cwd: consumer.path })).exitCode).toBe(0);
      expect(await runFar("program", "program")).toEqual(MINTED);
    },
    TIMEOUT_MS,
  );
});
