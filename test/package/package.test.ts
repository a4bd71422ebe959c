// SPDX-License-Identifier: Apache-2.0
// The packed package, consumed as users do: CommonJS, ESM, Jest, a bundle, TypeScript. Needs a fresh build.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { filesBelow, openTemporaryFolder, ROOT, readText, run, runNode } from "../gates/repository.js";
import { type Consumer, copyPrograms, linkModule, openConsumer } from "./packed-package.js";
import { strangers, undeclaredReferences } from "./tarball.js";

const DROPPED_IN = { exitCode: 0, stdout: "dropped in", stderr: "" };
const ORIGINAL = '"@google-cloud/iam-credentials"';
const VERIFIED = { exitCode: 0, stdout: "minted and verified", stderr: "" };
const BIN = join(ROOT, "node_modules");
const DOORS = ["iam-credentials-client", "iam-credentials-client/admin", "iam-credentials-client/emulator"];
/** A strict program for Node, of modules of either kind. */
const STRICT = {
  module: "nodenext",
  target: "es2023",
  lib: ["es2023", "esnext.disposable"],
  types: ["node"],
  strict: true,
};
const TIMEOUT_MS = 240_000;

let consumer: Consumer;

beforeAll(async () => {
  consumer = await openConsumer();
  copyPrograms(
    consumer.path,
    "mint-and-verify.cjs",
    "plain.cjs",
    "libraries.cjs",
    "jest.test.cjs",
    "typed.mts",
    "typed.cts",
  );
  copyPrograms(
    consumer.path,
    "drop-in.cjs",
    "drop-in-plain.cjs",
    "drop-in-bundled.cjs",
    "drop-in-named.mjs",
    "drop-in.test.cjs",
  );
}, TIMEOUT_MS);

afterAll(() => consumer?.[Symbol.dispose]());

/** The names that a door has at run time. */
async function runtimeNames(door: string): Promise<string[]> {
  const script = `process.stdout.write(JSON.stringify(Object.keys(require("${door}"))))`;
  return JSON.parse((await runNode(["-e", script], { cwd: consumer.path })).stdout);
}

/** How many tests of a file pass in a user's Jest, in CommonJS, where nothing is transformed. */
async function passedTests(file: string): Promise<number> {
  const config = JSON.stringify({ testEnvironment: "node", transform: {}, testMatch: [`**/${file}`], rootDir: "." });
  const args = [join(BIN, "jest/bin/jest.js"), "--config", config, "--json", "--ci"];
  const { exitCode, stdout, stderr } = await runNode(args, { cwd: consumer.path });
  expect({ exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ exitCode: 0, stderr: "" });
  return JSON.parse(stdout).numPassedTests;
}

/** Makes one file of a program with esbuild, which must not complain, and runs it far from any node_modules. */
async function runBundled(program: string): ReturnType<typeof runNode> {
  using far = openTemporaryFolder();
  const bundle = join(far.path, "bundle.cjs");
  const args = [
    program,
    "--bundle",
    "--platform=node",
    "--target=node20",
    `--outfile=${bundle}`,
    "--log-level=warning",
  ];
  const bundled = await run(join(BIN, ".bin/esbuild"), args, { cwd: consumer.path });
  expect(bundled).toEqual({ exitCode: 0, stdout: "", stderr: "" });
  return await runNode([bundle], { cwd: far.path });
}

describe("the packed package", () => {
  it(
    "mints and verifies in plain CommonJS",
    async () => {
      expect(await runNode(["plain.cjs"], { cwd: consumer.path })).toEqual(VERIFIED);
    },
    TIMEOUT_MS,
  );

  it(
    "works in a program that has extended Object.prototype",
    async () => {
      writeFileSync(join(consumer.path, "extended.cjs"), 'Object.prototype.extension = "x";\n');
      expect(await runNode(["-r", "./extended.cjs", "plain.cjs"], { cwd: consumer.path })).toEqual(VERIFIED);
    },
    TIMEOUT_MS,
  );

  it("loads google-auth-library and grpc-js by itself when credentials or a transport need them", async () => {
    const answered = { exitCode: 0, stdout: "4 answered", stderr: "" };
    expect(await runNode(["libraries.cjs"], { cwd: consumer.path })).toEqual(answered);
  });

  it("calls every class and function as its door does", async () => {
    const script = `for (const door of ${JSON.stringify(DOORS)}) for (const [name, value] of Object.entries(require(door)))
      if (typeof value === "function" && value.name !== name) process.stdout.write(door + " " + name + " is " + value.name + "\\n");`;
    expect(await runNode(["-e", script], { cwd: consumer.path })).toEqual({ exitCode: 0, stdout: "", stderr: "" });
  });

  it(
    "gives ESM every one of its names",
    async () => {
      const names = await Promise.all(DOORS.map(runtimeNames));
      expect(names.flat()).toEqual(expect.arrayContaining(["IAMCredentialsAsyncClient", "RpcError", "startEmulator"]));
      const imports = DOORS.map((door, index) => `import { ${names[index]?.join(", ")} } from "${door}";`);
      const lines = [
        'import mintAndVerify from "./mint-and-verify.cjs";',
        ...imports,
        `for (const each of [${names.flat().join(", ")}]) if (each === undefined) throw new Error("a name without a value");`,
        "process.stdout.write(await mintAndVerify({ IAMCredentialsAsyncClient, startEmulator, RpcError }));",
      ];
      writeFileSync(join(consumer.path, "named.mjs"), lines.join("\n"));
      expect(await runNode(["named.mjs"], { cwd: consumer.path })).toEqual(VERIFIED);
    },
    TIMEOUT_MS,
  );

  it(
    "works in a user's Jest in CommonJS, where nothing is transformed",
    async () => {
      expect(await passedTests("jest.test.cjs")).toBe(5);
    },
    TIMEOUT_MS,
  );

  it(
    "fits into one file with esbuild, without a warning, and runs far from any node_modules",
    async () => {
      expect(await runBundled("plain.cjs")).toEqual(VERIFIED);
    },
    TIMEOUT_MS,
  );

  it(
    "has types that strict TypeScript takes from ESM and CommonJS, its libraries' declarations and a program of the original checked too",
    async () => {
      linkModule(consumer.path, "@types/node");
      const compilerOptions = {
        ...STRICT,
        exactOptionalPropertyTypes: true,
        esModuleInterop: true,
        skipLibCheck: false,
        noEmit: true,
      };
      const program = readText("test/types/gapic-user-code.ts");
      expect(program.split(ORIGINAL)).toHaveLength(2);
      writeFileSync(join(consumer.path, "user-code.cts"), program.replace(ORIGINAL, '"iam-credentials-client/gapic"'));
      const files = ["typed.mts", "typed.cts", "user-code.cts"];
      writeFileSync(join(consumer.path, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
      const compiled = await runNode([join(BIN, "typescript/bin/tsc"), "-p", "."], { cwd: consumer.path });
      expect(compiled).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    },
    TIMEOUT_MS,
  );
});

describe("a program with declarations of its own", () => {
  it(
    "may export what it makes of each entry point without naming the type",
    async () => {
      linkModule(consumer.path, "@types/node");
      copyPrograms(consumer.path, "exported.mts");
      const compilerOptions = {
        ...STRICT,
        declaration: true,
        outDir: "declared",
      };
      const project = { compilerOptions, files: ["exported.mts"] };
      writeFileSync(join(consumer.path, "tsconfig.declared.json"), JSON.stringify(project));
      const args = [join(BIN, "typescript/bin/tsc"), "-p", "tsconfig.declared.json"];
      expect(await runNode(args, { cwd: consumer.path })).toEqual({ exitCode: 0, stdout: "", stderr: "" });
      const declared = readFileSync(join(consumer.path, "declared/exported.d.mts"), "utf8");
      expect(declared).not.toMatch(/node_modules|build/);
    },
    TIMEOUT_MS,
  );
});

describe("the program iamcreds of the packed package", () => {
  it(
    "is run by npx, serves what its output points at, and ends well with Ctrl-C",
    async () => {
      const args = ["--no-install", "-p", "iam-credentials-client", "iamcreds", "emulator", "--port", "0", "--json"];
      // A group of its own, as a terminal makes for it: Ctrl-C reaches npx and what it runs.
      const child = spawn("npx", args, { cwd: consumer.path, detached: true, stdio: ["ignore", "pipe", "inherit"] });
      const lines: string[] = [];
      const output = createInterface({ input: child.stdout }).on("line", (line) => void lines.push(line));
      await once(output, "line");
      const ready = JSON.parse(lines[0] ?? "");
      expect(ready).toMatchObject({ event: "ready", version: JSON.parse(readText("package.json")).version });
      expect((await fetch(`${ready.url}/emulator/v1/state`)).status).toBe(200);
      process.kill(-(child.pid ?? 0), "SIGINT");
      await once(output, "close"); // npx may be gone before
      expect(JSON.parse(lines[1] ?? "")).toEqual({ event: "closed", signal: "SIGINT" });
      await expect(fetch(ready.url)).rejects.toThrow("fetch failed");
    },
    TIMEOUT_MS,
  );

  it("is executable in the tarball, and begins with what makes a shell run it by node", async () => {
    const program = join(consumer.packagePath, "build/iamcreds.js");
    expect(readFileSync(program, "utf8").split("\n")[0]).toBe("#!/usr/bin/env node");
    const direct = await run(program, ["--version"], { cwd: consumer.path });
    expect(direct).toEqual({ exitCode: 0, stdout: `${JSON.parse(readText("package.json")).version}\n`, stderr: "" });
    const { stdout } = await run("tar", ["-tvzf", consumer.tarball, "package/build/iamcreds.js"]);
    expect(stdout).toMatch(/^-rwxr-xr-x /);
  });
});

describe("the drop-in of the packed package", () => {
  it(
    "works in plain CommonJS",
    async () => {
      expect(await runNode(["drop-in-plain.cjs"], { cwd: consumer.path })).toEqual(DROPPED_IN);
    },
    TIMEOUT_MS,
  );

  it(
    "works in ESM, imported by name, as a whole and by default",
    async () => {
      expect(await runNode(["drop-in-named.mjs"], { cwd: consumer.path })).toEqual(DROPPED_IN);
    },
    TIMEOUT_MS,
  );

  it(
    "works in a user's Jest in CommonJS, and can be stubbed and mocked there",
    async () => {
      expect(await passedTests("drop-in.test.cjs")).toBe(5);
    },
    TIMEOUT_MS,
  );

  it(
    "fits into one file with esbuild, without a warning, and runs far from any node_modules",
    async () => {
      expect(await runBundled("drop-in-bundled.cjs")).toEqual(DROPPED_IN);
    },
    TIMEOUT_MS,
  );

  it(
    "says in a bundle without grpc-js which import sslCreds need",
    async () => {
      const { exitCode, stderr } = await runBundled("drop-in-plain.cjs");
      expect(exitCode).toBe(1);
      expect(stderr).toContain("the program must import iam-credentials-client/grpc-js first");
    },
    TIMEOUT_MS,
  );
});

describe("the tarball", () => {
  it("holds what runs, its declarations, the license, and nothing else", () => {
    expect(consumer.packedFiles).toEqual(
      expect.arrayContaining(["build/index.js", "build/parts/core.js", "LICENSE", "package.json"]),
    );
    expect(strangers(consumer.packedFiles)).toEqual([]);
  });

  it("has declarations that refer to nothing but what an installation brings", () => {
    const paths = consumer.packedFiles.filter((path) => path.endsWith(".d.ts"));
    const declarations = paths.map((path) => readFileSync(join(consumer.packagePath, path), "utf8"));
    expect(declarations.length).toBeGreaterThan(30);
    expect(undeclaredReferences(declarations, Object.keys(JSON.parse(readText("package.json")).dependencies))).toEqual(
      [],
    );
  });

  it("serves its console from what is packed", async () => {
    const script = `const { startEmulator } = require("iam-credentials-client/emulator");
      startEmulator().then(async (emulator) => {
        const found = await Promise.all(["", "console/files/start.js"].map((path) => fetch(emulator.url + "/" + path)));
        process.stdout.write(found.map(({ status, headers }) => status + " " + headers.get("content-type")).join(", "));
        await emulator.close();
      });`;
    expect((await runNode(["-e", script], { cwd: consumer.path })).stdout).toBe(
      "200 text/html; charset=UTF-8, 200 text/javascript; charset=utf-8",
    );
  });

  it("has declarations of the sources as they are, each of them but the console's, which no program imports", () => {
    const declarations = consumer.packedFiles.filter((path) => /^build\/src\/.*[.]d[.]ts$/.test(path));
    const sourceOf = (path: string): string => path.replace(/^build\//, "").replace(/[.]d[.]ts$/, ".ts");
    expect(declarations.map(sourceOf).sort()).toEqual(
      filesBelow("src").filter((path) => path.endsWith(".ts") && !path.startsWith("src/emulator/console/")),
    );
  });

  it("has every module in one part, so that every class exists once", () => {
    const parts = consumer.packedFiles.filter((path) => /^build\/parts\/.*[.]js$/.test(path));
    const modules = parts
      .filter((path) => !path.endsWith("/emulator.js")) // shares nothing with the client
      .flatMap((path) => {
        const text = readFileSync(join(consumer.packagePath, path), "utf8");
        const named = [...text.matchAll(/^\/\/ ((?:src|generated)\/\S+)$/gm)].map(([, module]) => module);
        return [...new Set(named)]; // a part may name a module twice, before what it has of it
      });
    expect(modules.length).toBeGreaterThan(100);
    expect(modules.filter((module, index) => modules.indexOf(module) !== index)).toEqual([]);
  });
});

describe("the inspection of the tarball", () => {
  it("finds tests, sources and configuration that were packed by mistake", () => {
    const wrong = [
      "test/unit/x.test.js",
      "src/index.ts",
      "build/test/x.js",
      "biome.json",
      ".npmrc",
      "build/src/x.ts",
      "build/src/x.js",
    ];
    expect(strangers([...wrong, "build/index.js", "build/parts/core.js", "LICENSE"])).toEqual(wrong);
  });

  it("finds references to development dependencies", () => {
    const declarations = [
      'import type { Root } from "protobufjs";',
      '/// <reference types="jest" />',
      'import "@grpc/grpc-js";',
    ];
    expect(undeclaredReferences(declarations, ["@grpc/grpc-js"])).toEqual(["protobufjs", "jest"]);
    const ofNode = ['import type { Socket } from "node:net";', '/// <reference types="node" />', "cert: Buffer;"];
    for (const each of ofNode) expect(undeclaredReferences([each], [])).toEqual(["@types/node"]);
    expect(undeclaredReferences(ofNode, ["@types/node"])).toEqual([]);
  });
});
