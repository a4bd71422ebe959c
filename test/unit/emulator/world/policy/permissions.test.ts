// SPDX-License-Identifier: Apache-2.0
// Who may do what, directly and along a delegation chain.

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { IAMCredentialsService as rows } from "../../../../../generated/google/iam/credentials/v1/iamcredentials.js";
import { predefinedRoles } from "../../../../../src/emulator/world/policy/predefined-roles.js";
import type { Refusal } from "../../bare-client.js";
import { ALICE, CLOUD_PLATFORM, FIRST, nameOf, SECOND, TARGET, TOKEN_CREATOR } from "../../stage.js";
import { openUngrantedStage, type UngrantedStage } from "../../ungranted-stage.js";

let stage: UngrantedStage;
beforeEach(async () => {
  stage = await openUngrantedStage();
});
afterEach(() => stage.close());

const denied = (permission: string): Refusal => ({
  code: 7,
  message: `Permission '${permission}' denied on resource (or it may not exist).`,
  info: { reason: "IAM_PERMISSION_DENIED", domain: "iam.googleapis.com", metadata: { permission } },
});
const account = { name: nameOf(TARGET), delegates: [] as string[] };

const methods = {
  "iam.serviceAccounts.getAccessToken": () =>
    stage.client.call(
      rows.generateAccessToken,
      { ...account, scope: [CLOUD_PLATFORM], lifetime: undefined },
      { token: stage.token },
    ),
  "iam.serviceAccounts.getOpenIdToken": () =>
    stage.client.call(rows.generateIdToken, { ...account, audience: "a", includeEmail: false }, { token: stage.token }),
  "iam.serviceAccounts.signBlob": () =>
    stage.client.call(rows.signBlob, { ...account, payload: Buffer.from("x") }, { token: stage.token }),
  "iam.serviceAccounts.signJwt": () =>
    stage.client.call(rows.signJwt, { ...account, payload: "{}" }, { token: stage.token }),
};

describe("each method needs its own permission", () => {
  test.each([...predefinedRoles.keys()])("with %s", async (role) => {
    stage.emulator.addGrant({ member: ALICE, role, serviceAccount: TARGET });
    for (const [permission, call] of Object.entries(methods)) {
      if (predefinedRoles.get(role)?.has(permission)) {
        await expect(call()).resolves.toBeDefined();
      } else {
        await expect(call()).rejects.toMatchObject({ code: 7, details: denied(permission).message });
      }
    }
  });

  test("and says which one is missing", async () => {
    const request = { ...account, payload: Buffer.from("x") };
    expect(await stage.client.refusal(rows.signBlob, request, { token: stage.token })).toEqual(
      denied("iam.serviceAccounts.signBlob"),
    );
  });
});

test("the roles that give tokens are those of Google's documentation", () => {
  const tokenPermissions = /\.(getAccessToken|getOpenIdToken|implicitDelegation|signBlob|signJwt)$/;
  const giving = [...predefinedRoles].map(([role, permissions]) => [
    role.replace("roles/iam.", ""),
    [...permissions].filter((permission) => tokenPermissions.test(permission)).map((text) => text.split(".").at(-1)),
  ]);
  expect(Object.fromEntries(giving)).toEqual({
    serviceAccountTokenCreator: ["getAccessToken", "getOpenIdToken", "implicitDelegation", "signBlob", "signJwt"],
    serviceAccountOpenIdTokenCreator: ["getOpenIdToken"],
    serviceAccountUser: [],
    workloadIdentityUser: ["getAccessToken", "getOpenIdToken"],
    serviceAccountKeyAdmin: [],
    serviceAccountAdmin: [],
    roleAdmin: [],
    roleViewer: [],
    "roles/owner": [],
    "roles/editor": [],
    "roles/viewer": [],
    "roles/browser": [],
    "roles/orgpolicy.policyViewer": [],
    "roles/resourcemanager.projectIamAdmin": [],
    "roles/serviceusage.serviceUsageAdmin": [],
    "roles/serviceusage.serviceUsageConsumer": [],
    "roles/serviceusage.serviceUsageViewer": [],
  });
});

test("the roles of Google's page on authentication as a service account hold these permissions and no other", () => {
  const accounts = (...names: readonly string[]) => names.map((name) => `iam.serviceAccounts.${name}`);
  const keys = ["create", "delete", "disable", "enable", "get", "list"].map((name) => `iam.serviceAccountKeys.${name}`);
  const signing = accounts("signBlob", "signJwt");
  const tokens = accounts("getAccessToken", "getOpenIdToken");
  const reading = accounts("get", "list");
  expect(
    ["TokenCreator", "OpenIdTokenCreator", "User", "KeyAdmin"].map((name) => [
      ...(predefinedRoles.get(`roles/iam.serviceAccount${name}`) ?? []),
    ]),
  ).toEqual([
    [...tokens, ...accounts("implicitDelegation"), ...signing, ...reading],
    accounts("getOpenIdToken"),
    accounts("actAs"),
    keys,
  ]);
  expect([...(predefinedRoles.get("roles/iam.workloadIdentityUser") ?? [])]).toEqual([...tokens, ...reading]);
});

describe("grants", () => {
  const request = { ...account, payload: "{}" };
  const grant = { member: ALICE, role: TOKEN_CREATOR, serviceAccount: TARGET };

  test("hold from the next call on and end with their removal", async () => {
    const remove = stage.emulator.addGrant(grant);
    await expect(stage.client.call(rows.signJwt, request, { token: stage.token })).resolves.toBeDefined();
    remove();
    remove();
    expect(await stage.client.refusal(rows.signJwt, request, { token: stage.token })).toEqual(
      denied("iam.serviceAccounts.signJwt"),
    );
  });

  test("given twice end with the second removal", async () => {
    const removals = [stage.emulator.addGrant(grant), stage.emulator.addGrant(grant)];
    removals[0]?.();
    await expect(stage.client.call(rows.signJwt, request, { token: stage.token })).resolves.toBeDefined();
    removals[1]?.();
    expect(await stage.client.refusal(rows.signJwt, request, { token: stage.token })).toEqual(
      denied("iam.serviceAccounts.signJwt"),
    );
  });

  test("are for one member and one account only", async () => {
    stage.emulator.addGrant({ ...grant, member: "user:bob@example.com" });
    stage.emulator.addGrant({ ...grant, member: `serviceAccount:${FIRST}` });
    stage.emulator.addGrant({ ...grant, serviceAccount: FIRST });
    expect(await stage.client.refusal(rows.signJwt, request, { token: stage.token })).toEqual(
      denied("iam.serviceAccounts.signJwt"),
    );
  });

  test("do not follow an object that is changed afterwards", async () => {
    const changing = { ...grant, member: "user:bob@example.com" };
    stage.emulator.addGrant(changing);
    changing.member = ALICE;
    expect(await stage.client.refusal(rows.signJwt, request, { token: stage.token })).toEqual(
      denied("iam.serviceAccounts.signJwt"),
    );
  });
});

test("an account has no permission on itself unless it was granted", async () => {
  const self = await stage.emulator.accessToken(`serviceAccount:${TARGET}`);
  const request = { ...account, payload: "{}" };
  expect(await stage.client.refusal(rows.signJwt, request, { token: self })).toEqual(
    denied("iam.serviceAccounts.signJwt"),
  );
  stage.emulator.addGrant({ member: `serviceAccount:${TARGET}`, role: TOKEN_CREATOR, serviceAccount: TARGET });
  await expect(stage.client.call(rows.signJwt, request, { token: self })).resolves.toBeDefined();
});

describe("a chain of two delegates", () => {
  const request = { name: nameOf(TARGET), delegates: [nameOf(FIRST), nameOf(SECOND)], payload: Buffer.from("x") };
  const hops = [
    { member: ALICE, role: TOKEN_CREATOR, serviceAccount: FIRST },
    { member: `serviceAccount:${FIRST}`, role: TOKEN_CREATOR, serviceAccount: SECOND },
    { member: `serviceAccount:${SECOND}`, role: TOKEN_CREATOR, serviceAccount: TARGET },
  ];

  test("works with every hop granted", async () => {
    for (const hop of hops) stage.emulator.addGrant(hop);
    await expect(stage.client.call(rows.signBlob, request, { token: stage.token })).resolves.toBeDefined();
  });

  test.each([
    ["the caller on the first delegate", 0, "iam.serviceAccounts.implicitDelegation"],
    ["the first delegate on the second", 1, "iam.serviceAccounts.implicitDelegation"],
    ["the last delegate on the account", 2, "iam.serviceAccounts.signBlob"],
  ])("is denied without the grant of %s", async (_title, missing, permission) => {
    for (const [index, hop] of hops.entries()) if (index !== missing) stage.emulator.addGrant(hop);
    expect(await stage.client.refusal(rows.signBlob, request, { token: stage.token })).toEqual(denied(permission));
  });

  test("is denied in another order", async () => {
    for (const hop of hops) stage.emulator.addGrant(hop);
    const reversed = { ...request, delegates: request.delegates.toReversed() };
    expect(await stage.client.refusal(rows.signBlob, reversed, { token: stage.token })).toEqual(
      denied("iam.serviceAccounts.implicitDelegation"),
    );
  });

  test("is denied when a hop has a role without implicitDelegation", async () => {
    for (const hop of hops) stage.emulator.addGrant({ ...hop, role: "roles/iam.workloadIdentityUser" });
    const tokenRequest = { ...account, delegates: request.delegates, scope: [CLOUD_PLATFORM], lifetime: undefined };
    expect(await stage.client.refusal(rows.generateAccessToken, tokenRequest, { token: stage.token })).toEqual(
      denied("iam.serviceAccounts.implicitDelegation"),
    );
  });

  test("does not give the caller what its last delegate has directly", async () => {
    for (const hop of hops) stage.emulator.addGrant(hop);
    const direct = { ...request, delegates: [] };
    expect(await stage.client.refusal(rows.signBlob, direct, { token: stage.token })).toEqual(
      denied("iam.serviceAccounts.signBlob"),
    );
  });

  test("needs its hops granted even when the owner calls", async () => {
    expect(await stage.client.refusal(rows.signBlob, request, { token: "owner" })).toEqual(
      denied("iam.serviceAccounts.implicitDelegation"),
    );
    for (const hop of hops.slice(1)) stage.emulator.addGrant(hop);
    await expect(stage.client.call(rows.signBlob, request, { token: "owner" })).resolves.toBeDefined();
  });
});
