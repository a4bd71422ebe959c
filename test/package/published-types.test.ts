// SPDX-License-Identifier: Apache-2.0
// The types of the packed package, as every TypeScript that users have finds and checks them. Asks the npm registry for compilers.

import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
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
const OLDER_NODE = "20.14";
/** Declarations of every Node that has long-term support; the newest come along with the package. */
const NODES = ["20", "22", "24"];
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
  const nodes = [OLDER_NODE, ...NODES].map((version) => `types-node-${version}@npm:@types/node@~${version}`);
  const quiet = ["--no-audit", "--no-fund", "--prefer-offline"];
  const installed = await run("npm", ["install", ...names, ...nodes, ...quiet], { cwd: compilers.path });
  if (installed.exitCode !== 0) throw new Error(`npm install of the compilers: ${installed.stderr}`);
  for (const version of [OLDER_NODE, ...NODES]) {
    mkdirSync(typeRootOf(version), { recursive: true });
    const installedAt = join(compilers.path, "node_modules", `types-node-${version}`);
    symlinkSync(installedAt, join(typeRootOf(version), "node"), "dir");
  }
}, TIMEOUT_MS);

afterAll(() => {
  consumer?.[Symbol.dispose]();
  compilers?.[Symbol.dispose]();
});

/** A folder that holds the declarations of a version of Node, as the option `typeRoots` takes it. */
const typeRootOf = (version: string): string => join(compilers.path, "of-node", version);

/** Compiles what is in a folder of the consumer. @returns the lines that the compiler prints */
async function compile(folder: string, compiler: string, options: object) {
  const compilerOptions = {
    target: "es2022",
    lib: ["es2022"],
    strict: true,
    skipLibCheck: false,
    noEmit: true,
    ...options,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  const args = [join(compilers.path, `node_modules/typescript-${compiler}/bin/tsc`), "-p", "."];
  const { stdout, stderr } = await runNode(args, { cwd: folder });
  return { stderr, errors: stdout.split("\n").filter((line) => line !== "") };
}

/** A folder with programs that touch every door. */
function openProgramFolder(name: string): string {
  const folder = join(consumer.path, name);
  mkdirSync(folder);
  cpSync(join(__dirname, "consumers/plain-types.ts"), join(folder, "plain-types.ts"));
  writeFileSync(
    join(folder, "drop-in.ts"),
    readText("test/types/gapic-user-code.ts").replace(ORIGINAL, '"iam-credentials-client/gapic"'),
  );
  return folder;
}

/** A program with a user's own settings, checked by a compiler with the declarations of all libraries. */
async function check(version: string, way: (typeof CASES)[number][1]) {
  const { stderr, errors } = await compile(openProgramFolder(`${version}-${way}`), version, {
    module: MODULES[way],
    moduleResolution: way,
    types: ["node"],
    esModuleInterop: true,
    ...(version === OLDEST ? { typeRoots: [typeRootOf(OLDER_NODE)] } : {}),
    ...(version === "6.0" && way === "node10" ? { ignoreDeprecations: "6.0" } : {}),
  });
  const isExplained = (line: string): boolean => version === OLDEST && EXPLAINED.some((form) => form.test(line));
  return { stderr, errors: errors.filter((line) => !isExplained(line)) };
}

/** A project in which the declarations of Node are where a manager that isolates packages puts them: beside this package alone. */
function openIsolatedProject(name: string): string {
  const folder = join(compilers.path, `isolated-${name}`);
  const own = join(folder, "node_modules/iam-credentials-client");
  mkdirSync(join(own, "node_modules/@types"), { recursive: true });
  for (const entry of readdirSync(join(consumer.path, "node_modules"))) {
    if (entry.startsWith(".") || entry === "@types" || entry === "iam-credentials-client") continue;
    symlinkSync(join(consumer.path, "node_modules", entry), join(folder, "node_modules", entry), "dir");
  }
  for (const entry of ["package.json", "build"]) symlinkSync(join(consumer.packagePath, entry), join(own, entry));
  symlinkSync(join(consumer.path, "node_modules/@types/node"), join(own, "node_modules/@types/node"), "dir");
  cpSync(join(__dirname, "consumers/plain-types.ts"), join(folder, "plain-types.ts"));
  return folder;
}

describe("the declarations of the packed package", () => {
  it.each(CASES)(
    "are found at every door and checked whole by TypeScript %s with moduleResolution %s and lib es2022",
    async (version, way) => {
      expect(await check(version, way)).toEqual({ stderr: "", errors: [] });
    },
    TIMEOUT_MS,
  );

  it.each(NODES)(
    "go with those of Node %s",
    async (version) => {
      const folder = openProgramFolder(`node-${version}`);
      const types = { types: ["node"], typeRoots: [typeRootOf(version)] };
      expect(await compile(folder, "6.0", { module: "nodenext", esModuleInterop: true, ...types })).toEqual({
        stderr: "",
        errors: [],
      });
    },
    TIMEOUT_MS,
  );

  it.each(["5.9", "6.0"])(
    "bring those of Node where this package alone finds them, to a program that names none, with TypeScript %s",
    async (version) => {
      const { errors } = await compile(openIsolatedProject(version), version, {
        module: "nodenext",
        preserveSymlinks: true,
      });
      // The libraries depend on none, and so find none; what they say then is not ours.
      expect(
        errors.filter((line) => /^\S/.test(line) && !/^node_modules\/(?!iam-credentials-client)/.test(line)),
      ).toEqual([]);
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
