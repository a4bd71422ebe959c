// SPDX-License-Identifier: Apache-2.0
// The commands about policies, against an emulator.

import { iamcreds } from "../../../../support/cli.js";
import { type CommandsStage, CREATOR, DANA, openCommandsStage, ROBOT } from "../../../../support/commands-stage.js";

let stage: CommandsStage;
beforeEach(async () => {
  stage = await openCommandsStage();
});
afterEach(() => stage.close());

describe("accounts, keys, policies and roles", () => {
  const accounts = "iam service-accounts";

  it("policies are written whole, and bindings taken away with their conditions", async () => {
    const condition = 'expression=request.time<timestamp("2030-01-01T00:00:00Z"),title=Until,description=a,b';
    const binding = `--member ${DANA} --role ${CREATOR}`;
    const added = await iamcreds(
      [...`${accounts} add-iam-policy-binding ${ROBOT} ${binding}`.split(" "), "--condition", condition],
      {
        variables: { IAM_CREDENTIALS_EMULATOR_HOST: stage.emulator.host },
      },
    );
    expect(JSON.parse(added.stdout).bindings[0].condition).toEqual({
      expression: 'request.time<timestamp("2030-01-01T00:00:00Z")',
      title: "Until",
      description: "a,b",
    });
    const { stdout: policy } = await stage.run(`${accounts} get-iam-policy ${ROBOT}`);
    expect(await stage.run(`${accounts} set-iam-policy ${ROBOT} -`, { input: policy })).toMatchObject({
      code: 0,
      stderr: `Updated IAM policy for serviceAccount [${ROBOT}].\n`,
    });
    const stale = await stage.run(`${accounts} set-iam-policy ${ROBOT} -`, {
      input: policy.replace(/"etag": ".*"/, '"etag": "BwAAAAAAAAA="'),
    });
    expect(stale.code).toBe(6);
    expect(
      JSON.parse((await stage.run(`${accounts} remove-iam-policy-binding ${ROBOT} ${binding} --all`)).stdout).bindings,
    ).toBeUndefined();
  });
});
