// SPDX-License-Identifier: Apache-2.0
// Accounts and their keys, as who sets the stage sees and changes them.

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { IAMCredentialsService as rows } from "../../../../generated/google/iam/credentials/v1/iamcredentials.js";
import { ALICE, nameOf, openStage, type Stage, TARGET, TOKEN_CREATOR } from "../stage.js";

const NEW = "new-one@demo-project.iam.gserviceaccount.com";
const DAY_MS = 24 * 60 * 60 * 1000;

let stage: Stage;
beforeEach(async () => {
  stage = await openStage({ serviceAccounts: [TARGET], grants: [] });
});
afterEach(() => stage.close());

describe("accounts", () => {
  test("are told with their texts and how many keys they have", async () => {
    const { emulator } = stage;
    emulator.addServiceAccount(NEW, { displayName: "<img onerror>", description: "new" });
    await emulator.createServiceAccountKey(NEW);
    await emulator.serviceAccountKeys(NEW);
    expect(emulator.accounts()).toEqual([
      expect.objectContaining({ email: TARGET, displayName: "", deleted: false, keys: { user: 0, system: 0 } }),
      {
        email: NEW,
        uniqueId: expect.stringMatching(/^1\d{20}$/),
        projectId: "demo-project",
        displayName: "<img onerror>",
        description: "new",
        disabled: false,
        deleted: false,
        keys: { user: 1, system: 1 },
      },
    ]);
  });

  test("keep their texts when they are added again", () => {
    stage.emulator.addServiceAccount(NEW, { displayName: "first" });
    expect(stage.emulator.addServiceAccount(NEW, { displayName: "second" }).displayName).toBe("first");
  });

  test("that are disabled can't be acted as, and what is not named stays", async () => {
    const { emulator, client } = stage;
    emulator.addGrant({ member: ALICE, role: TOKEN_CREATOR, serviceAccount: TARGET });
    const token = await emulator.accessToken(ALICE);
    const sign = { name: nameOf(TARGET), delegates: [], payload: Buffer.from("x") };
    emulator.updateServiceAccount(TARGET, { displayName: "Target" });
    expect(emulator.updateServiceAccount(TARGET, { disabled: true })).toMatchObject({ displayName: "Target" });
    expect((await client.refusal(rows.signBlob, sign, { token })).message).toBe("Precondition check failed.");
    emulator.updateServiceAccount(TARGET, { disabled: false });
    await client.call(rows.signBlob, sign, { token });
  });

  test("that are deleted come back with what they were granted, for 30 days", () => {
    const { emulator } = stage;
    const member = `serviceAccount:${TARGET}`;
    emulator.addGrant({ member, role: TOKEN_CREATOR, project: "demo-project" });
    emulator.deleteServiceAccount(TARGET);
    expect(emulator.accounts()).toMatchObject([{ email: TARGET, deleted: true }]);
    expect(emulator.policy({ project: "demo-project" }).bindings[0]?.member).toMatch(/^deleted:serviceAccount:/);
    expect(emulator.updateServiceAccount(TARGET, { deleted: false })).toMatchObject({ deleted: false });
    expect(emulator.policy({ project: "demo-project" }).bindings[0]?.member).toBe(member);
    emulator.deleteServiceAccount(TARGET);
    emulator.advanceClock(31 * DAY_MS);
    expect(emulator.accounts()).toEqual([]);
    expect(() => emulator.updateServiceAccount(TARGET, { deleted: false })).toThrow(
      `email must be that of a deleted service account, not ${TARGET}`,
    );
  });

  test("whose name another one has by now don't come back", () => {
    const { emulator } = stage;
    const { uniqueId } = emulator.addServiceAccount(TARGET);
    emulator.deleteServiceAccount(TARGET);
    emulator.addServiceAccount(TARGET);
    expect(() => emulator.updateServiceAccount(uniqueId, { deleted: false })).toThrow(
      `email now belongs to another service account: ${TARGET}`,
    );
  });

  test("are refused by name where they are not there or a field is none", () => {
    const { emulator } = stage;
    expect(() => emulator.deleteServiceAccount(NEW)).toThrow(
      new TypeError(`email must be that of a service account of the emulator, not ${NEW}`),
    );
    expect(() => emulator.updateServiceAccount(TARGET, { disabled: 1 as never })).toThrow(
      "disabled must be a boolean, not 1",
    );
    expect(() => emulator.updateServiceAccount(TARGET, { email: NEW } as never)).toThrow(
      "email is not a field of a service account that can be changed; valid names are displayName, description, disabled, deleted",
    );
    expect(() => emulator.addServiceAccount("x")).toThrow("email must be an e-mail address");
  });
});
