// SPDX-License-Identifier: Apache-2.0
// How much a cold process of iamcreds costs, in seconds of the processor, which other work on the machine does not change: by itself, and
// beside gcloud where that is installed.

import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, startEmulator } from "../../../src/emulator/index.js";
import { builtProgram, variablesOf } from "../../support/cli.js";
import { gcloudVariables, hasGcloud } from "../../support/gcloud.js";

const PROJECT = "my-project";
const ROBOT = `robot@${PROJECT}.iam.gserviceaccount.com`;
const ROUNDS = 5;

let emulator: Emulator;
let folder: string;
let variables: Readonly<Record<string, string>>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "times-"));
  const grant = { member: "user:dana@example.com", role: "roles/iam.serviceAccountTokenCreator" };
  emulator = await startEmulator({ serviceAccounts: [ROBOT], grants: [{ ...grant, serviceAccount: ROBOT }] });
  const login = join(folder, "login.json");
  await emulator.writeCredentialsFile("authorized_user", login, { user: "dana@example.com" });
  variables = {
    ...gcloudVariables(emulator.url, join(folder, "config"), PROJECT),
    CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE: login,
    IAM_CREDENTIALS_EMULATOR_HOST: emulator.host,
    GOOGLE_APPLICATION_CREDENTIALS: login,
  };
});
afterAll(async () => {
  await emulator.close();
  rmSync(folder, { recursive: true });
});

const hasBash = spawnSync("bash", ["--version"]).status === 0;
const measured = (title: string): string => (hasBash ? title : `is not judged, bash is not installed: ${title}`);

/** What a command costs, in seconds of the processor: the least of some rounds, which others disturbed least. */
async function cost(command: readonly string[]): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round += 1) least = Math.min(least, await costOnce(command));
  return least;
}

function costOnce(command: readonly string[]): Promise<number> {
  const script = 'TIMEFORMAT="%U %S"; time "$@" > /dev/null';
  return new Promise((resolve, reject) => {
    execFile("bash", ["-c", script, "bash", ...command], { env: variablesOf(variables) }, (error, _, stderr) => {
      const [user = "", system = ""] = stderr.trim().split("\n").at(-1)?.split(" ") ?? [];
      if (error === null) resolve(Number(user) + Number(system));
      else reject(new Error(stderr));
    });
  });
}

const iamcredsCommand = (...args: string[]): string[] => [process.execPath, builtProgram(), ...args];
const TOKEN = ["auth", "print-access-token", `--impersonate-service-account=${ROBOT}`];

test(measured("the version costs 0.10 s at most"), async () => {
  if (!hasBash) return;
  const version = await cost(iamcredsCommand("--version"));
  expect(version).toBeLessThanOrEqual(0.1);
});

test(measured("a token costs a cold process 0.25 s at most"), async () => {
  if (!hasBash) return;
  expect(await cost(iamcredsCommand(...TOKEN))).toBeLessThanOrEqual(0.25);
});

const isCompared = hasBash && hasGcloud;
test(isCompared
  ? "a token costs a quarter of gcloud's at most"
  : "is not judged beside gcloud: it is not installed", async () => {
  if (!isCompared) return;
  const [found, theirs] = [await cost(iamcredsCommand(...TOKEN)), await cost(["gcloud", ...TOKEN])];
  expect(found / theirs).toBeLessThanOrEqual(0.25);
}, 60_000);
