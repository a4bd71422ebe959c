// SPDX-License-Identifier: Apache-2.0
// How much a cold process of iamcreds costs, in seconds of the processor, which other work on the machine does not change: by itself, and
// beside gcloud where that is installed.

import { execFile, spawnSync } from "node:child_process";
import { builtProgram, variablesOf } from "../../support/cli.js";
import { type GcloudStage, hasGcloud, openGcloudStage } from "../../support/gcloud.js";

const PROJECT = "my-project";
const ROBOT = `robot@${PROJECT}.iam.gserviceaccount.com`;
const DANA = "user:dana@example.com";
const ROUNDS = 5;

let stage: GcloudStage;
beforeAll(async () => {
  const grant = { member: DANA, role: "roles/iam.serviceAccountTokenCreator", serviceAccount: ROBOT };
  stage = await openGcloudStage({ serviceAccounts: [ROBOT], grants: [grant] }, DANA, PROJECT);
});
afterAll(() => stage.close());

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
    execFile("bash", ["-c", script, "bash", ...command], { env: variablesOf(stage.variables) }, (error, _, stderr) => {
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
