// SPDX-License-Identifier: Apache-2.0
// Delegation chains against the emulator: checking them hop by hop, granting them, waiting until that is in effect, taking it back.

import { inspect } from "node:util";
import { type ChainReport, GrantError, type GrantProgress, type TokenCreatorGrant } from "../../src/iam-admin/index.js";
import { CredentialsError, IAMCredentialsAsyncClient, RequestError, RpcError } from "../../src/index.js";
import {
  ADMIN,
  BUILD,
  DANA,
  type GrantStage,
  openGrantStage,
  RELEASE,
  ROBOT,
  TOKEN_CREATOR,
} from "../support/grant-stage.js";
import { rejectionOf, rpcErrorOf } from "../support/rejection-of.js";
import { plantSecret } from "../support/secrets.js";

const CHAIN = { delegates: [BUILD, RELEASE], target: ROBOT };
const DELEGATION = "iam.serviceAccounts.implicitDelegation";
const OPEN_ID_CREATOR = "roles/iam.serviceAccountOpenIdTokenCreator";
const LINK = "projects/stage-project/roles/link";
const nameOf = (email: string) => `projects/-/serviceAccounts/${email}`;
const states = ({ hops }: ChainReport) => hops.map(({ state, evidence }) => `${state} ${evidence}`);

describe.each(["grpc", "rest"] as const)("over %s", (transport) => {
  let stage: GrantStage;
  const open = async (options = {}) => {
    stage = await openGrantStage(transport, options);
  };
  const allow = (member: string, serviceAccount: string, role = TOKEN_CREATOR) =>
    stage.emulator.addGrant({ member, role, serviceAccount });
  const allowChain = () => [
    allow(DANA, BUILD),
    allow(`serviceAccount:${BUILD}`, RELEASE),
    allow(`serviceAccount:${RELEASE}`, ROBOT),
  ];

  afterEach(async () => {
    await stage[Symbol.asyncDispose]();
  });

  describe("checkChain", () => {
    test("finds a whole chain granted by asking in the name of each", async () => {
      await open();
      allowChain();
      const report = await stage.client(DANA).checkChain({ ...CHAIN, caller: DANA });
      expect(report.isGranted).toBe(true);
      expect(report.missing).toEqual([]);
      expect(states(report)).toEqual(["granted tested", "granted tested", "granted tested"]);
      expect(report.hops.map(({ member, resource, permission }) => [member, resource, permission])).toEqual([
        [DANA, nameOf(BUILD), DELEGATION],
        [`serviceAccount:${BUILD}`, nameOf(RELEASE), DELEGATION],
        [`serviceAccount:${RELEASE}`, nameOf(ROBOT), "iam.serviceAccounts.getAccessToken"],
      ]);
    });

    test.each([0, 1, 2])("names the one grant that is missing, and the command for it: hop %i", async (broken) => {
      await open();
      allowChain()[broken]?.();
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
      await open();
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
      await open();
      allowChain().at(-1)?.();
      const status = { code: "PERMISSION_DENIED", message: "No testing here." } as const;
      stage.emulator.addFault({ method: "TestIamPermissions", status });
      const dana = stage.client(DANA);
      const before = await dana.checkChain({ ...CHAIN, permission });
      expect(states(before)).toEqual(["granted tried", "granted tried", "missing tried"]);
      expect(before.missing).toMatchObject([{ role, permission, resource: nameOf(ROBOT) }]);
      allow(`serviceAccount:${RELEASE}`, ROBOT, role);
      const after = await dana.checkChain({ ...CHAIN, permission });
      expect(states(after)).toEqual(["granted tried", "granted tried", "granted tried"]);
    });

    test("tries beyond an account that may stand in a chain and gives no token of its own", async () => {
      await open({ roles: [{ name: LINK, includedPermissions: [DELEGATION] }] });
      allow(DANA, BUILD, LINK);
      allow(`serviceAccount:${BUILD}`, RELEASE);
      const report = await stage.client(DANA).checkChain({ ...CHAIN, caller: DANA });
      expect(states(report)).toEqual(["granted tested", "granted tried", "missing tested"]);
      expect(report.missing).toMatchObject([{ member: `serviceAccount:${RELEASE}` }]);
    });

    test("a broken middle is found by trying too", async () => {
      await open({ roles: [{ name: LINK, includedPermissions: [DELEGATION] }] });
      allow(DANA, BUILD, LINK);
      allow(`serviceAccount:${RELEASE}`, ROBOT);
      const report = await stage.client(DANA).checkChain(CHAIN);
      expect(states(report)).toEqual(["granted tested", "missing tried", "unknown notReached"]);
    });

    test("an account that does not exist is told from one that gives nothing", async () => {
      await open();
      allow(DANA, BUILD);
      const ghost = "ghost@stage-project.iam.gserviceaccount.com";
      const dana = stage.client(DANA);
      expect(states(await dana.checkChain({ target: ghost }))).toEqual(["absent tried"]);
      expect(states(await dana.checkChain({ delegates: [BUILD], target: ghost }))).toEqual([
        "granted tested",
        "absent tried",
      ]);
      expect((await dana.checkChain({ target: ghost })).missing).toEqual([]);
    });

    test("a client with a key names itself in what is missing, and looks by itself whether its own grant is in effect", async () => {
      await open();
      const info = await stage.admin.createKey({ name: BUILD });
      plantSecret("a key of the chain", info.private_key);
      const build = stage.client(DANA, { credentials: info });
      const { missing } = await build.checkChain({ target: ROBOT });
      expect(missing).toMatchObject([{ member: `serviceAccount:${BUILD}` }]);
      expect(missing[0]?.command).toContain(`--member=serviceAccount:${BUILD} `);

      for (const account of [BUILD, ROBOT]) allow(`serviceAccount:${BUILD}`, account, "roles/iam.serviceAccountAdmin");
      const grant = await build.grantTokenCreator({ caller: `serviceAccount:${BUILD}`, target: ROBOT });
      expect(grant.effect).toBe("confirmed");
      // It minted no token of its own account to look with: the one is of the check before, which asked whether the robot exists.
      expect(stage.emulator.calls().filter(({ method }) => method === "GenerateAccessToken")).toHaveLength(1);
    });

    test("no token of the accounts along the way shows in reports, errors or log lines", async () => {
      await open();
      allowChain().at(-1)?.();
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
      await open();
      const status = { code: "PERMISSION_DENIED", message: "Not today." } as const;
      for (const method of ["TestIamPermissions", "GenerateAccessToken"]) stage.emulator.addFault({ method, status });
      const { hops, missing } = await stage.client(DANA).checkChain({ target: ROBOT });
      expect(hops).toMatchObject([{ state: "unknown", evidence: "tried", member: undefined }]);
      expect(hops[0]?.error?.message).toBe("IAMCredentials.GenerateAccessToken: PERMISSION_DENIED: Not today.");
      expect(hops[0]?.commands).toEqual([]);
      expect(missing).toEqual([]);
    });

    test("a check that can ask nobody fails, within its time", async () => {
      await open();
      const { client, emulator } = stage;
      emulator.addFault({ method: "TestIamPermissions", connection: "hang" });
      const late = await rpcErrorOf(client(DANA).checkChain(CHAIN, { timeout: 300 }));
      expect(late).toMatchObject({ status: "DEADLINE_EXCEEDED", method: "IAM.TestIamPermissions" });
      const signal = AbortSignal.timeout(200);
      expect(await rejectionOf(client(DANA).checkChain(CHAIN, { signal }))).toBe(signal.reason);
    });

    test("a chain of a wrong form is refused before anything is sent", async () => {
      await open();
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

  describe("grantTokenCreator", () => {
    test("grants a chain, waits until it is in effect, and takes back what it granted and nothing else", async () => {
      await open({ policyPropagationMs: 3_600_000 });
      const binding = { role: TOKEN_CREATOR, member: `serviceAccount:${BUILD}` };
      await stage.admin.addBinding(RELEASE, binding); // was there before
      await stage.admin.addBinding(ROBOT, { role: TOKEN_CREATOR, member: "group:team@example.com" });
      stage.emulator.advanceClock(3_600_000);

      const progress: GrantProgress[] = [];
      const dana = stage.client(DANA);
      const watch = (each: GrantProgress) => {
        progress.push(each);
        // It has been looked once, in vain: now the hour is over.
        if (each.stage === "waiting") stage.emulator.advanceClock(3_600_000);
      };
      const grant = await stage.admin.grantTokenCreator(
        { caller: DANA, ...CHAIN },
        { callerClient: dana, onProgress: watch },
      );
      expect(grant).toMatchObject({ effect: "confirmed", why: undefined });
      expect(grant.hops.map(({ member, resource, role, isAdded }) => [member, resource, role, isAdded])).toEqual([
        [DANA, nameOf(BUILD), TOKEN_CREATOR, true],
        [`serviceAccount:${BUILD}`, nameOf(RELEASE), TOKEN_CREATOR, false],
        [`serviceAccount:${RELEASE}`, nameOf(ROBOT), TOKEN_CREATOR, true],
      ]);
      expect((await dana.checkChain(CHAIN)).isGranted).toBe(true);
      expect(progress.filter(({ stage: each }) => each === "granting")).toHaveLength(3);
      const looks = progress.filter(({ stage: each }) => each === "waiting");
      expect(looks.map(({ report }) => report?.isGranted)).toEqual([false, true]);

      const removed = await grant.takeBack();
      expect(removed.map(({ resource }) => resource)).toEqual([nameOf(ROBOT), nameOf(BUILD)]);
      expect(await grant.takeBack()).toEqual([]);
      expect(await stage.admin.hasBinding(RELEASE, binding)).toBe(true);
      expect((await stage.admin.getIamPolicy({ resource: BUILD })).bindings).toEqual([]);
      expect((await stage.admin.getIamPolicy({ resource: ROBOT })).bindings).toMatchObject([
        { members: ["group:team@example.com"] },
      ]);
    });

    test("grants the narrower role for ID tokens on the target alone", async () => {
      await open();
      const permission = "iam.serviceAccounts.getOpenIdToken";
      const request = { caller: DANA, delegates: [BUILD], target: ROBOT, permission } as const;
      const { hops, effect } = await stage.admin.grantTokenCreator(request, { callerClient: stage.client(DANA) });
      expect(hops.map(({ role }) => role)).toEqual([TOKEN_CREATOR, OPEN_ID_CREATOR]);
      expect(effect).toBe("confirmed");
    });

    test("looks as the caller by itself when that is an account that it may act as", async () => {
      await open({ policyPropagationMs: 300 });
      allow(ADMIN, BUILD);
      const grant = await stage.admin.grantTokenCreator({ caller: `serviceAccount:${BUILD}`, target: ROBOT });
      expect(grant).toMatchObject({ effect: "confirmed", hops: [{ isAdded: true }] });
      const again = await stage.admin.grantTokenCreator({ caller: `serviceAccount:${BUILD}`, target: ROBOT });
      expect(again).toMatchObject({ effect: "confirmed", hops: [{ isAdded: false }] });
      expect(await again.takeBack()).toEqual([]);
    });

    test.each([
      [DANA, `${DANA} is no service account; give callerClient`],
      [
        `serviceAccount:${BUILD}`,
        `this client cannot look as serviceAccount:${BUILD}: IAMCredentials.GenerateAccessToken: PERMISSION_DENIED`,
      ],
    ])("says that nobody could look, and why: %s", async (caller, why) => {
      await open();
      const grant = await stage.admin.grantTokenCreator({ caller, target: ROBOT });
      expect(grant.effect).toBe("unconfirmed");
      expect(grant.why).toContain(why);
      expect(await stage.admin.hasBinding(ROBOT, { role: TOKEN_CREATOR, member: caller })).toBe(true);
      const unwaited = await stage.admin.grantTokenCreator({ caller, target: ROBOT }, { waitTimeout: false });
      expect(unwaited).toMatchObject({ effect: "unconfirmed", why: "waitTimeout is false" });
    });

    test("a grant that is not in effect in time is an error that holds it", async () => {
      await open({ policyPropagationMs: 3_600_000 });
      const callerClient = stage.client(DANA);
      const request = { caller: DANA, target: ROBOT };
      const error = await rejectionOf(stage.admin.grantTokenCreator(request, { callerClient, waitTimeout: 400 }));
      expect(error).toBeInstanceOf(GrantError);
      const { message, grant } = error as GrantError;
      expect(message).toBe("grantTokenCreator: the grants are written, and were not in effect after 400 ms");
      expect(grant).toMatchObject({ effect: "unconfirmed", hops: [{ isAdded: true }] });
      expect(await grant.takeBack()).toHaveLength(1);
      expect(await stage.admin.hasBinding(ROBOT, { role: TOKEN_CREATOR, member: DANA })).toBe(false);
    });

    test("a grant that could not be looked at is an error that holds it", async () => {
      await open();
      const cause = new CredentialsError("no token could be had");
      const callerClient = { checkChain: () => Promise.reject(cause) };
      const error = await rejectionOf(stage.admin.grantTokenCreator({ caller: DANA, target: ROBOT }, { callerClient }));
      expect(error).toBeInstanceOf(GrantError);
      const { message, grant } = error as GrantError;
      const problem = "the grants are written, and nobody could look whether they are in effect";
      expect(message).toBe(`grantTokenCreator: ${problem}`);
      expect(error).toMatchObject({ cause, grant: { effect: "unconfirmed", why: problem } });
      expect(await grant.takeBack()).toHaveLength(1);
    });

    test("taking back goes on past a hop that fails, and a second call tries that one alone", async () => {
      await open();
      const request = { caller: DANA, ...CHAIN };
      const grant = await stage.admin.grantTokenCreator(request, { waitTimeout: false });
      // Whoever prints it sees what was granted.
      for (const shown of [inspect(grant), JSON.stringify(grant)]) expect(shown).toContain(nameOf(ROBOT));
      const status = { code: "UNAVAILABLE", message: "Busy." } as const;
      stage.emulator.addFault({ method: "SetIamPolicy", times: 1, status });
      expect(await rpcErrorOf(grant.takeBack())).toMatchObject({ message: "IAM.SetIamPolicy: UNAVAILABLE: Busy." });
      const left = (account: string, member: string) =>
        stage.admin.hasBinding(account, { role: TOKEN_CREATOR, member });
      expect(await left(ROBOT, `serviceAccount:${RELEASE}`)).toBe(true); // the first that was tried
      expect(await left(RELEASE, `serviceAccount:${BUILD}`)).toBe(false);
      expect(await left(BUILD, DANA)).toBe(false);
      expect((await grant.takeBack()).map(({ resource }) => resource)).toEqual([nameOf(ROBOT)]);
    });

    test("an abort ends the waiting with the signal's reason, and what was granted can still be taken back", async () => {
      await open({ policyPropagationMs: 3_600_000 });
      const controller = new AbortController();
      const reason = new Error("enough");
      let grant: TokenCreatorGrant | undefined;
      const onProgress = (progress: GrantProgress) => {
        grant = progress.grant;
        if (progress.stage === "waiting") controller.abort(reason);
      };
      const options = { callerClient: stage.client(DANA), onProgress, signal: controller.signal };
      expect(await rejectionOf(stage.admin.grantTokenCreator({ caller: DANA, target: ROBOT }, options))).toBe(reason);
      expect(await grant?.takeBack()).toHaveLength(1);
    });

    test("a grant that fails half-way is an error that holds the half", async () => {
      await open();
      const ghost = "ghost@stage-project.iam.gserviceaccount.com";
      const request = { caller: DANA, delegates: [BUILD], target: ghost };
      const error = await rejectionOf(stage.admin.grantTokenCreator(request));
      expect(error).toBeInstanceOf(GrantError);
      const { message, grant, cause } = error as GrantError;
      expect(message).toContain(`failed at ${TOKEN_CREATOR} for serviceAccount:${BUILD} on ${nameOf(ghost)}`);
      expect(cause).toBeInstanceOf(RpcError);
      expect((await grant.takeBack()).map(({ resource }) => resource)).toEqual([nameOf(BUILD)]);
      // Nothing was granted: what the service says is all that there is to say.
      expect(await rejectionOf(stage.admin.grantTokenCreator({ caller: DANA, target: ghost }))).toBeInstanceOf(
        RpcError,
      );
    });

    test("what is asked for wrongly is refused before anything is sent", async () => {
      await open();
      for (const [request, options, message] of [
        [{ target: ROBOT }, {}, "caller: is missing; say who shall act as target"],
        [{ caller: "dana", target: ROBOT }, {}, 'caller: "dana" is no member'],
        [{ caller: DANA, target: ROBOT, role: "x" }, {}, "role: no such field"],
        [
          { caller: DANA, target: ROBOT },
          { waitTimeout: 0 },
          "waitTimeout: must be a number of milliseconds above 0, or false",
        ],
        [{ caller: DANA, target: ROBOT }, null, "options: must be an object"],
        [{ caller: DANA, target: ROBOT }, { callerClient: {} }, "callerClient: must be a client with checkChain"],
        [{ caller: DANA, target: ROBOT }, { timeout: 0 }, "timeout: must be a number of milliseconds above 0"],
      ] as const) {
        const error = await rejectionOf(stage.admin.grantTokenCreator(request as never, options as never)); // as: above
        expect((error as Error).message).toContain(message);
      }
      expect(stage.emulator.calls()).toEqual([]);
    });
  });
});
