// SPDX-License-Identifier: Apache-2.0
// The commands about keys, against an emulator: where private halves go, and where not.

import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, startEmulator } from "../../../../../../../src/emulator/index.js";
import { type CliResult, type CliSurroundings, iamcreds } from "../../../../../../support/cli.js";

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

const file = (name: string): string => join(folder, name);

/** Runs a command against the emulator, as its owner. */
function run(line: string, { variables = {}, ...more }: CliSurroundings = {}): Promise<CliResult> {
  return iamcreds(line.split(" "), {
    variables: { IAM_CREDENTIALS_EMULATOR_HOST: emulator.host, ...variables },
    ...more,
  });
}

describe("accounts, keys, policies and roles", () => {
  const accounts = "iam service-accounts";

  it("keys go to a file of mode 0600, never over another, and are never shown", async () => {
    const create = `${accounts} keys create ${file("key.json")} --iam-account ${ROBOT}`;
    const made = await run(create);
    expect(made.stderr).toMatch(
      /^created key \[[0-9a-f]{40}\] of type \[json\] as \[\S+key\.json\] for \[robot@\S+\]\n$/,
    );
    expect(made.stdout).toBe(`${file("key.json")}\n`);
    expect(statSync(file("key.json")).mode & 0o777).toBe(0o600);
    const before = readFileSync(file("key.json"), "utf8");
    expect((await run(create)).code).toBe(2);
    expect(readFileSync(file("key.json"), "utf8")).toBe(before);
    expect((await run(`${create} --overwrite --format json`)).stdout).not.toContain("PRIVATE");
    const shown = await run(`${accounts} keys create - --iam-account ${ROBOT}`, { columns: 80 });
    expect([shown.code, shown.stdout]).toEqual([2, ""]);
    expect((await run(`${accounts} keys report --iam-account ${ROBOT}`)).stdout).toMatch(/^2 of 10 user-managed keys/);
    const id = JSON.parse(before).private_key_id;
    expect((await run(`${accounts} keys get-public-key ${id} --iam-account ${ROBOT}`)).stdout).toMatch(
      /^-----BEGIN CERTIFICATE-----/,
    );
    expect((await run(`${accounts} keys disable ${id} --iam-account ${ROBOT}`)).code).toBe(0);
    expect((await run(`${accounts} keys delete ${id} --iam-account ${ROBOT} --quiet`)).code).toBe(0);
    expect(
      (await run(`${accounts} keys list --iam-account ${ROBOT} --managed-by user --format value(keyId)`)).stdout,
    ).not.toContain(id);
  });
});
