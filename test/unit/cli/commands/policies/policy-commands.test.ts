// SPDX-License-Identifier: Apache-2.0
// The commands about policies, against an emulator.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, startEmulator } from "../../../../../src/emulator/index.js";
import { type CliResult, type CliSurroundings, iamcreds } from "../../../../support/cli.js";

const PROJECT = "my-project";

const DANA = "user:dana@example.com";

const [ROBOT, MIDDLE] = ["robot", "middle"].map((id) => `${id}@${PROJECT}.iam.gserviceaccount.com`) as [string, string];

const CREATOR = "roles/iam.serviceAccountTokenCreator";

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
  const accounts = "iam service-accounts";

  it("policies are written whole, and bindings taken away with their conditions", async () => {
    const condition = 'expression=request.time<timestamp("2030-01-01T00:00:00Z"),title=Until,description=a,b';
    const binding = `--member ${DANA} --role ${CREATOR}`;
    const added = await iamcreds(
      [...`${accounts} add-iam-policy-binding ${ROBOT} ${binding}`.split(" "), "--condition", condition],
      {
        variables: { IAM_CREDENTIALS_EMULATOR_HOST: emulator.host },
      },
    );
    expect(JSON.parse(added.stdout).bindings[0].condition).toEqual({
      expression: 'request.time<timestamp("2030-01-01T00:00:00Z")',
      title: "Until",
      description: "a,b",
    });
    const { stdout: policy } = await run(`${accounts} get-iam-policy ${ROBOT}`);
    expect(await run(`${accounts} set-iam-policy ${ROBOT} -`, { input: policy })).toMatchObject({
      code: 0,
      stderr: `Updated IAM policy for serviceAccount [${ROBOT}].\n`,
    });
    const stale = await run(`${accounts} set-iam-policy ${ROBOT} -`, {
      input: policy.replace(/"etag": ".*"/, '"etag": "BwAAAAAAAAA="'),
    });
    expect(stale.code).toBe(6);
    expect(
      JSON.parse((await run(`${accounts} remove-iam-policy-binding ${ROBOT} ${binding} --all`)).stdout).bindings,
    ).toBeUndefined();
  });
});
