// SPDX-License-Identifier: Apache-2.0
// The commands about roles, against an emulator.

import { type CommandsStage, openCommandsStage, PROJECT } from "../../../../support/commands-stage.js";

let stage: CommandsStage;
beforeEach(async () => {
  stage = await openCommandsStage();
});
afterEach(() => stage.close());

describe("accounts, keys, policies and roles", () => {
  it("roles are made, changed, deleted and brought back", async () => {
    const own = `--project ${PROJECT}`;
    expect(
      (await stage.run(`iam roles create mine ${own} --title Mine --permissions iam.roles.get,iam.roles.list`)).code,
    ).toBe(0);
    const changed = await stage.run(
      `iam roles update mine ${own} --add-permissions iam.roles.create --remove-permissions iam.roles.get --format value(includedPermissions)`,
    );
    expect(changed.stdout.trim().split(";").sort()).toEqual(["iam.roles.create", "iam.roles.list"]);
    expect((await stage.run(`iam roles delete mine ${own} --format value(deleted)`)).stdout).toBe("true\n");
    expect((await stage.run(`iam roles undelete mine ${own}`)).code).toBe(0);
    expect((await stage.run(`iam roles list ${own}`)).stdout).toMatch(
      /^NAME +TITLE +STAGE +DELETED\nprojects\/my-project\/roles\/mine +Mine/,
    );
    expect(
      (await stage.run("iam roles describe roles/iam.serviceAccountTokenCreator --format value(stage)")).stdout,
    ).toBe("GA\n");
  });
});
