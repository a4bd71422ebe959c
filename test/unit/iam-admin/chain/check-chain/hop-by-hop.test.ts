// SPDX-License-Identifier: Apache-2.0
// Delegation chains checked hop by hop against the emulator.

import { inspect } from "node:util";
import { IAMCredentialsAsyncClient, RequestError } from "../../../../../src/index.js";
import {
  BUILD,
  CHAIN,
  DANA,
  type GrantStage,
  nameOf,
  OPEN_ID_CREATOR,
  openGrantStage,
  RELEASE,
  ROBOT,
  statesOf,
  TOKEN_CREATOR,
} from "../../../../support/grant-stage.js";
import { rejectionOf, rpcErrorOf } from "../../../../support/rejection-of.js";
import { plantSecret } from "../../../../support/secrets.js";

const DELEGATION = "iam.serviceAccounts.implicitDelegation";
const LINK = "projects/stage-project/roles/link";

const allowChain = (stage: GrantStage) => [
  stage.allow(DANA, BUILD),
  stage.allow(`serviceAccount:${BUILD}`, RELEASE),
  stage.allow(`serviceAccount:${RELEASE}`, ROBOT),
];

describe.each(["grpc", "rest"] as const)("over %s", (transport) => {
  describe("checkChain", () => {
    test("finds a whole chain granted by asking in the name of each", async () => {
      await using stage = await openGrantStage(transport);
      allowChain(stage);
      const report = await stage.client(DANA).checkChain({ ...CHAIN, caller: DANA });
      expect(report.isGranted).toBe(true);
      expect(report.missing).toEqual([]);
      expect(statesOf(report)).toEqual(["granted tested", "granted tested", "granted tested"]);
      expect(report.hops.map(({ member, resource, permission }) => [member, resource, permission])).toEqual([
        [DANA, nameOf(BUILD), DELEGATION],
        [`serviceAccount:${BUILD}`, nameOf(RELEASE), DELEGATION],
        [`serviceAccount:${RELEASE}`, nameOf(ROBOT), "iam.serviceAccounts.getAccessToken"],
      ]);
    });

    test.each([0, 1, 2])("names the one grant that is missing, and the command for it: hop %i", async (broken) => {
      await using stage = await openGrantStage(transport);
      allowChain(stage)[broken]?.();
      const { isGranted, missing, hops } = await stage.client(DANA).checkChain({ ...CHAIN, caller: DANA });
      expect(isGranted).toBe(false);
      const [member, account] = [
        [DANA, BUILD],
        [`serviceAccount:${BUILD}`, RELEASE],
        [`serviceAccount:${RELEASE}`, ROBOT],
      ][broken] as [string, string];
      expect(missing).toEqual([
        {
          ...{ resource: nameOf(account), member, role: TOKEN_CREATOR },
          permission: broken === 2 ? "iam.serviceAccounts.getAccessToken" : DELEGATION,
          command: `gcloud iam service-accounts add-iam-policy-binding ${account} --member=${member} --role=${TOKEN_CREATOR} --condition=None`,
        },
      ]);
      const expected = ["granted", "granted", "granted"].map((state, index) => (index < broken ? state : "unknown"));
      expected[broken] = "missing";
      expect(hops.map(({ state }) => state)).toEqual(expected);
      expect(hops.slice(broken + 1).every(({ evidence }) => evidence === "notReached")).toBe(true);
    });

    test("granting what it names, one after another, makes the chain whole", async () => {
      await using stage = await openGrantStage(transport);
      const dana = stage.client(DANA);
      const granted: string[] = [];
      for (;;) {
        const [next] = (await dana.checkChain({ ...CHAIN, caller: DANA, permission: "iam.serviceAccounts.signJwt" }))
          .missing;
        if (next === undefined) break;
        granted.push(next.resource);
        await stage.admin.addBinding(next.resource, { role: next.role, member: next.member ?? "" });
      }
      expect(granted).toEqual([nameOf(BUILD), nameOf(RELEASE), nameOf(ROBOT)]);
      const client = new IAMCredentialsAsyncClient({ ...stage.emulator.clientOptions(DANA), transport });
      await expect(client.signJwt({ name: ROBOT, delegates: CHAIN.delegates, payload: {} })).resolves.toBeDefined();
      await client.close();
    });

    test.each([
      ["iam.serviceAccounts.getAccessToken", TOKEN_CREATOR],
      ["iam.serviceAccounts.getOpenIdToken", OPEN_ID_CREATOR],
      ["iam.serviceAccounts.signBlob", TOKEN_CREATOR],
      ["iam.serviceAccounts.signJwt", TOKEN_CREATOR],
    ] as const)("tries where nobody may test: %s", async (permission, role) => {
      await using stage = await openGrantStage(transport);
      allowChain(stage).at(-1)?.();
      const status = { code: "PERMISSION_DENIED", message: "No testing here." } as const;
      stage.emulator.addFault({ method: "TestIamPermissions", status });
      const dana = stage.client(DANA);
      const before = await dana.checkChain({ ...CHAIN, permission });
      expect(statesOf(before)).toEqual(["granted tried", "granted tried", "missing tried"]);
      expect(before.missing).toMatchObject([{ role, permission, resource: nameOf(ROBOT) }]);
      stage.allow(`serviceAccount:${RELEASE}`, ROBOT, role);
      const after = await dana.checkChain({ ...CHAIN, permission });
      expect(statesOf(after)).toEqual(["granted tried", "granted tried", "granted tried"]);
    });

    test("tries beyond an account that may stand in a chain and gives no token of its own", async () => {
      await using stage = await openGrantStage(transport, {
        roles: [{ name: LINK, includedPermissions: [DELEGATION] }],
      });
      stage.allow(DANA, BUILD, LINK);
      stage.allow(`serviceAccount:${BUILD}`, RELEASE);
      const report = await stage.client(DANA).checkChain({ ...CHAIN, caller: DANA });
      expect(statesOf(report)).toEqual(["granted tested", "granted tried", "missing tested"]);
      expect(report.missing).toMatchObject([{ member: `serviceAccount:${RELEASE}` }]);
    });

    test("a broken middle is found by trying too", async () => {
      await using stage = await openGrantStage(transport, {
        roles: [{ name: LINK, includedPermissions: [DELEGATION] }],
      });
      stage.allow(DANA, BUILD, LINK);
      stage.allow(`serviceAccount:${RELEASE}`, ROBOT);
      const report = await stage.client(DANA).checkChain(CHAIN);
      expect(statesOf(report)).toEqual(["granted tested", "missing tried", "unknown notReached"]);
    });

    test("an account that does not exist is told from one that gives nothing", async () => {
      await using stage = await openGrantStage(transport);
      stage.allow(DANA, BUILD);
      const ghost = "ghost@stage-project.iam.gserviceaccount.com";
      const dana = stage.client(DANA);
      expect(statesOf(await dana.checkChain({ target: ghost }))).toEqual(["absent tried"]);
      expect(statesOf(await dana.checkChain({ delegates: [BUILD], target: ghost }))).toEqual([
        "granted tested",
        "absent tried",
      ]);
      expect((await dana.checkChain({ target: ghost })).missing).toEqual([]);
    });

    test("a client with a key names itself in what is missing, and looks by itself whether its own grant is in effect", async () => {
      await using stage = await openGrantStage(transport);
      const info = await stage.admin.createKey({ name: BUILD });
      plantSecret("a key of the chain", info.private_key);
      const build = stage.client(DANA, { credentials: info });
      const { missing } = await build.checkChain({ target: ROBOT });
      expect(missing).toMatchObject([{ member: `serviceAccount:${BUILD}` }]);
      expect(missing[0]?.command).toContain(`--member=serviceAccount:${BUILD} `);

      for (const account of [BUILD, ROBOT])
        stage.allow(`serviceAccount:${BUILD}`, account, "roles/iam.serviceAccountAdmin");
      const grant = await build.grantTokenCreator({ caller: `serviceAccount:${BUILD}`, target: ROBOT });
      expect(grant.effect).toBe("confirmed");
      // It minted no token of its own account to look with: the one is of the check before, which asked whether the robot exists.
      expect(stage.emulator.calls().filter(({ method }) => method === "GenerateAccessToken")).toHaveLength(1);
    });

    test("no token of the accounts along the way shows in reports, errors or log lines", async () => {
      await using stage = await openGrantStage(transport);
      allowChain(stage).at(-1)?.();
      const lines: string[] = [];
      const write = (...all: unknown[]) => void lines.push(inspect(all, { depth: 9 }));
      const logger = { debug: write, info: write, warn: write, error: write };
      const dana = stage.client(DANA, { logger });
      const report = await dana.checkChain(CHAIN);
      stage.emulator.addFault({ method: "TestIamPermissions", status: { code: "UNAUTHENTICATED", message: "Who?" } });
      const odd = await dana.checkChain(CHAIN);
      stage.emulator.addFault({ method: "GenerateAccessToken", status: { code: "UNAVAILABLE", message: "Busy." } });
      const failed = await rejectionOf(dana.checkChain(CHAIN, { retry: false }));
      expect(lines.length).toBeGreaterThan(0);
      for (const shown of [
        ...lines,
        ...[report, odd, failed].map((each) => inspect(each, { depth: 9, showHidden: true })),
      ]) {
        expect(shown).not.toMatch(/Bearer |ya29\./);
      }
    });

    test("what cannot be found out is unknown, with the reason", async () => {
      await using stage = await openGrantStage(transport);
      const status = { code: "PERMISSION_DENIED", message: "Not today." } as const;
      for (const method of ["TestIamPermissions", "GenerateAccessToken"]) stage.emulator.addFault({ method, status });
      const { hops, missing } = await stage.client(DANA).checkChain({ target: ROBOT });
      expect(hops).toMatchObject([{ state: "unknown", evidence: "tried", member: undefined }]);
      expect(hops[0]?.error?.message).toBe("IAMCredentials.GenerateAccessToken: PERMISSION_DENIED: Not today.");
      expect(hops[0]?.commands).toEqual([]);
      expect(missing).toEqual([]);
    });

    test("a check that can ask nobody fails, within its time", async () => {
      await using stage = await openGrantStage(transport);
      const { client, emulator } = stage;
      emulator.addFault({ method: "TestIamPermissions", connection: "hang" });
      const late = await rpcErrorOf(client(DANA).checkChain(CHAIN, { timeout: 300 }));
      expect(late).toMatchObject({ status: "DEADLINE_EXCEEDED", method: "IAM.TestIamPermissions" });
      const signal = AbortSignal.timeout(200);
      expect(await rejectionOf(client(DANA).checkChain(CHAIN, { signal }))).toBe(signal.reason);
    });

    test("a chain of a wrong form is refused before anything is sent", async () => {
      await using stage = await openGrantStage(transport);
      for (const [request, field, problem] of [
        [{ target: "serviceAccount:robot@p.iam.gserviceaccount.com" }, "target: ", "no prefix"],
        [{ target: "123456789012345678901" }, "target: ", "must be an e-mail address"],
        [{ target: ROBOT, delegates: ["x"] }, "delegates[0]: ", "must be an e-mail address"],
        [{ target: ROBOT, delegates: [5] }, "delegates[0]: ", "must be an e-mail address"],
        [{ target: ROBOT, permission: "iam.serviceAccounts.actAs" }, "permission: ", "must be one of"],
        [{ target: ROBOT, caller: "dana@example.com" }, "caller: ", "user:dana@example.com"],
        [{ name: ROBOT }, "name: ", "no such field"],
      ] as const) {
        const error = await rejectionOf(stage.admin.checkChain(request as never)); // as: what a program in JavaScript may do
        expect(error).toBeInstanceOf(RequestError);
        expect((error as Error).message.startsWith(field)).toBe(true);
        expect((error as Error).message).toContain(problem);
      }
      expect(stage.emulator.calls()).toEqual([]);
    });
  });
});
