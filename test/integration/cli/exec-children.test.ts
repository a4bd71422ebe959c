// SPDX-License-Identifier: Apache-2.0
// Children of `iamcreds exec` that come from elsewhere than npm, each skipped by name where it is not installed: whose token each gets is
// the emulator's word.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CliResult } from "../../support/cli.js";
import { ROBOT } from "../../support/cli-stage.js";
import { gcloudVariables, hasGcloud } from "../../support/gcloud.js";
import { openSessionStage, type SessionStage } from "../../support/session-stage.js";

const MEMBER = `serviceAccount:${ROBOT}`;
const ROOT = join(__dirname, "../../..");
const PROGRAMS = join(ROOT, "test/integration/programs");
/** Debian's, whatever other one comes first on the path: only it sees Debian's packages. */
const PYTHON = "/usr/bin/python3";
const DEBIAN_GO = "/usr/share/gocode";

const succeeds = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args, { stdio: "ignore" }).status === 0;
const hasPython = succeeds(PYTHON, "-c", "import google.auth, requests");
const hasGo = succeeds("go", "version") && existsSync(join(DEBIAN_GO, "src/golang.org/x/oauth2/google"));
const hasNode24 = succeeds("npx", "-y", "node@24", "--version");

let stage: SessionStage;
let home: string;
beforeEach(async () => {
  stage = await openSessionStage();
  home = join(stage.folder, "home");
  mkdirSync(home);
});
afterEach(() => stage.close());

/** Runs a program by exec, flags first, with a home folder of its own. */
const exec: SessionStage["exec"] = (flags, command, variables) =>
  stage.exec(flags, command, { HOME: home, ...variables });

async function expectRobots({ code, stdout, stderr }: CliResult): Promise<void> {
  expect([code, stderr]).toEqual([0, ""]);
  expect(await stage.ownerOf(stdout.trim())).toBe(MEMBER);
  expect(readdirSync(stage.temporary)).toEqual([]);
}

/** A login of somebody else, where gcloud's folder would be. */
async function writeOtherLogin(): Promise<void> {
  const folder = join(home, ".config/gcloud");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "application_default_credentials.json");
  await stage.emulator.writeCredentialsFile("authorized_user", path, { user: "dana@example.com" });
}

/** A test that needs what may not be installed: says so by its title where it is not. */
function judge(isThere: boolean, what: string, title: string, body: () => Promise<void>, ms = 30_000): void {
  if (isThere) test(title, body, ms);
  else test(`is not judged, ${what} is not installed: ${title}`, () => undefined);
}

judge(hasPython, "Debian's python3-google-auth", "Python's google-auth is the account by --via metadata", async () => {
  const result = await exec(["--via", "metadata"], [PYTHON, "-B", join(PROGRAMS, "default-token.py")]);
  await expectRobots(result);
});

judge(
  hasPython,
  "Debian's python3-google-auth",
  "Python's google-auth prefers the metadata server to a login in the home folder, since gcloud's folder is another",
  async () => {
    await writeOtherLogin();
    await expectRobots(await exec(["--via", "metadata"], [PYTHON, "-B", join(PROGRAMS, "default-token.py")]));
  },
);

function compileGo(): string {
  const program = join(stage.folder, "default-token");
  const { status, stderr } = spawnSync("go", ["build", "-o", program, join(PROGRAMS, "default-token.go")], {
    env: { ...process.env, GO111MODULE: "off", GOPATH: DEBIAN_GO, GOCACHE: join(stage.folder, "go-cache") },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return program;
}

judge(
  hasGo,
  "Debian's golang-golang-x-oauth2-dev",
  "Go's oauth2 is the account by --via metadata and a home folder of its own; the file is not for it, and it says so",
  async () => {
    const program = compileGo();
    await expectRobots(await exec(["--via", "metadata"], [program]));
    const byFile = await exec(["--via", "file"], [program]);
    expect([byFile.code, byFile.stdout]).toEqual([1, ""]);
    expect(byFile.stderr).toContain("invalid TokenURL");
  },
  120_000,
);

judge(
  hasNode24 && existsSync(join(ROOT, "test/newer/node_modules")),
  "node@24 with test/newer",
  "google-auth-library 11 is the account on a Node that it supports",
  async () => {
    const script = `const { GoogleAuth } = require("${ROOT}/test/newer/node_modules/google-auth-library");
    if (!process.version.startsWith("v24.")) throw new Error(process.version);
    const auth = new GoogleAuth({ scopes: ["https://www.googleapis.com/auth/cloud-platform"] });
    auth.getAccessToken().then((token) => process.stdout.write(token));`;
    const path = join(stage.folder, "ask.cjs");
    writeFileSync(path, script);
    // The packages that npx has already: a home folder of its own would have none.
    const cache = spawnSync("npm", ["config", "get", "cache"], { encoding: "utf8" }).stdout.trim();
    const quiet = { npm_config_cache: cache, npm_config_update_notifier: "false" };
    for (const way of ["file", "metadata"]) {
      await expectRobots(await exec(["--via", way], ["npx", "-y", "node@24", path], quiet));
    }
  },
  60_000,
);

judge(
  hasGcloud,
  "gcloud",
  "gcloud is the account, prints its token, and calls with it",
  async () => {
    await expectRobots(await exec([], ["gcloud", "auth", "print-access-token"]));
    const grant = { member: MEMBER, role: "roles/viewer", project: "my-project" };
    stage.emulator.addGrant(grant);
    const { CLOUDSDK_CONFIG: _, ...overrides } = gcloudVariables(stage.emulator.url, "", "my-project");
    const list = ["gcloud", "iam", "service-accounts", "list", "--format=value(email)"];
    const listed = await exec([], list, overrides);
    expect([listed.code, listed.stdout.split("\n")]).toEqual([0, expect.arrayContaining([ROBOT])]);
    expect(stage.emulator.calls().findLast(({ method }) => method === "ListServiceAccounts")?.principal).toBe(MEMBER);
  },
  60_000,
);
