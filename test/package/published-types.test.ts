// SPDX-License-Identifier: Apache-2.0
// The types of the packed package, as every TypeScript that users have finds and checks them. Asks the npm registry for compilers.

import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openTemporaryFolder, ROOT, readText, run, runNode } from "../gates/repository.js";
import { type Consumer, linkModule, openConsumer } from "./packed-package.js";

const BIN = join(ROOT, "node_modules");
const TIMEOUT_MS = 240_000;
const ORIGINAL = '"@google-cloud/iam-credentials"';

/** Each compiler with the ways to find a module that it has: `node10` is what TypeScript 5 takes for `module: commonjs`. */
const COMPILERS = [
  ["5.4", ["node10", "node16", "nodenext", "bundler"]],
  ["5.9", ["node10", "node16", "nodenext", "bundler"]],
  ["6.0", ["node10", "node16", "nodenext", "bundler"]],
  ["7.0", ["node16", "nodenext", "bundler"]],
] as const;
/** The oldest compiler needs declarations of Node that are as old; those of its time come along with nothing else here. */
const OLDEST = "5.4";
const OLDER_NODE = "types-node@npm:@types/node@~20.14.0";
/**
 * What it has against somebody else's declarations: it finds those of `long` for ES modules alone when it looks as bundlers do, and
 * those of Node of its time have no global ReadableStream.
 */
const EXPLAINED = [
  /^\S*@grpc\/grpc-js\/\S+: error TS2709: Cannot use namespace 'Long' as a type[.]$/,
  /^\S*gaxios\/\S+: error TS2304: Cannot find name 'ReadableStream'[.]$/,
];
const CASES = COMPILERS.flatMap(([version, ways]) => ways.map((way) => [version, way] as const));

const MODULES = { node10: "commonjs", node16: "node16", nodenext: "nodenext", bundler: "es2022" };

let consumer: Consumer;
let compilers: ReturnType<typeof openTemporaryFolder>;

beforeAll(async () => {
  consumer = await openConsumer();
  linkModule(consumer.path, "@types/node");
  compilers = openTemporaryFolder();
  writeFileSync(join(compilers.path, "package.json"), '{ "private": true }\n');
  const names = COMPILERS.map(([version]) => `typescript-${version}@npm:typescript@~${version}.0`);
  const quiet = ["--no-audit", "--no-fund", "--prefer-offline"];
  const installed = await run("npm", ["install", ...names, OLDER_NODE, ...quiet], { cwd: compilers.path });
  if (installed.exitCode !== 0) throw new Error(`npm install of the compilers: ${installed.stderr}`);
  mkdirSync(join(compilers.path, "older"));
  symlinkSync(join(compilers.path, "node_modules/types-node"), join(compilers.path, "older/node"), "dir");
}, TIMEOUT_MS);

afterAll(() => {
  consumer?.[Symbol.dispose]();
  compilers?.[Symbol.dispose]();
});

/** A program with a user's own settings, checked by a compiler with the declarations of all libraries. */
async function check(version: string, way: (typeof CASES)[number][1]) {
  const folder = join(consumer.path, `${version}-${way}`);
  mkdirSync(folder);
  cpSync(join(__dirname, "consumers/plain-types.ts"), join(folder, "plain-types.ts"));
  writeFileSync(
    join(folder, "drop-in.ts"),
    readText("test/types/gapic-user-code.ts").replace(ORIGINAL, '"iam-credentials-client/gapic"'),
  );
  const isDeprecated = version === "6.0" && way === "node10";
  const compilerOptions = {
    module: MODULES[way],
    moduleResolution: way,
    target: "es2022",
    lib: ["es2022"],
    types: ["node"],
    strict: true,
    esModuleInterop: true,
    skipLibCheck: false,
    noEmit: true,
    ...(version === OLDEST ? { typeRoots: [join(compilers.path, "older")] } : {}),
    ...(isDeprecated ? { ignoreDeprecations: "6.0" } : {}),
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  const args = [join(compilers.path, `node_modules/typescript-${version}/bin/tsc`), "-p", "."];
  const { stdout, stderr } = await runNode(args, { cwd: folder });
  const isExplained = (line: string): boolean => version === OLDEST && EXPLAINED.some((form) => form.test(line));
  return { stderr, errors: stdout.split("\n").filter((line) => line !== "" && !isExplained(line)) };
}

describe("the declarations of the packed package", () => {
  it.each(CASES)(
    "are found at every door and checked whole by TypeScript %s with moduleResolution %s and lib es2022",
    async (version, way) => {
      expect(await check(version, way)).toEqual({ stderr: "", errors: [] });
    },
    TIMEOUT_MS,
  );
});

describe("the packed package", () => {
  it("shows the checkers of types nothing wrong but what is explained here", async () => {
    const script = `
      import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
      import { readFileSync, writeSync } from "node:fs";
      const { entrypoints, problems } = await checkPackage(createPackageFromTarballData(readFileSync(process.argv[1])));
      writeSync(1, JSON.stringify([Object.keys(entrypoints).length, problems.map(({ kind }) => kind)]));`;
    const { stdout } = await runNode(["--input-type=module", "-e", script, consumer.tarball]);
    const [doors, problems] = JSON.parse(stdout) as [number, string[]]; // as: what the script wrote
    expect(doors).toBeGreaterThan(5);
    // The door hands the module of a part on, so the default export, which the original has, is not seen in its text;
    // test/package/package.test.ts imports it by default.
    expect([...new Set(problems)]).toEqual(["FalseExportDefault"]);
  });

  it("has nothing for publint to complain about", async () => {
    const { stdout, exitCode } = await runNode([join(BIN, "publint/src/cli.js"), "run", consumer.tarball, "--strict"]);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining("All good!")]);
  });
});
