// SPDX-License-Identifier: Apache-2.0
// The gate of generated code: what is committed is what the protos give, and the protos are linted and formatted.

import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  filesBelow,
  type Outcome,
  openCopy,
  openTemporaryFolder,
  ROOT,
  run,
  type TemporaryFolder,
} from "./repository.js";

const BUF = join(ROOT, "node_modules/.bin/buf");
const GENERATOR_TIMEOUT_MS = 120_000;
const PARTS = ["protos", "tools", "generated", "test/streaming", "test/library", "buf.yaml", "buf.gen.yaml"];
const PROTO = "protos/google/iam/credentials/v1/common.proto";
const STUB = "generated/google/iam/credentials/v1/common.ts";

async function buf(root: string, ...args: readonly string[]): Promise<Outcome> {
  return run(BUF, args, { cwd: root });
}

/** What a fresh run of the generator gives that the tree does not have, file by file. Touches nothing in the tree. */
async function staleFiles(root: string, folder = "generated", template = "buf.gen.yaml"): Promise<string[]> {
  using fresh = await generate(root, template);
  return differences(root, fresh, folder);
}

/** A fresh run of the generator. */
async function generate(root: string, template = "buf.gen.yaml"): Promise<TemporaryFolder> {
  const fresh = openTemporaryFolder();
  const { exitCode, stderr } = await buf(root, "generate", "--template", template, "-o", fresh.path);
  if (exitCode !== 0) throw new Error(`buf generate: ${stderr}`);
  return fresh;
}

function differences(root: string, fresh: TemporaryFolder, folder = "generated"): string[] {
  const made = new Set(filesBelow(folder, fresh.path));
  const there = new Set(filesBelow(folder, root));
  const text = (folder: string, path: string): string => readFileSync(join(folder, path), "utf8");
  return [
    ...[...made].filter((path) => !there.has(path)).map((path) => `${path} is missing`),
    ...[...there].filter((path) => !made.has(path)).map((path) => `${path} is not generated`),
    ...[...made]
      .filter((path) => there.has(path) && text(root, path) !== text(fresh.path, path))
      .map((path) => `${path} differs`),
  ];
}

describe("generated/", () => {
  // The message classes of protobufjs take seconds, so the run is shared.
  let fresh: TemporaryFolder;
  beforeAll(async () => {
    fresh = await generate(ROOT);
  }, GENERATOR_TIMEOUT_MS);
  afterAll(() => fresh[Symbol.dispose]());

  it("is what the protos give", () => {
    expect(filesBelow("generated").length).toBeGreaterThan(5);
    expect(differences(ROOT, fresh)).toEqual([]);
  });

  it("is found stale when a file was edited, removed or added by hand", () => {
    using copy = openCopy(PARTS);
    appendFileSync(join(copy.path, STUB), "\n");
    rmSync(join(copy.path, "generated/google/rpc/status.ts"));
    writeFileSync(join(copy.path, "generated/own.ts"), "export {};\n");
    expect(differences(copy.path, fresh)).toEqual([
      "generated/google/rpc/status.ts is missing",
      "generated/own.ts is not generated",
      `${STUB} differs`,
    ]);
  });

  it(
    "is found stale when a proto has changed since",
    async () => {
      using copy = openCopy(PARTS);
      appendFileSync(join(copy.path, PROTO), "\n// Seeded.\nmessage Seeded {}\n");
      expect(await staleFiles(copy.path)).toEqual([
        "generated/descriptor-set.ts differs",
        `${STUB.replace(".ts", ".tables.ts")} differs`,
        `${STUB} differs`,
        "generated/protobufjs/messages.d.ts differs",
        "generated/protobufjs/messages.js differs",
      ]);
    },
    GENERATOR_TIMEOUT_MS,
  );
});

describe.each([
  ["test/streaming", 1],
  ["test/library", 9],
])("%s/generated/", (service, count) => {
  const [folder, template] = [`${service}/generated`, `${service}/buf.gen.yaml`];

  it("is what the test service's proto gives", async () => {
    expect(filesBelow(folder)).toHaveLength(count);
    expect(await staleFiles(ROOT, folder, template)).toEqual([]);
  });

  it("is found stale when it was edited by hand", async () => {
    using copy = openCopy(PARTS);
    const [stub = ""] = filesBelow(folder);
    appendFileSync(join(copy.path, stub), "\n");
    expect(await staleFiles(copy.path, folder, template)).toEqual([`${stub} differs`]);
  });
});

describe("protos/", () => {
  it("are lint-free and formatted", async () => {
    expect(await buf(ROOT, "lint", "protos")).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    expect(await buf(ROOT, "format", "protos", "--diff", "--exit-code")).toEqual({
      exitCode: 0,
      stdout: "",
      stderr: "",
    });
  });

  it("are refused with a message that has no comment, and with a line out of format", async () => {
    using copy = openCopy(PARTS);
    appendFileSync(join(copy.path, PROTO), "message   Seeded {}\n");
    const lint = await buf(copy.path, "lint", "protos");
    expect([lint.exitCode, lint.stdout]).toEqual([
      100,
      expect.stringContaining('Message "Seeded" should have a non-empty comment'),
    ]);
    const format = await buf(copy.path, "format", "protos", "--diff", "--exit-code");
    expect([format.exitCode, format.stdout]).toEqual([100, expect.stringContaining("+message Seeded {}")]);
  });

  it("are all linted: a second folder is not skipped", async () => {
    using copy = openCopy(PARTS);
    mkdirSync(join(copy.path, "protos/google/seeded/v1"), { recursive: true });
    const file = join(copy.path, "protos/google/seeded/v1/seeded.proto");
    writeFileSync(file, 'syntax = "proto3";\n\npackage google.seeded.v1;\n\nmessage Seeded {}\n');
    expect((await buf(copy.path, "lint", "protos")).stdout).toContain("protos/google/seeded/v1/seeded.proto");
  });
});
