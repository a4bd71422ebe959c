// SPDX-License-Identifier: Apache-2.0
// Keys of accounts, as who sets the stage sees and changes them.

import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { openStage, type Stage, TARGET } from "../stage.js";

let stage: Stage;
beforeEach(async () => {
  stage = await openStage({ serviceAccounts: [TARGET], grants: [] });
});
afterEach(() => stage.close());

test("keys are listed with the one that signs, and change one by one", async () => {
  const { emulator } = stage;
  const { private_key_id: id } = await emulator.createServiceAccountKey(TARGET);
  expect(await emulator.serviceAccountKeys(TARGET)).toEqual([
    expect.objectContaining({ type: "SYSTEM_MANAGED", disabled: false }),
    { id, type: "USER_MANAGED", validAfter: expect.any(Date), validBefore: expect.any(Date), disabled: false },
  ]);
  expect(emulator.updateServiceAccountKey(TARGET, id, { disabled: true })).toMatchObject({ id, disabled: true });
  expect(emulator.exportState().serviceAccounts?.[0]?.keys?.[0]?.disabled).toBe(true);
  emulator.deleteServiceAccountKey(TARGET, id);
  expect(() => emulator.deleteServiceAccountKey(TARGET, id)).toThrow(
    new TypeError(`keyId must be that of a user-managed key of ${TARGET}, not ${id}`),
  );
  expect(await emulator.serviceAccountKeys(TARGET)).toHaveLength(1);
});

test("an account has ten keys at most, as its seed does", async () => {
  const { emulator } = stage;
  const made = Array.from({ length: 11 }, () => emulator.createServiceAccountKey(TARGET));
  const ended = await Promise.allSettled(made);
  expect(ended.filter(({ status }) => status === "rejected")).toEqual([
    expect.objectContaining({
      reason: new TypeError(`email has 10 user-managed keys, which is the maximum: delete a key of ${TARGET} first`),
    }),
  ]);
  emulator.importState(emulator.exportState());
});

test("the moment at which the first key stops signing is told once there is one", async () => {
  const { emulator } = stage;
  expect(emulator.info().nextRotationAt).toBeUndefined();
  await emulator.serviceAccountKeys(TARGET);
  const { now, nextRotationAt = now } = emulator.info();
  const [before] = await emulator.serviceAccountKeys(TARGET);
  emulator.advanceClock(nextRotationAt.getTime() - now.getTime() + 1000);
  const [after] = await emulator.serviceAccountKeys(TARGET);
  expect(after?.id).not.toBe(before?.id);
});
