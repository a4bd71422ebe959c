// SPDX-License-Identifier: Apache-2.0
// The commands about keys, against an emulator: where private halves go, and where not.

import { readFileSync, statSync } from "node:fs";
import { type CommandsStage, openCommandsStage, ROBOT } from "../../../../../../support/commands-stage.js";

let stage: CommandsStage;
beforeEach(async () => {
  stage = await openCommandsStage();
});
afterEach(() => stage.close());

describe("accounts, keys, policies and roles", () => {
  const accounts = "iam service-accounts";

  it("keys go to a file of mode 0600, never over another, and are never shown", async () => {
    const create = `${accounts} keys create ${stage.file("key.json")} --iam-account ${ROBOT}`;
    const made = await stage.run(create);
    expect(made.stderr).toMatch(
      /^created key \[[0-9a-f]{40}\] of type \[json\] as \[\S+key\.json\] for \[robot@\S+\]\n$/,
    );
    expect(made.stdout).toBe(`${stage.file("key.json")}\n`);
    expect(statSync(stage.file("key.json")).mode & 0o777).toBe(0o600);
    const before = readFileSync(stage.file("key.json"), "utf8");
    expect((await stage.run(create)).code).toBe(2);
    expect(readFileSync(stage.file("key.json"), "utf8")).toBe(before);
    expect((await stage.run(`${create} --overwrite --format json`)).stdout).not.toContain("PRIVATE");
    const shown = await stage.run(`${accounts} keys create - --iam-account ${ROBOT}`, { columns: 80 });
    expect([shown.code, shown.stdout]).toEqual([2, ""]);
    expect((await stage.run(`${accounts} keys report --iam-account ${ROBOT}`)).stdout).toMatch(
      /^2 of 10 user-managed keys/,
    );
    const id = JSON.parse(before).private_key_id;
    expect((await stage.run(`${accounts} keys get-public-key ${id} --iam-account ${ROBOT}`)).stdout).toMatch(
      /^-----BEGIN CERTIFICATE-----/,
    );
    expect((await stage.run(`${accounts} keys disable ${id} --iam-account ${ROBOT}`)).code).toBe(0);
    expect((await stage.run(`${accounts} keys delete ${id} --iam-account ${ROBOT} --quiet`)).code).toBe(0);
    expect(
      (await stage.run(`${accounts} keys list --iam-account ${ROBOT} --managed-by user --format value(keyId)`)).stdout,
    ).not.toContain(id);
  });
});
