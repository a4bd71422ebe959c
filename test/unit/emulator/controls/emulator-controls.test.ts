// SPDX-License-Identifier: Apache-2.0
// What tests in the same process do with an emulator, as the console does it.

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { IAMService } from "../../../../generated/google/iam/admin/v1/iam.js";
import { IAMCredentialsService as rows } from "../../../../generated/google/iam/credentials/v1/iamcredentials.js";
import type { EmulatorEventName } from "../../../../src/emulator/index.js";
import { ALICE, FIRST, nameOf, openStage, SECOND, type Stage, TARGET, TOKEN_CREATOR } from "../stage.js";
import { DELEGATION, openUngrantedStage, type UngrantedStage } from "../ungranted-stage.js";

const SIGN_BLOB = "iam.serviceAccounts.signBlob";
const GRANT = { member: ALICE, role: TOKEN_CREATOR, serviceAccount: TARGET };
const sign = { name: nameOf(TARGET), delegates: [], payload: Buffer.from("x") };

let stage: UngrantedStage;
beforeEach(async () => {
  stage = await openUngrantedStage({ policyPropagationMs: 60_000 });
});
afterEach(() => stage.close());

const lastCall = () => stage.emulator.calls().at(-1);

describe("events", () => {
  function record(): readonly EmulatorEventName[] {
    const told: EmulatorEventName[] = [];
    for (const name of ["call", "state", "fault", "clock", "reset"] as const) {
      stage.emulator.on(name, () => void told.push(name));
    }
    return told;
  }

  test.each<[EmulatorEventName, string, (emulator: Stage["emulator"]) => unknown]>([
    ["state", "a grant is added", (emulator) => emulator.addGrant(GRANT)],
    ["state", "an account is disabled", (emulator) => emulator.updateServiceAccount(TARGET, { disabled: true })],
    [
      "state",
      "an account is added",
      (emulator) => emulator.addServiceAccount("new-1@demo-project.iam.gserviceaccount.com"),
    ],
    ["state", "a key is made", (emulator) => emulator.createServiceAccountKey(TARGET)],
    ["state", "a user logs in", (emulator) => emulator.credentialsFile("authorized_user", { user: "a@b.example" })],
    ["state", "a token is revoked", (emulator) => emulator.revokeToken(stage.token)],
    ["state", "it observes only", (emulator) => emulator.setEnforcement("observe")],
    ["state", "a state is imported", (emulator) => emulator.importState({ version: 1 })],
    ["fault", "a fault is added", (emulator) => emulator.addFault({ delayMs: 0 })],
    ["fault", "every fault is removed", (emulator) => emulator.clearFaults()],
    ["clock", "the clock is put ahead", (emulator) => emulator.advanceClock(1000)],
    ["reset", "it is put back", (emulator) => emulator.reset()],
  ])("%s is told when %s", async (name, _, change) => {
    const told = record();
    await change(stage.emulator);
    expect(told).toEqual([name]);
  });

  test("call is told of each call; state, too, where it has changed something, and fault where one struck", async () => {
    const told = record();
    const { client } = stage;
    await client.call(rows.signBlob, sign, { token: "owner" });
    expect(told).toEqual(["call"]);
    await client.call(IAMService.disableServiceAccount, { name: sign.name }, { token: "owner" });
    expect(told).toEqual(["call", "call", "state"]);
    await client.refusal(IAMService.disableServiceAccount, { name: sign.name }, { token: stage.token });
    expect(told.slice(3)).toEqual(["call"]);
    stage.emulator.addFault({ status: { code: "UNAVAILABLE" }, times: 1 });
    await client.refusal(rows.signBlob, sign, { token: "owner" });
    expect(told.slice(4)).toEqual(["fault", "call", "fault"]);
  });
});

describe("calls", () => {
  test("are listed from a number on, the oldest first, and forgotten without a number coming again", async () => {
    const { emulator, client } = stage;
    for (let index = 0; index < 4; index++) await client.call(rows.signBlob, sign, { token: "owner" });
    const ids = (range: Parameters<typeof emulator.calls>[0]) => emulator.calls(range).map(({ id }) => id);
    expect([ids({}), ids({ after: 1 }), ids({ after: 1, limit: 2 }), ids({ after: 4 }), ids({ after: 9 })]).toEqual([
      [1, 2, 3, 4],
      [2, 3, 4],
      [2, 3],
      [],
      [],
    ]);
    emulator.clearCalls();
    expect(ids({})).toEqual([]);
    await client.call(rows.signBlob, sign, { token: "owner" });
    expect([ids({}), ids({ after: 2 })]).toEqual([[5], [5]]);
    expect(() => emulator.calls({ limit: 0 })).toThrow("limit must be an integer of at least 1, not 0");
  });
});

describe("grants", () => {
  test("have a number, by which they are removed", async () => {
    const { emulator, client } = stage;
    const { id } = emulator.addGrant(GRANT);
    await client.call(rows.signBlob, sign, { token: stage.token });
    expect([emulator.removeGrant(id), emulator.removeGrant(id)]).toEqual([true, false]);
    await client.refusal(rows.signBlob, sign, { token: stage.token });
  });

  test("of a policy that was written over the API have numbers, too", async () => {
    const { emulator, client } = stage;
    const bindings = [{ role: TOKEN_CREATOR, members: [ALICE], condition: undefined }];
    const policy = { version: 0, bindings, auditConfigs: [], etag: Buffer.alloc(0) };
    await client.call(
      IAMService.setIamPolicy,
      { resource: sign.name, policy, updateMask: undefined },
      { token: "owner" },
    );
    const [binding] = emulator.policy({ serviceAccount: TARGET }).bindings;
    expect(binding).toEqual({
      id: expect.any(Number),
      role: TOKEN_CREATOR,
      member: ALICE,
      from: "account",
      inEffectAt: expect.any(Date),
    });
    expect(emulator.removeGrant(binding?.id ?? 0)).toBe(true);
    expect(emulator.policy({ serviceAccount: TARGET }).bindings).toEqual([]);
  });

  test("take their time where they are to", async () => {
    const { emulator, client } = stage;
    const { id } = emulator.addGrant(GRANT, { propagate: true });
    await client.refusal(rows.signBlob, sign, { token: stage.token });
    expect(lastCall()?.decision?.[0]?.by?.inEffectAt).toEqual(
      emulator.policy({ serviceAccount: TARGET }).bindings[0]?.inEffectAt,
    );
    stage.advance(60_000);
    await client.call(rows.signBlob, sign, { token: stage.token });
    expect(emulator.policy({ serviceAccount: TARGET }).bindings[0]).not.toHaveProperty("inEffectAt");
    emulator.removeGrant(id, { propagate: true });
    await client.call(rows.signBlob, sign, { token: stage.token });
    stage.advance(60_000);
    await client.refusal(rows.signBlob, sign, { token: stage.token });
  });
});

describe("the policy of an account", () => {
  test("has what it inherits from its project", () => {
    const { emulator } = stage;
    const own = emulator.addGrant(GRANT).id;
    const condition = { expression: "true", title: "always" };
    const inherited = emulator.addGrant({ member: ALICE, role: "roles/viewer", project: "demo-project", condition }).id;
    const { etag, bindings } = emulator.policy({ serviceAccount: TARGET });
    expect(bindings).toMatchObject([
      { id: own, from: "account", role: TOKEN_CREATOR },
      { id: inherited, from: "project", role: "roles/viewer", condition },
    ]);
    emulator.removeGrant(own);
    expect(emulator.policy({ serviceAccount: TARGET }).etag).not.toBe(etag);
    expect(emulator.policy({ project: "demo-project" }).bindings).toHaveLength(1);
    expect(() => emulator.policy({})).toThrow("owner must have either serviceAccount or project");
  });
});

describe("a chain that is explained", () => {
  const chain = { principal: ALICE, delegates: [FIRST, SECOND], serviceAccount: TARGET, permission: SIGN_BLOB };

  test("is decided as a call would be, and nothing is logged", async () => {
    const { emulator, client } = stage;
    emulator.addGrant({ ...GRANT, serviceAccount: FIRST });
    const decision = emulator.explainChain(chain);
    expect(decision.map(({ to, permission, outcome }) => [to, permission, outcome])).toEqual([
      [FIRST, DELEGATION, "granted"],
      [SECOND, DELEGATION, "denied"],
      [TARGET, SIGN_BLOB, "notReached"],
    ]);
    expect(emulator.calls()).toEqual([]);
    await client.refusal(rows.signBlob, { ...sign, delegates: [FIRST, SECOND].map(nameOf) }, { token: stage.token });
    expect(lastCall()?.decision).toEqual(decision);
  });

  test("is told as it is while the emulator observes", () => {
    stage.emulator.setEnforcement("observe");
    expect(stage.emulator.explainChain({ ...chain, delegates: [] })[0]?.outcome).toBe("denied");
    expect(stage.emulator.explainChain({ ...chain, principal: "owner" }).map(({ outcome }) => outcome)).toEqual([
      "granted",
      "denied",
      "notReached",
    ]);
  });

  test("is refused by the name of what is wrong", () => {
    const explain = (wrong: object) => () => stage.emulator.explainChain({ ...chain, ...wrong });
    expect(explain({ permission: "iam.roles.get" })).toThrow("permission must be a permission on service accounts");
    expect(explain({ principal: "alice" })).toThrow("principal must be an IAM member that can call");
    expect(explain({ serviceAccount: "x@demo-project.iam.gserviceaccount.com" })).toThrow(
      "must be that of a service account",
    );
    expect(explain({ account: TARGET })).toThrow("account is not a field of a chain");
  });
});

describe("while the emulator observes", () => {
  beforeEach(() => stage.emulator.setEnforcement("observe"));

  test("a call that lacks permissions passes, and the log says what would have been denied", async () => {
    const { client, emulator } = stage;
    await client.call(rows.signBlob, { ...sign, delegates: [nameOf(FIRST)] }, { token: stage.token });
    expect(lastCall()).toMatchObject({ status: "OK", observed: true, permission: DELEGATION });
    expect(lastCall()?.decision?.map(({ outcome }) => outcome)).toEqual(["denied", "denied"]);
    emulator.addGrant(GRANT);
    await client.call(rows.signBlob, sign, { token: stage.token });
    expect(lastCall()).not.toHaveProperty("observed");
    expect(lastCall()).not.toHaveProperty("permission");
  });

  test("who calls is asked all the same, and TestIamPermissions tells the truth", async () => {
    const { client } = stage;
    expect((await client.refusal(rows.signBlob, sign, { token: "nonsense" })).code).toBe(16);
    const narrow = await stage.emulator.accessToken(ALICE, { scopes: ["email"] });
    expect((await client.refusal(rows.signBlob, sign, { token: narrow })).info?.reason).toBe(
      "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
    );
    const question = { resource: sign.name, permissions: [SIGN_BLOB] };
    expect(await client.call(IAMService.testIamPermissions, question, { token: stage.token })).toEqual({
      permissions: [],
    });
  });

  test("reset puts it back to what the option says, and a seed that says it is kept", async () => {
    const { emulator, client } = stage;
    expect(emulator.exportState().enforcement).toBe("observe");
    emulator.reset();
    expect([emulator.info().enforcement, emulator.exportState().enforcement]).toEqual(["enforce", undefined]);
    await client.refusal(rows.signBlob, sign, { token: stage.token });
    emulator.importState({ version: 1, enforcement: "observe", serviceAccounts: [{ email: TARGET }] });
    await client.call(rows.signBlob, sign, { token: stage.token });
    expect(() => emulator.setEnforcement("off" as never)).toThrow("enforcement must be one of enforce, observe");
  });
});

test("the options enforcement and console are what the emulator starts with", async () => {
  await using open = await openStage({ grants: [], enforcement: "observe", console: false });
  await open.client.call(rows.signBlob, sign, { token: await open.emulator.accessToken(ALICE) });
  expect(open.emulator.info()).toMatchObject({ enforcement: "observe", features: ["owner", "conditions"] });
  expect(open.emulator.consoleUrl).toBeUndefined();
});

describe("a state that is imported", () => {
  test("takes the place of what there is, and accounts that stay keep their ids and signing keys", async () => {
    const { emulator } = stage;
    const before = emulator.addServiceAccount(TARGET);
    const keys = await emulator.serviceAccountKeys(TARGET);
    emulator.addGrant(GRANT);
    const state = emulator.exportState();
    emulator.deleteServiceAccount(FIRST);
    emulator.addGrant({ ...GRANT, role: "roles/iam.serviceAccountUser" });
    emulator.importState(state);
    expect(emulator.exportState()).toEqual(state);
    expect(emulator.addServiceAccount(TARGET).uniqueId).toBe(before.uniqueId);
    expect(await emulator.serviceAccountKeys(TARGET)).toEqual(keys);
  });

  test("changes nothing where something of it is wrong", () => {
    const { emulator } = stage;
    emulator.addGrant(GRANT);
    const state = emulator.exportState();
    const broken = { ...GRANT, role: "projects/demo-project/roles/none" };
    expect(() => emulator.importState({ version: 1, serviceAccounts: [{ email: TARGET }], grants: [broken] })).toThrow(
      "grants[0].role does not exist",
    );
    expect(() => emulator.importState({ version: 2 } as never)).toThrow("seed.version must be 1");
    expect(() => emulator.importState("/etc/passwd" as never)).toThrow("seed must be an object");
    expect(emulator.exportState()).toEqual(state);
  });
});

test("credentials files are given as objects, of every kind that is written", async () => {
  const { emulator } = stage;
  expect(await emulator.credentialsFile("external_account", { subject: "me" })).toMatchObject({
    type: "external_account",
  });
  expect(await emulator.credentialsFile("service_account", { serviceAccount: TARGET })).toMatchObject({
    type: "service_account",
    client_email: TARGET,
  });
  await expect(emulator.credentialsFile("password" as never, {} as never)).rejects.toThrow("kind must be the type");
});

test("faults are listed with their numbers and what is left of them", () => {
  const { emulator } = stage;
  const { id } = emulator.addFault({ delayMs: 1, times: 3 });
  const remove = emulator.addFault({ delayMs: 2 });
  expect(emulator.faults()).toEqual([
    { id, fault: expect.objectContaining({ delayMs: 1 }), remaining: 3 },
    { id: remove.id, fault: expect.objectContaining({ delayMs: 2 }) },
  ]);
  remove();
  expect([emulator.removeFault(id), emulator.removeFault(id)]).toEqual([true, false]);
});
