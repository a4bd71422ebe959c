// SPDX-License-Identifier: Apache-2.0
// The commands about chains, against an emulator.

import { type CommandsStage, DANA, MIDDLE, openCommandsStage, ROBOT } from "../../../../support/commands-stage.js";

let stage: CommandsStage;
beforeEach(async () => {
  stage = await openCommandsStage();
});
afterEach(() => stage.close());

describe("chains", () => {
  it("are granted hop by hop, and missing ones are named with the command", async () => {
    const chain = `--target ${ROBOT} --delegates ${MIDDLE}`;
    const missing = await stage.run(`check ${chain} --caller ${DANA}`, { variables: await stage.loginOf(DANA) });
    expect([missing.code, missing.stdout]).toEqual([
      5,
      expect.stringContaining(`gcloud iam service-accounts add-iam-policy-binding ${MIDDLE}`),
    ]);
    const granted = await stage.run(`grant --caller ${DANA} ${chain} --wait 0`);
    expect(granted.stdout.match(/^added: /gm)).toHaveLength(2);
    expect(await stage.run(`check ${chain} --caller ${DANA}`, { variables: await stage.loginOf(DANA) })).toMatchObject({
      code: 0,
    });
  });
});
