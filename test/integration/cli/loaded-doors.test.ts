// SPDX-License-Identifier: Apache-2.0
// What a process of iamcreds loads: the parts of the package behind the command's own doors, and none of the libraries that most commands
// do not use.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { builtProgram, variablesOf } from "../../support/cli.js";
import { type CliStage, openCliStage, ROBOT } from "../../support/cli-stage.js";

/** Written beside the program, and loaded before it: what stands in the cache of modules at the end, by file or by package. */
const HOOK = `process.on("exit", () => {
  const names = Object.keys(require.cache).flatMap((path) => {
    const part = /[/]build[/]parts[/](.*)[.]js$/.exec(path);
    const library = /.*[/]node_modules[/]((?:@[^/]+[/])?[^/]+)/.exec(path);
    return part ? [part[1]] : library ? [library[1]] : [];
  });
  require("node:fs").writeFileSync(process.env.LOADED, JSON.stringify([...new Set(names)].sort()));
});`;

let stage: CliStage;
beforeAll(async () => {
  stage = await openCliStage();
  stage.emulator.addGrant({ member: "user:dana@example.com", role: "roles/owner", project: "my-project" });
  writeFileSync(join(stage.folder, "hook.cjs"), HOOK);
});
afterAll(() => stage.close());

async function loadedBy(line: string): Promise<readonly string[]> {
  const report = join(stage.folder, "loaded.json");
  const args = ["-r", join(stage.folder, "hook.cjs"), builtProgram(), ...line.split(" ")];
  const env = variablesOf({ ...stage.variables, CLOUDSDK_CORE_PROJECT: "my-project", LOADED: report });
  const [code] = await once(spawn(process.execPath, args, { env, stdio: "ignore" }), "exit");
  expect([line, code]).toEqual([line, 0]);
  return JSON.parse(readFileSync(report, "utf8")) as readonly string[]; // as: what the hook writes
}

test.each([
  "--version",
  "--help",
  "help iam service-accounts",
  "help auth print-access-token",
  "completion bash",
  `exec ${ROBOT} --print-env`,
])(
  "%s loads the program and the core, in which version, clock and environment stand, and nothing else",
  async (line) => {
    expect(await loadedBy(line)).toEqual(["core", "programs"]);
  },
);

const PARTS = readdirSync(join(dirname(builtProgram()), "parts")).map((name) => name.replace(/[.]js$/, ""));
/** The parts behind doors that a command has or has not. Of what calls share, each loads what it needs. */
const DOORS = ["admin", "emulator", "explanations", "gapic", "grpc", "grpc-js", "message-classes", "verification"];

test.each([
  [`token ${ROBOT}`, ["grpc"]],
  [`token ${ROBOT} --transport rest`, []],
  [`id-token ${ROBOT} --audiences https://a`, ["grpc"]],
  [`exec ${ROBOT} -- true`, ["grpc"]],
  ["iam service-accounts list", ["admin", "grpc"]],
  ["projects get-iam-policy my-project", ["admin", "grpc"]],
  ["services list", ["admin", "grpc"]],
  [`diagnose ${ROBOT}`, ["admin", "explanations", "grpc"]],
])("%s loads %j of the parts behind doors, and no library", async (line, doors) => {
  const loaded = await loadedBy(line);
  expect(loaded.filter((name) => DOORS.includes(name))).toEqual(doors);
  expect(loaded.filter((name) => !PARTS.includes(name))).toEqual([]);
});
