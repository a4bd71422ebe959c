// SPDX-License-Identifier: Apache-2.0
// The commands about chains, against an emulator.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, startEmulator } from "../../../../../src/emulator/index.js";
import { type CliResult, type CliSurroundings, iamcreds } from "../../../../support/cli.js";

const PROJECT = "my-project";

const DANA = "user:dana@example.com";

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

const file = (name: string): string => join(folder, name);

/** Runs a command against the emulator, as its owner. */
function run(line: string, { variables = {}, ...more }: CliSurroundings = {}): Promise<CliResult> {
  return iamcreds(line.split(" "), {
    variables: { IAM_CREDENTIALS_EMULATOR_HOST: emulator.host, ...variables },
    ...more,
  });
}

async function loginOf(member: string): Promise<Readonly<Record<string, string>>> {
  const path = file(`${member.replace(":", ".")}.json`);
  await emulator.writeCredentialsFile("authorized_user", path, { user: member.slice("user:".length) });
  return { GOOGLE_APPLICATION_CREDENTIALS: path };
}

describe("chains", () => {
  it("are granted hop by hop, and missing ones are named with the command", async () => {
    const chain = `--target ${ROBOT} --delegates ${MIDDLE}`;
    const missing = await run(`check ${chain} --caller ${DANA}`, { variables: await loginOf(DANA) });
    expect([missing.code, missing.stdout]).toEqual([
      5,
      expect.stringContaining(`gcloud iam service-accounts add-iam-policy-binding ${MIDDLE}`),
    ]);
    const granted = await run(`grant --caller ${DANA} ${chain} --wait 0`);
    expect(granted.stdout.match(/^added: /gm)).toHaveLength(2);
    expect(await run(`check ${chain} --caller ${DANA}`, { variables: await loginOf(DANA) })).toMatchObject({ code: 0 });
  });
});
