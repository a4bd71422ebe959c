// SPDX-License-Identifier: Apache-2.0
// Runs every `iamcreds` on the pages as it stands, against the emulator: as dana, who may act as the robot. Only ports are any free ones.
// The other programs on the pages are counted: what they do is theirs, and where an emulator can stand in for Google, the stagings of
// `diagnose` run them.

import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { builtProgram, variablesOf } from "../support/cli.js";
import { type CliStage, openCliStage, ROBOT } from "../support/cli-stage.js";
import { readCommands } from "../support/shell-words.js";

const root = resolve(__dirname, "../..");
const ERROR =
  "google.api_core.exceptions.PermissionDenied: 403 Permission 'iam.serviceAccounts.getAccessToken' denied on resource";

/** How a command ends: with which exit code, and what it has printed. Servers print, and end when they are told to. */
interface End {
  readonly code: number;
  readonly stdout: RegExp;
  /** Arguments that make its port any free one. */
  readonly anyPort?: readonly string[];
}

const ENDS: readonly (readonly [command: RegExp, end: End])[] = [
  [/^emulator /, { code: 0, stdout: /^export IAM_CREDENTIALS_EMULATOR_HOST=/m, anyPort: ["--port", "0"] }],
  [/^serve /, { code: 0, stdout: /^export GCE_METADATA_HOST=/m, anyPort: ["--listen", "127.0.0.1:0"] }],
  [/^proxy /, { code: 0, stdout: /http:\/\/127\.0\.0\.1:\d+/, anyPort: ["--listen", "127.0.0.1:0"] }],
  [/^exec .* -- terraform /, { code: 0, stdout: /^terraform (plan|apply) as a program of .*[.]json\n$/ }],
  [/^auth print-(identity|access)-token /, { code: 0, stdout: /^[\w.-]{100,}\n$/ }],
  [/^auth configure-(docker|kubectl) /, { code: 0, stdout: /^/ }],
  // What the error of a file was, is over: dana has the role.
  [/^diagnose /, { code: 0, stdout: /^ok {2}Is this machine set up correctly?/ }],
];

/** The programs on the pages that are somebody else's, and how often they stand there. */
const OTHERS = { npm: 3, gcloud: 21, curl: 4, timedatectl: 1, export: 5, unset: 2 };

const pages = ["README.md", ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`)].filter(
  (page) => page.endsWith(".md") && page !== "docs/commands.md",
);
const lines = pages.flatMap((page) => {
  const text = readFileSync(join(root, page), "utf8").replaceAll("\\\n", " ");
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = ""]) => block.split("\n"));
  return blocks
    .map((line) => line.replace(/ +#.*$/, "").replace(/^npx (-p iam-credentials-client )?(?=iamcreds )/, ""))
    .filter((line) => line.trim() !== "")
    .map((line) => [page, line] as const);
});
const ours = lines.flatMap(([page, line]) => (line.startsWith("iamcreds ") ? [[page, line.slice(9)] as const] : []));

let stage: CliStage;
let home: string;
beforeAll(async () => {
  stage = await openCliStage();
  stage.emulator.addServiceAccount("terraform@my-project.iam.gserviceaccount.com");
  for (const role of ["roles/owner", "roles/iam.serviceAccountTokenCreator"]) {
    stage.emulator.addGrant({ member: "user:dana@example.com", role, project: "my-project" });
  }
  home = join(stage.folder, "home");
  const programs = join(home, "bin");
  for (const folder of [programs, join(home, "test/fixtures"), join(home, ".kube")])
    mkdirSync(folder, { recursive: true });
  writeFileSync(join(home, "error.txt"), ERROR);
  writeFileSync(
    join(home, "test/fixtures/iam.json"),
    JSON.stringify({ version: 1, serviceAccounts: [{ email: ROBOT }] }),
  );
  writeFileSync(
    join(programs, "terraform"),
    `#!/bin/sh\necho "terraform $1 as a program of $GOOGLE_APPLICATION_CREDENTIALS"\n`,
  );
  chmodSync(join(programs, "terraform"), 0o755);
  writeFileSync(
    join(home, ".kube/config"),
    JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      contexts: [{ name: "my-context", context: { cluster: "my-cluster", user: "my-user" } }],
      clusters: [{ name: "my-cluster", cluster: { server: "https://127.0.0.1:1" } }],
      users: [{ name: "my-user", user: {} }],
    }),
  );
});
afterAll(() => stage.close());

/** Runs it until it ends, or until it has printed what a server prints when it is ready. */
function runLine(
  line: string,
  { stdout: ready, anyPort }: End,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const words = (
    readCommands(line.replaceAll("/tmp/", `${stage.temporary}/`).replaceAll("ROBOT", ROBOT))[0] ?? []
  ).concat(anyPort ?? []);
  const env = variablesOf({
    ...stage.variables,
    HOME: home,
    PATH: `${join(home, "bin")}${delimiter}${process.env["PATH"]}`,
  });
  const child = spawn(process.execPath, [builtProgram(), ...words], {
    env,
    cwd: home,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stderr.on("data", (bytes) => {
    stderr += bytes;
  });
  let isReady = false;
  child.stdout.on("data", (bytes) => {
    stdout += bytes;
    if (isReady || anyPort === undefined || !ready.test(stdout)) return;
    isReady = true;
    child.kill("SIGTERM");
  });
  return new Promise((done) => child.once("close", (code) => done({ code, stdout, stderr })));
}

test.each(ours)("%s: iamcreds %s", async (_page, line) => {
  const end = ENDS.find(([command]) => command.test(line))?.[1];
  if (end === undefined) throw new Error("a command whose end is not known here");
  const { code, stdout, stderr } = await runLine(line, end);
  expect({ code, stderr: code === end.code ? "" : stderr }).toEqual({ code: end.code, stderr: "" });
  expect(stdout).toMatch(end.stdout);
});

test("has other programs on the pages, which are not run here, and no more of them than were looked at", () => {
  const counts: Record<string, number> = {};
  for (const [, line] of lines) {
    const program = /^\S+/.exec(line)?.[0] ?? "";
    if (program !== "iamcreds") counts[program] = (counts[program] ?? 0) + 1;
  }
  expect(counts).toEqual(OTHERS);
  expect(ours.length).toBeGreaterThan(12);
});
