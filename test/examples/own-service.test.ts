// SPDX-License-Identifier: Apache-2.0
// Runs the programs of docs/own-service.md, word for word, on the built package: one against the streaming test service,
// one, with what the generator makes of its proto, against the test's library.

import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { startCounterServer } from "../support/counter-server.js";
import { startLibrary } from "../support/library-server.js";
import { waitUntil } from "../support/wait-until.js";

const root = resolve(__dirname, "../..");
const run = promisify(execFile);

/** The first block of a language on the page. */
function blockOf(language: string): string {
  const [, text = ""] =
    new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "s").exec(readFileSync(join(root, "docs/own-service.md"), "utf8")) ??
    [];
  return text;
}

it("prints a double, a sum and doubles, and cancels the count that it leaves", async () => {
  const program = blockOf("javascript");
  const folder = mkdtempSync(join(tmpdir(), "readme-"));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules/iam-credentials-client"));
  symlinkSync(join(root, "node_modules/@grpc"), join(folder, "node_modules/@grpc"));
  writeFileSync(join(folder, "program.mjs"), program);
  await using server = await startCounterServer();
  const env = { ...process.env, COUNTER_EMULATOR_HOST: server.host };
  const options = { cwd: root, env, timeout: 50_000 };
  const { stdout, stderr } = await run(process.execPath, [join(folder, "program.mjs")], options);
  rmSync(folder, { recursive: true });
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^\{ number: 42 \}\n\{ sum: .*10.*, count: 4 \}\n2\n4\n6\n8\n$/s);
  await waitUntil("the server sees the end of the count", () => server.calls.some(({ isCancelled }) => isCancelled));
});

it("goes over REST with rows that the plugin makes of a proto, and lists pages", async () => {
  const folder = mkdtempSync(join(tmpdir(), "readme-"));
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, ".bin"), { recursive: true });
  symlinkSync(root, join(modules, "iam-credentials-client"));
  for (const name of ["@grpc", "@bufbuild", "@types"])
    symlinkSync(join(root, "node_modules", name), join(modules, name));
  symlinkSync(join(root, "node_modules/.bin/protoc-gen-ts_proto"), join(modules, ".bin/protoc-gen-ts_proto"));
  const { bin } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  symlinkSync(join(root, bin["protoc-gen-service-rows"]), join(modules, ".bin/protoc-gen-service-rows"));

  const shared = join(root, "node_modules/google-gax/build/protos/google");
  for (const name of ["api", "protobuf"]) cpSync(join(shared, name), join(folder, "google", name), { recursive: true });
  cpSync(join(root, "test/library/protos"), folder, { recursive: true });
  writeFileSync(join(folder, "buf.yaml"), "version: v2\n");
  writeFileSync(join(folder, "buf.gen.yaml"), blockOf("yaml"));
  await run(join(root, "node_modules/.bin/buf"), ["generate", "--path", "library"], { cwd: folder });

  writeFileSync(join(folder, "program.ts"), blockOf("typescript"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const compilerOptions = { module: "nodenext", target: "es2022", strict: true, skipLibCheck: true, types: ["node"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["program.ts"] }));
  await run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder]);

  await using library = await startLibrary();
  const env = { ...process.env, LIBRARY_EMULATOR_HOST: library.rest.host };
  const { stdout, stderr } = await run(process.execPath, [join(folder, "program.js")], { env, timeout: 50_000 });
  rmSync(folder, { recursive: true });
  expect([stdout, stderr]).toEqual(["5\nshelves/1/books/2\nbooks/3\n", ""]);
});
