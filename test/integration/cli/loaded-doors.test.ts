// SPDX-License-Identifier: Apache-2.0
// What a process of iamcreds loads: the parts of the package behind the command's own doors, and none of the libraries that most commands
// do not use.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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

/** Parts that any client may come to need, or one that acts as an account. */
const OF_A_CLIENT = [
  "auth",
  "errors",
  "explanations",
  "grpc",
  "http",
  "impersonation",
  "index",
  "services",
  "verification",
];

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
  const loaded: readonly string[] = JSON.parse(readFileSync(report, "utf8"));
  return loaded.filter((name) => !OF_A_CLIENT.includes(name));
}

// The core is loaded always: the version, the clock and the environment stand in it; what else does, runs when it is first used.
test.each([
  ["--version", ["core", "programs"]],
  ["--help", ["core", "programs"]],
  ["help iam service-accounts", ["core", "programs"]],
  ["help auth print-access-token", ["core", "programs"]],
  ["completion bash", ["core", "programs"]],
  [`exec ${ROBOT} --print-env`, ["core", "programs"]],
  [`token ${ROBOT}`, ["core", "programs"]],
  [`token ${ROBOT} --transport rest`, ["core", "programs"]],
  [`id-token ${ROBOT} --audiences https://a`, ["core", "programs"]],
  [`exec ${ROBOT} -- true`, ["core", "programs"]],
  ["whoami", ["core", "programs"]],
  ["iam service-accounts list", ["admin", "core", "programs"]],
  ["projects get-iam-policy my-project", ["admin", "core", "programs"]],
  ["services list", ["admin", "core", "programs"]],
  [`diagnose ${ROBOT}`, ["admin", "core", "programs"]],
])("%s loads %j and no library", async (line, parts) => {
  expect(await loadedBy(line)).toEqual(parts);
});
