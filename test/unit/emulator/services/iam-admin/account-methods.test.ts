// SPDX-License-Identifier: Apache-2.0
// Service accounts over the admin API: from creation to the day on which a deleted one can't come back.

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { IAMCredentialsService as rows } from "../../../../../generated/google/iam/credentials/v1/iamcredentials.js";
import { ALICE, CLOUD_PLATFORM, nameOf, TOKEN_CREATOR } from "../../stage.js";
import {
  type AdminStage,
  accountName,
  admin,
  BOB,
  denied,
  invalid,
  openAdminStage,
  PROJECT,
  unknownAccount,
} from "./admin-stage.js";

const DAY_MS = 24 * 60 * 60 * 1000;
const project = `projects/${PROJECT}`;
const ROBOT = "robot-1@demo-project.iam.gserviceaccount.com";

let stage: AdminStage;
beforeEach(async () => {
  stage = await openAdminStage();
});
afterEach(() => stage.close());

const emptyAccount = {
  name: "",
  projectId: "",
  uniqueId: "",
  email: "",
  displayName: "",
  etag: Buffer.alloc(0),
  description: "",
  oauth2ClientId: "",
  disabled: false,
};

describe("CreateServiceAccount", () => {
  test("makes an account with an e-mail, a unique id and the texts that it was given", async () => {
    const created = await stage.call(admin.createServiceAccount, {
      name: project,
      accountId: "robot-1",
      serviceAccount: { ...emptyAccount, displayName: "Robot", description: "signs", email: "ignored@x.example" },
    });
    expect(created).toEqual({
      name: accountName(ROBOT),
      projectId: PROJECT,
      uniqueId: expect.stringMatching(/^1\d{20}$/),
      email: ROBOT,
      displayName: "Robot",
      etag: Buffer.from("MDEwMjE5MjA=", "base64"),
      description: "signs",
      oauth2ClientId: created.uniqueId,
      disabled: false,
    });
    expect(await stage.call(admin.getServiceAccount, { name: accountName(created.uniqueId) })).toEqual(created);
    expect(stage.emulator.addServiceAccount(ROBOT)).toMatchObject({ email: ROBOT, uniqueId: created.uniqueId });
  });

  test("puts the project of a domain into the e-mail in its own order", async () => {
    const request = { name: "projects/example.com:project-7", accountId: "robot-1", serviceAccount: undefined };
    const { email, projectId } = await stage.call(admin.createServiceAccount, request, { token: "owner" });
    expect([email, projectId]).toEqual([
      "robot-1@project-7.example.com.iam.gserviceaccount.com",
      "example.com:project-7",
    ]);
  });

  test.each(["robot-", "1robots", "Robot-1", "robot_1", "robot.1"])("refuses the account id %j", async (accountId) => {
    const request = { name: project, accountId, serviceAccount: undefined };
    expect(await stage.refusal(admin.createServiceAccount, request)).toEqual(invalid);
  });

  test.each(["", "robot", "r".repeat(31)])(
    "refuses the account id %j, which has the wrong length",
    async (accountId) => {
      expect(
        await stage.refusal(admin.createServiceAccount, { name: project, accountId, serviceAccount: undefined }),
      ).toEqual({
        code: 3,
        message: `The account ID "${accountId}" does not have a length between 6 and 30.`,
        info: null,
      });
    },
  );

  test.each([6, 30])("takes an account id of %d characters", async (length) => {
    expect((await stage.create("r".repeat(length))).email).toMatch(/^r+@demo-project\./);
  });

  test("refuses a display name of 101 bytes and a description of 257", async () => {
    const create = (texts: object) =>
      stage.refusal(admin.createServiceAccount, {
        name: project,
        accountId: "robot-1",
        serviceAccount: { ...emptyAccount, ...texts },
      });
    expect(await create({ displayName: `${"ä".repeat(50)}x` })).toEqual(invalid);
    expect(await create({ description: "x".repeat(257) })).toEqual(invalid);
  });

  test("refuses a name that is taken", async () => {
    await stage.create("robot-1");
    const request = { name: project, accountId: "robot-1", serviceAccount: undefined };
    expect(await stage.refusal(admin.createServiceAccount, request)).toEqual({
      code: 6,
      message: "Service account robot-1 already exists within project projects/demo-project.",
      info: null,
    });
  });

  test.each(["", "projects/", "projects/-", "demo-project", "projects/demo-project/", "projects/Demo"])(
    "refuses the project %j",
    async (name) => {
      const request = { name, accountId: "robot-1", serviceAccount: undefined };
      expect(await stage.refusal(admin.createServiceAccount, request)).toEqual(invalid);
    },
  );
});

test("ListServiceAccounts gives pages of 20 by default and of 100 at most, of one project", async () => {
  for (let n = 100; n < 225; n++) stage.emulator.addServiceAccount(`robot-${n}@demo-project.iam.gserviceaccount.com`);
  stage.emulator.addServiceAccount("robot-1@other-project.iam.gserviceaccount.com");
  const list = (pageSize: number, pageToken: string) =>
    stage.call(admin.listServiceAccounts, { name: project, pageSize, pageToken });
  expect((await list(0, "")).accounts).toHaveLength(20);
  const first = await list(1000, "");
  expect(first.accounts).toHaveLength(100);
  // What is deleted between two pages moves nothing.
  await stage.call(admin.deleteServiceAccount, { name: first.accounts[0]?.name ?? "" });
  const second = await list(1000, first.nextPageToken);
  expect(second.nextPageToken).toBe("");
  const ids = [...first.accounts, ...second.accounts].map(({ email }) => Number(/^robot-(\d+)@/.exec(email)?.[1]));
  expect(ids).toEqual(Array.from({ length: 125 }, (_, n) => 100 + n));

  const refuse = (pageSize: number, pageToken: string) =>
    stage.refusal(admin.listServiceAccounts, { name: project, pageSize, pageToken });
  expect(await refuse(-1, "")).toEqual(invalid);
  expect(await refuse(0, "x")).toEqual(invalid);
  const other = { name: "projects/other-project", pageSize: 1, pageToken: first.nextPageToken };
  expect(await stage.refusal(admin.listServiceAccounts, other, { token: "owner" })).toEqual(invalid);
});

describe("writing", () => {
  test("PatchServiceAccount writes what the mask names, or without one what is not empty", async () => {
    const { name } = await stage.create("robot-1");
    const patch = (fields: object, updateMask: string[] | undefined) =>
      stage.call(admin.patchServiceAccount, { serviceAccount: { ...emptyAccount, name, ...fields }, updateMask });
    expect(await patch({ displayName: "A", description: "B" }, ["description"])).toMatchObject({
      displayName: "",
      description: "B",
    });
    expect(await patch({ displayName: "C" }, undefined)).toMatchObject({ displayName: "C", description: "B" });
    expect(await patch({}, ["display_name", "description"])).toMatchObject({ displayName: "", description: "" });
    const request = { serviceAccount: { ...emptyAccount, name }, updateMask: ["email"] };
    expect(await stage.refusal(admin.patchServiceAccount, request)).toEqual(invalid);
    expect(await stage.refusal(admin.patchServiceAccount, { ...request, serviceAccount: undefined })).toEqual(invalid);
  });

  test("UpdateServiceAccount writes the display name, empty or not", async () => {
    const { name } = await stage.create("robot-1");
    const update = (displayName: string) =>
      stage.call(admin.updateServiceAccount, { ...emptyAccount, name, displayName, description: "no" });
    expect(await update("A")).toMatchObject({ displayName: "A", description: "" });
    expect(await update("")).toMatchObject({ displayName: "" });
  });
});

test("accounts, their keys and policies are found by the number of their project, and named by its id", async () => {
  const byNumber = "projects/42";
  await using other = await openAdminStage({ projects: [{ id: PROJECT, number: "42" }] });
  const create = { name: byNumber, accountId: "robot-1", serviceAccount: undefined };
  const { name, email, uniqueId } = await other.call(admin.createServiceAccount, create);
  expect(name).toBe(accountName(email));
  const numbered = `${byNumber}/serviceAccounts/${email}`;
  const list = { name: byNumber, pageSize: 0, pageToken: "" };
  expect((await other.call(admin.listServiceAccounts, list)).accounts.map((each) => each.name)).toEqual([name]);
  expect((await other.call(admin.getServiceAccount, { name: numbered })).name).toBe(name);
  const keys = { name: numbered, keyTypes: [] };
  const [key] = (await other.call(admin.listServiceAccountKeys, keys)).keys;
  expect(key?.name.startsWith(`${name}/keys/`)).toBe(true);
  expect((await other.call(admin.getIamPolicy, { resource: numbered, options: undefined })).bindings).toEqual([]);
  const elsewhere = { name: `projects/99/serviceAccounts/${email}` };
  expect(await other.refusal(admin.getServiceAccount, elsewhere)).toEqual(denied("iam.serviceAccounts.get"));
  await other.call(admin.deleteServiceAccount, { name: numbered });
  const undelete = { name: `${byNumber}/serviceAccounts/${uniqueId}` };
  const { restoredAccount } = await other.call(admin.undeleteServiceAccount, undelete);
  expect(restoredAccount?.name).toBe(name);
});

describe("an account that does not exist", () => {
  const ghost = "ghost-1@demo-project.iam.gserviceaccount.com";
  const get = (name: string, token: string) => stage.refusal(admin.getServiceAccount, { name }, { token });

  test("is not found by its project's id, and hidden behind a dash, even from the owner", async () => {
    expect(await get(accountName(ghost), "owner")).toEqual(unknownAccount);
    expect(await get(nameOf(ghost), "owner")).toEqual(denied("iam.serviceAccounts.get"));
  });

  test("is hidden from whoever may not read the project's accounts", async () => {
    expect(await get(accountName(ghost), await stage.tokenOf(BOB))).toEqual(denied("iam.serviceAccounts.get"));
  });

  test("is so in another project, too", async () => {
    const { email } = await stage.create("robot-1");
    expect(await get(`projects/other-project/serviceAccounts/${email}`, "owner")).toEqual(unknownAccount);
    await expect(
      stage.call(admin.getServiceAccount, { name: nameOf(email) }, { token: "owner" }),
    ).resolves.toMatchObject({ email });
  });

  test.each([
    ["notFound", unknownAccount, "Not found; Gaia id not found for email ghost-1@demo-project.iam.gserviceaccount.com"],
    ["permissionDenied", denied("iam.serviceAccounts.get"), denied("iam.serviceAccounts.signJwt").message],
  ] as const)("is %s by both APIs when the switch says so", async (missingAccounts, refusal, message) => {
    await using other = await openAdminStage({ missingAccounts });
    const owner = { token: "owner" };
    for (const name of [nameOf(ghost), accountName(ghost)]) {
      expect(await other.refusal(admin.getServiceAccount, { name }, owner)).toEqual(refusal);
    }
    const request = { name: nameOf(ghost), delegates: [], payload: "{}" };
    expect((await other.refusal(rows.signJwt, request, owner)).message).toBe(message);
  });
});

describe("a disabled account", () => {
  test("has its tokens refused until it is enabled", async () => {
    const { email, name } = await stage.create("robot-1");
    const token = await stage.tokenOf(`serviceAccount:${email}`);
    stage.emulator.addGrant({ member: `serviceAccount:${email}`, role: "roles/viewer", project: PROJECT });
    await stage.call(admin.getServiceAccount, { name }, { token });
    await stage.call(admin.disableServiceAccount, { name });
    expect(await stage.refusal(admin.getServiceAccount, { name }, { token })).toEqual({
      code: 16,
      message: expect.stringMatching(/^Request had invalid authentication credentials\. /),
      info: {
        reason: "ACCOUNT_STATE_INVALID",
        domain: "googleapis.com",
        metadata: { method: "google.iam.admin.v1.IAM.GetServiceAccount", service: "iam.googleapis.com", email },
      },
    });
    expect(await stage.call(admin.getServiceAccount, { name })).toMatchObject({ disabled: true });
    await stage.call(admin.enableServiceAccount, { name });
    expect(await stage.call(admin.getServiceAccount, { name }, { token })).toMatchObject({ disabled: false });
  });

  test("gives no tokens or signatures, neither as target nor as delegate", async () => {
    const [robot, hop] = [await stage.create("robot-1"), await stage.create("robot-2")];
    for (const { email } of [robot, hop]) {
      stage.emulator.addGrant({ member: ALICE, role: TOKEN_CREATOR, serviceAccount: email });
    }
    stage.emulator.addGrant({
      member: `serviceAccount:${hop.email}`,
      role: TOKEN_CREATOR,
      serviceAccount: robot.email,
    });
    const token = await stage.tokenOf(ALICE);
    await stage.call(admin.disableServiceAccount, { name: hop.name });
    const refused = { code: 9, message: "Precondition check failed.", info: null };
    const request = { name: nameOf(robot.email), delegates: [nameOf(hop.email)], payload: "{}" };
    expect(await stage.refusal(rows.signJwt, request, { token })).toEqual(refused);
    expect(
      await stage.refusal(rows.signJwt, { ...request, name: nameOf(hop.email), delegates: [] }, { token }),
    ).toEqual(refused);
    expect(await stage.refusal(admin.signJwt, { name: hop.name, payload: "{}" }, { token })).toEqual(refused);
    await expect(stage.call(rows.signJwt, { ...request, delegates: [] }, { token })).resolves.toBeDefined();
  });
});

describe("a deleted account", () => {
  const generate = (email: string, token: string) => {
    const request = { name: nameOf(email), delegates: [], scope: [CLOUD_PLATFORM], lifetime: undefined };
    return stage.call(rows.generateAccessToken, request, { token });
  };

  test("is gone with its tokens and keys, and comes back with its policy within 30 days", async () => {
    const { email, name, uniqueId } = await stage.create("robot-1");
    stage.emulator.addGrant({ member: ALICE, role: TOKEN_CREATOR, serviceAccount: email });
    const { accessToken } = await generate(email, await stage.tokenOf(ALICE));
    await stage.call(admin.deleteServiceAccount, { name });
    expect(await stage.refusal(admin.getServiceAccount, { name })).toEqual(unknownAccount);
    expect(await stage.refusal(admin.getServiceAccount, { name }, { token: accessToken })).toMatchObject({
      code: 16,
      info: { reason: "ACCOUNT_STATE_INVALID" },
    });
    expect((await fetch(`${stage.emulator.url}/service_accounts/v1/metadata/jwk/${email}`)).status).toBe(404);

    stage.advance(30 * DAY_MS - 60_000);
    const undelete = { name: `projects/-/serviceAccounts/${uniqueId}` };
    const { restoredAccount } = await stage.client.call(admin.undeleteServiceAccount, undelete, { token: "owner" });
    expect(restoredAccount).toMatchObject({ email, uniqueId, disabled: false });
    await expect(generate(email, await stage.tokenOf(ALICE))).resolves.toBeDefined();
  });

  test("can't come back after 30 days", async () => {
    const { name, uniqueId } = await stage.create("robot-1");
    await stage.call(admin.deleteServiceAccount, { name });
    stage.advance(30 * DAY_MS);
    const refusal = await stage.refusal(
      admin.undeleteServiceAccount,
      { name: accountName(uniqueId) },
      { token: "owner" },
    );
    expect(refusal).toEqual(unknownAccount);
  });

  test("leaves its name to a new account that inherits nothing: no token, grant or policy", async () => {
    const { email, name, uniqueId } = await stage.create("robot-1");
    const member = `serviceAccount:${email}`;
    const token = await stage.tokenOf(member);
    stage.emulator.addGrant({ member, role: "roles/viewer", project: PROJECT });
    stage.emulator.addGrant({ member: ALICE, role: TOKEN_CREATOR, serviceAccount: email });
    await stage.call(admin.deleteServiceAccount, { name });
    const second = await stage.create("robot-1");
    expect(second.uniqueId).not.toBe(uniqueId);
    expect((await stage.refusal(admin.getServiceAccount, { name }, { token })).code).toBe(16);
    const fresh = { token: await stage.tokenOf(member) };
    expect(await stage.refusal(admin.getServiceAccount, { name }, fresh)).toEqual(denied("iam.serviceAccounts.get"));
    await expect(generate(email, await stage.tokenOf(ALICE))).rejects.toMatchObject({ code: 7 });
    expect(await stage.refusal(admin.undeleteServiceAccount, { name: accountName(uniqueId) })).toEqual({
      code: 6,
      message: `Service account ${email} already exists.`,
      info: null,
    });
  });
});

test("every method needs its own permission", async () => {
  const { email, name } = await stage.create("robot-1");
  const token = await stage.tokenOf(BOB);
  const account = { ...emptyAccount, name };
  const refusals = [
    [await stage.refusal(admin.listServiceAccounts, { name: project, pageSize: 0, pageToken: "" }, { token }), "list"],
    [await stage.refusal(admin.getServiceAccount, { name }, { token }), "get"],
    [
      await stage.refusal(
        admin.createServiceAccount,
        { name: project, accountId: "robot-2", serviceAccount: undefined },
        { token },
      ),
      "create",
    ],
    [await stage.refusal(admin.updateServiceAccount, account, { token }), "update"],
    [
      await stage.refusal(admin.patchServiceAccount, { serviceAccount: account, updateMask: undefined }, { token }),
      "update",
    ],
    [await stage.refusal(admin.deleteServiceAccount, { name }, { token }), "delete"],
    [await stage.refusal(admin.undeleteServiceAccount, { name }, { token }), "undelete"],
    [await stage.refusal(admin.enableServiceAccount, { name }, { token }), "enable"],
    [await stage.refusal(admin.disableServiceAccount, { name }, { token }), "disable"],
    [await stage.refusal(admin.getIamPolicy, { resource: name, options: undefined }, { token }), "getIamPolicy"],
    [
      await stage.refusal(
        admin.setIamPolicy,
        {
          resource: name,
          policy: { version: 0, bindings: [], auditConfigs: [], etag: Buffer.alloc(0) },
          updateMask: undefined,
        },
        { token },
      ),
      "setIamPolicy",
    ],
    [await stage.refusal(admin.signBlob, { name, bytesToSign: Buffer.of(1) }, { token }), "signBlob"],
    [await stage.refusal(admin.signJwt, { name, payload: "{}" }, { token }), "signJwt"],
  ] as const;
  for (const [refusal, permission] of refusals) {
    expect(refusal).toEqual(denied(`iam.serviceAccounts.${permission}`));
  }
  expect(
    new Set(
      stage.emulator
        .calls()
        .slice(-12)
        .map((call) => call.serviceAccount),
    ),
  ).toContain(email);
});
