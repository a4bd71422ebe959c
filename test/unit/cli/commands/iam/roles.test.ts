// SPDX-License-Identifier: Apache-2.0
// The commands about roles, against an emulator.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, startEmulator } from "../../../../../src/emulator/index.js";
import { type CliResult, type CliSurroundings, iamcreds } from "../../../../support/cli.js";

const PROJECT = "my-project";

const [ROBOT, MIDDLE] = ["robot", "middle"].map((id) => `${id}@${PROJECT}.iam.gserviceaccount.com`) as [string, string];

let emulator: Emulator;

let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "commands-"));
  emulator = await startEmulator({ serviceAccounts: [ROBOT, MIDDLE] });
});

afterEach(async () => {
  await emulator.close();
  rmSync(folder, { recursive: true });
});

/** Runs a command against the emulator, as its owner. */
function run(line: string, { variables = {}, ...more }: CliSurroundings = {}): Promise<CliResult> {
  return iamcreds(line.split(" "), {
    variables: { IAM_CREDENTIALS_EMULATOR_HOST: emulator.host, ...variables },
    ...more,
  });
}

describe("accounts, keys, policies and roles", () => {
  it("roles are made, changed, deleted and brought back", async () => {
    const own = `--project ${PROJECT}`;
    expect(
      (await run(`iam roles create mine ${own} --title Mine --permissions iam.roles.get,iam.roles.list`)).code,
    ).toBe(0);
    const changed = await run(
      `iam roles update mine ${own} --add-permissions iam.roles.create --remove-permissions iam.roles.get --format value(includedPermissions)`,
    );
    expect(changed.stdout.trim().split(";").sort()).toEqual(["iam.roles.create", "iam.roles.list"]);
    expect((await run(`iam roles delete mine ${own} --format value(deleted)`)).stdout).toBe("true\n");
    expect((await run(`iam roles undelete mine ${own}`)).code).toBe(0);
    expect((await run(`iam roles list ${own}`)).stdout).toMatch(
      /^NAME +TITLE +STAGE +DELETED\nprojects\/my-project\/roles\/mine +Mine/,
    );
    expect((await run("iam roles describe roles/iam.serviceAccountTokenCreator --format value(stage)")).stdout).toBe(
      "GA\n",
    );
  });
});
