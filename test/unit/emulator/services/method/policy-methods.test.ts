// SPDX-License-Identifier: Apache-2.0
// Policies over the admin API: etags, versions, conditions, and that grants and bindings are one thing.

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { IAMCredentialsService as rows } from "../../../../../generated/google/iam/credentials/v1/iamcredentials.js";
import type { Binding, Policy } from "../../../../../generated/google/iam/v1/policy.js";
import { openEmulator } from "../../../../../src/emulator/emulator.js";
import { formatEtag } from "../../../../../src/emulator/world/policy/etag.js";
import {
  installedPeers,
  MissingPeerError,
  type Peers,
} from "../../../../../src/emulator/world/runtime/optional-peer.js";
import { BareClient } from "../../bare-client.js";
import { ALICE, nameOf, TOKEN_CREATOR } from "../../stage.js";
import { ADMIN, admin, BOB, invalid, openRobotStage, PROJECT, type RobotStage } from "../iam-admin/admin-stage.js";

let stage: RobotStage;
beforeEach(async () => {
  stage = await openRobotStage();
});
afterEach(() => stage.close());

const USER = "roles/iam.serviceAccountUser";
const noEtag = Buffer.alloc(0);
const bindingOf = (role: string, members: string[], expression?: string): Binding => ({
  role,
  members,
  condition: expression === undefined ? undefined : { expression, title: "t", description: "", location: "" },
});
const policyOf = (bindings: Binding[], etag: Buffer = noEtag, version = 3): Policy => ({
  version,
  bindings,
  auditConfigs: [],
  etag,
});
const get = (requestedPolicyVersion = 3) =>
  stage.call(admin.getIamPolicy, { resource: stage.robot.name, options: { requestedPolicyVersion } });
const set = (policy: Policy, updateMask?: string[]) =>
  stage.call(admin.setIamPolicy, { resource: stage.robot.name, policy, updateMask });
const refuseSet = (policy: Policy | undefined, updateMask?: string[]) =>
  stage.refusal(admin.setIamPolicy, { resource: stage.robot.name, policy, updateMask });
const signAs = async (member: string) => {
  const request = { name: nameOf(stage.robot.email), delegates: [], payload: "{}" };
  const token = await stage.tokenOf(member);
  return stage.call(rows.signJwt, request, { token }).then(
    () => "signed",
    ({ code }: { code: number }) => code,
  );
};

describe("etags", () => {
  test("a policy that nobody wrote has an etag and nothing else", async () => {
    expect(await get()).toEqual({
      version: 0,
      bindings: [],
      auditConfigs: [],
      etag: Buffer.from("ACAB", "base64"),
    });
  });

  test("change with every write, and the one that was read must still be the current one", async () => {
    const { etag } = await get();
    const first = await set(policyOf([bindingOf(USER, [BOB])], etag));
    expect(first).toEqual({ ...policyOf([bindingOf(USER, [BOB])], first.etag, 1), etag: expect.any(Buffer) });
    expect(first.etag).toHaveLength(8);
    expect(await get()).toEqual(first);
    const refusal = await refuseSet(policyOf([], etag));
    expect(refusal).toEqual({
      code: 10,
      message:
        "There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff. " +
        `The request's ETag '\\000 \\001' did not match the current policy's ETag '${formatEtag(first.etag)}'.`,
      info: null,
    });
    expect(formatEtag(first.etag)).toMatch(/^\\007/);
    expect((await get()).bindings).toHaveLength(1);
    const second = await set(policyOf([], first.etag));
    expect(second.etag.compare(first.etag)).toBe(1);
    expect(second).toMatchObject({ version: 0, bindings: [] });
  });

  test("left out overwrite whatever is there", async () => {
    await set(policyOf([bindingOf(USER, [BOB])]));
    expect((await set(policyOf([bindingOf(USER, [ALICE])]))).bindings).toEqual([bindingOf(USER, [ALICE])]);
  });

  test("change with a grant, too", async () => {
    const { etag } = await get();
    stage.emulator.addGrant({ member: BOB, role: USER, serviceAccount: stage.robot.email });
    expect((await refuseSet(policyOf([], etag))).code).toBe(10);
  });

  test("are spelled with octal escapes", () => {
    const bytes = Buffer.from([0x07, 0x05, 0x41, 0x27, 0x5c, 0x0a, 0xff]);
    expect(formatEtag(bytes)).toBe("\\007\\005A\\'\\\\\\n\\377");
  });
});

describe("grants are bindings", () => {
  test("those of addGrant are in the policy, one binding per role", async () => {
    for (const member of [ALICE, BOB, BOB]) {
      stage.emulator.addGrant({ member, role: USER, serviceAccount: stage.robot.email });
    }
    stage.emulator.addGrant({ member: ALICE, role: TOKEN_CREATOR, serviceAccount: stage.robot.email });
    const { bindings, version } = await get();
    expect(bindings).toEqual([bindingOf(USER, [ALICE, BOB]), bindingOf(TOKEN_CREATOR, [ALICE])]);
    expect(version).toBe(1);
  });

  test("what a policy gives holds, and ends with a policy without it", async () => {
    expect(await signAs(BOB)).toBe(7);
    const { etag } = await set(policyOf([bindingOf(TOKEN_CREATOR, [BOB])]));
    expect(await signAs(BOB)).toBe("signed");
    await set(policyOf([], etag));
    expect(await signAs(BOB)).toBe(7);
  });

  test("a grant that a written policy names again can still be removed, and one that it left out is gone", async () => {
    const removeBob = stage.emulator.addGrant({ member: BOB, role: TOKEN_CREATOR, serviceAccount: stage.robot.email });
    const removeAlice = stage.emulator.addGrant({
      member: ALICE,
      role: TOKEN_CREATOR,
      serviceAccount: stage.robot.email,
    });
    await set(policyOf([bindingOf(TOKEN_CREATOR, [BOB])]));
    expect([await signAs(BOB), await signAs(ALICE)]).toEqual(["signed", 7]);
    removeBob();
    expect(await signAs(BOB)).toBe(7);
    await set(policyOf([bindingOf(TOKEN_CREATOR, [ALICE])]));
    removeAlice();
    expect(await signAs(ALICE)).toBe("signed");
  });

  test("on a project hold for every account in it and for no other", async () => {
    const remove = stage.emulator.addGrant({ member: BOB, role: TOKEN_CREATOR, project: PROJECT });
    expect(await signAs(BOB)).toBe("signed");
    expect((await get()).bindings).toEqual([]);
    remove();
    stage.emulator.addGrant({ member: BOB, role: TOKEN_CREATOR, project: "other-project" });
    expect(await signAs(BOB)).toBe(7);
  });
});

describe("members", () => {
  test.each([
    ["allUsers", BOB],
    ["allAuthenticatedUsers", BOB],
    ["domain:example.com", BOB],
    [BOB, BOB],
  ])("%s stands for %s", async (member, principal) => {
    await set(policyOf([bindingOf(TOKEN_CREATOR, [member])]));
    expect(await signAs(principal)).toBe("signed");
  });

  test.each(["domain:xample.com", "group:bob@example.com", "deleted:user:bob@example.com?uid=1", ALICE])(
    "%s does not stand for bob",
    async (member) => {
      await set(policyOf([bindingOf(TOKEN_CREATOR, [member])]));
      expect(await signAs(BOB)).toBe(7);
    },
  );

  test.each(["bob@example.com", "user:", "user:bob", "robot:x@y.example", "domain:", "principal://", ""])(
    "%j is none",
    async (member) => {
      expect(await refuseSet(policyOf([bindingOf(USER, [member])]))).toEqual({
        code: 3,
        message: `The member ${member} is of an unknown type. Please set a valid type prefix for the member.`,
        info: null,
      });
    },
  );

  test("take any federated principal", async () => {
    const member = "principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/group/g";
    expect((await set(policyOf([bindingOf(USER, [member])]))).bindings[0]?.members).toEqual([member]);
  });

  test("are 1,500 at most", async () => {
    const members = Array.from({ length: 1501 }, (_, n) => `user:u${n}@example.com`);
    expect(await refuseSet(policyOf([bindingOf(USER, members)]))).toMatchObject({ code: 3 });
    await set(policyOf([bindingOf(USER, members.slice(1))]));
  });

  test("are 250 at most among groups and domains", async () => {
    const groups = Array.from({ length: 251 }, (_, n) =>
      n % 2 === 0 ? `group:g${n}@example.com` : `domain:d${n}.example`,
    );
    expect(await refuseSet(policyOf([bindingOf(USER, groups)]))).toMatchObject({ code: 3 });
    await set(policyOf([bindingOf(USER, groups.slice(1))]));
  });
});

test.each(["roles/none", "projects/demo-project/roles/none", "serviceAccountUser", ""])(
  "the role %j can't be granted",
  async (role) => {
    expect(await refuseSet(policyOf([bindingOf(role, [BOB])]))).toEqual({
      code: 3,
      message: `Role ${role} is not supported for this resource.`,
      info: null,
    });
  },
);

describe("versions", () => {
  const isNamed = 'resource.type == "iam.googleapis.com/ServiceAccount"';

  test.each([2, 4, -1])("%d is none", async (version) => {
    expect(await refuseSet(policyOf([], noEtag, version))).toEqual(invalid);
    const request = { resource: stage.robot.name, options: { requestedPolicyVersion: version } };
    expect(await stage.refusal(admin.getIamPolicy, request)).toEqual(invalid);
  });

  test.each([0, 1])("conditions cannot be written in %d", async (version) => {
    expect(await refuseSet(policyOf([bindingOf(USER, [BOB], isNamed)], noEtag, version))).toMatchObject({ code: 3 });
  });

  test.each([0, 1])(
    "conditions are hidden from who asks for %d, and can't be lost by writing that back",
    async (version) => {
      const written = await set(policyOf([bindingOf(USER, [BOB], isNamed), bindingOf(USER, [ALICE])]));
      expect(written.version).toBe(3);
      const old = await get(version);
      expect(old).toEqual({
        ...written,
        version: 1,
        bindings: [
          bindingOf(expect.stringMatching(/^roles\/iam\.serviceAccountUser_withcond_[0-9a-f]{20}$/) as never, [BOB]),
          bindingOf(USER, [ALICE]),
        ],
      });
      expect((await refuseSet(old)).code).toBe(3);
      expect((await refuseSet({ ...old, bindings: [] })).code).toBe(3);
      // Without an etag it is meant.
      expect((await set({ ...old, bindings: [], etag: noEtag })).bindings).toEqual([]);
    },
  );
});

describe("conditions", () => {
  test("hold as long as they are true", async () => {
    const until = new Date(Date.now() + 60_000).toISOString();
    await set(policyOf([bindingOf(TOKEN_CREATOR, [BOB], `request.time < timestamp("${until}")`)]));
    expect(await signAs(BOB)).toBe("signed");
    stage.advance(61_000);
    expect(await signAs(BOB)).toBe(7);
  });

  test.each([
    [`resource.name.endsWith("/serviceAccounts/ID")`, true],
    [`resource.name == "projects/demo-project/serviceAccounts/ID"`, true],
    [`resource.service == "iam.googleapis.com" && resource.type.startsWith("iam.")`, true],
    [`resource.name.extract("projects/{project}/") == "demo-project"`, true],
    [`resource.name.extract("/serviceAccounts/{id}") == "ID"`, true],
    [`resource.name.extract("folders/{folder}/") == ""`, true],
    [`api.getAttribute("iam.googleapis.com/modifiedGrantsByRole", []).size() == 0`, true],
    [`request.time.getFullYear("Europe/Berlin") > 2020`, true],
    [`resource.name.startsWith("organizations/")`, false],
    [`resource.type == "storage.googleapis.com/Bucket"`, false],
  ])("%s: %j", async (expression, holds) => {
    await set(policyOf([bindingOf(TOKEN_CREATOR, [BOB], expression.replace("ID", stage.robot.uniqueId))]));
    expect(await signAs(BOB)).toBe(holds ? "signed" : 7);
  });

  test.each(["", "1 +", "1", '"x"', "user.name == 'x'", "resource.color == 'red'", "resource.name < 1", "f(1)"])(
    "%j is none",
    async (expression) => {
      expect(await refuseSet(policyOf([bindingOf(USER, [BOB], expression)]))).toMatchObject({
        code: 3,
        message: expect.stringMatching(/^Condition expression compilation failed: .+\.$/s),
      });
    },
  );

  test("have 12 logical operators at most, those in texts not counted", async () => {
    const of = (count: number) => new Array(count + 1).fill(`resource.name != "&&||!"`).join(" && ");
    await set(policyOf([bindingOf(USER, [BOB], of(12))]));
    expect(await refuseSet(policyOf([bindingOf(USER, [BOB], of(13))]))).toMatchObject({
      code: 3,
      message: "Condition expression compilation failed: the expression must have at most 12 logical operators.",
    });
  });

  test("are 20 at most for one role and member", async () => {
    const bindings = Array.from({ length: 21 }, (_, n) => bindingOf(USER, [BOB], `resource.name != "${n}"`));
    expect(await refuseSet(policyOf(bindings))).toMatchObject({
      code: 3,
      message: `${BOB} must have ${USER} under at most 20 conditions.`,
    });
    await set(
      policyOf([...bindings.slice(1), bindingOf(USER, [BOB]), bindingOf(USER, [ALICE], `resource.name != "0"`)]),
    );
  });

  test("make bindings of their own, and can be given to addGrant", async () => {
    const condition = { expression: "true", title: "always" };
    const remove = stage.emulator.addGrant({
      member: BOB,
      role: TOKEN_CREATOR,
      serviceAccount: stage.robot.email,
      condition,
    });
    stage.emulator.addGrant({ member: BOB, role: USER, serviceAccount: stage.robot.email });
    expect((await get()).bindings[0]?.condition).toEqual({ ...condition, description: "", location: "" });
    expect((await get()).bindings).toHaveLength(2);
    expect(await signAs(BOB)).toBe("signed");
    remove();
    expect(await signAs(BOB)).toBe(7);
    expect(() =>
      stage.emulator.addGrant({ member: BOB, role: USER, project: PROJECT, condition: { expression: "1 +" } }),
    ).toThrow(/^grant.condition cannot be used: /);
  });

  test("are refused by name without @bufbuild/cel, and everything else works", async () => {
    const peers: Peers = {
      isInstalled: (name) => name !== "@bufbuild/cel" && installedPeers.isInstalled(name),
      load(name) {
        if (name === "@bufbuild/cel") throw new MissingPeerError(name);
        return installedPeers.load(name);
      },
    };
    await using emulator = await openEmulator({ serviceAccounts: [stage.robot.email] }, Date.now, peers);
    const client = new BareClient(emulator.host);
    const write = (expression?: string) => {
      const policy = policyOf([bindingOf(USER, [BOB], expression)]);
      return { resource: stage.robot.name, policy, updateMask: undefined };
    };
    const owner = { token: "owner" };
    const message =
      "The emulator evaluates conditions with @bufbuild/cel. The package @bufbuild/cel is not installed. " +
      "Install it beside iam-credentials-client: npm install @bufbuild/cel";
    expect(await client.refusal(admin.setIamPolicy, write("true"), owner)).toEqual({ code: 12, message, info: null });
    const lint = { fullResourceName: "", condition: bindingOf("", [], "true").condition };
    expect(await client.refusal(admin.lintPolicy, lint, owner)).toEqual({ code: 12, message, info: null });
    await client.call(admin.setIamPolicy, write(), owner);
    const grant = { member: BOB, role: USER, project: PROJECT, condition: { expression: "true" } };
    expect(() => emulator.addGrant(grant)).toThrow("npm install @bufbuild/cel");
    client.close();
  });
});

test("SetIamPolicy writes audit settings only when the mask names them", async () => {
  const auditConfigs = [{ service: "iam.googleapis.com", auditLogConfigs: [{ logType: 1, exemptedMembers: [BOB] }] }];
  await set({ ...policyOf([bindingOf(USER, [BOB])]), auditConfigs });
  expect((await get()).auditConfigs).toEqual([]);
  await set({ ...policyOf([]), auditConfigs }, ["audit_configs"]);
  expect(await get()).toMatchObject({ auditConfigs, bindings: [bindingOf(USER, [BOB])] });
  expect(await refuseSet(policyOf([]), ["colour"])).toEqual(invalid);
  expect(await refuseSet(undefined)).toEqual(invalid);
});

test("with a propagation delay a written policy is read at once and in effect later", async () => {
  await stage.close();
  stage = await openRobotStage({ policyPropagationMs: 300_000 });
  stage.emulator.addGrant({ member: ALICE, role: TOKEN_CREATOR, serviceAccount: stage.robot.email });
  await set(policyOf([bindingOf(TOKEN_CREATOR, [BOB])]));
  expect((await get()).bindings).toEqual([bindingOf(TOKEN_CREATOR, [BOB])]);
  expect([await signAs(ALICE), await signAs(BOB)]).toEqual(["signed", 7]);
  stage.advance(200_000);
  expect([await signAs(ALICE), await signAs(BOB)]).toEqual(["signed", 7]);
  stage.advance(101_000);
  expect([await signAs(ALICE), await signAs(BOB)]).toEqual([7, "signed"]);
});

describe("TestIamPermissions", () => {
  const sign = "iam.serviceAccounts.signJwt";

  test("gives those that the caller has, and needs none itself", async () => {
    stage.emulator.addGrant({ member: BOB, role: TOKEN_CREATOR, serviceAccount: stage.robot.email });
    const test = async (member: string) =>
      (
        await stage.call(
          admin.testIamPermissions,
          { resource: stage.robot.name, permissions: ["iam.serviceAccounts.actAs", sign] },
          { token: await stage.tokenOf(member) },
        )
      ).permissions;
    expect([await test(BOB), await test(ALICE), await test(ADMIN)]).toEqual([[sign], [], []]);
  });

  test("gives none for an account that does not exist, and refuses what is no permission of an account", async () => {
    const ghost = stage.robot.name.replace("robot", "ghost");
    const owner = { token: "owner" };
    const test = (resource: string, permissions: string[]) => ({ resource, permissions });
    expect(await stage.call(admin.testIamPermissions, test(ghost, [sign]), owner)).toEqual({ permissions: [] });
    for (const permission of ["iam.serviceAccounts.*", "iam.roles.get", "storage.buckets.get"]) {
      expect(await stage.refusal(admin.testIamPermissions, test(stage.robot.name, [sign, permission]), owner)).toEqual({
        code: 3,
        message: `Permission ${permission} is not valid for this resource.`,
        info: null,
      });
    }
  });
});
