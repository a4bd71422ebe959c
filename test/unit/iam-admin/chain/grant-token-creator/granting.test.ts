// SPDX-License-Identifier: Apache-2.0
// Delegation chains granted against the emulator: waiting until that is in effect, and taking it back.

import { inspect } from "node:util";
import { GrantError, type GrantProgress, type TokenCreatorGrant } from "../../../../../src/iam-admin/index.js";
import { CredentialsError, RpcError } from "../../../../../src/index.js";
import {
  ADMIN,
  BUILD,
  CHAIN,
  DANA,
  nameOf,
  OPEN_ID_CREATOR,
  openGrantStage,
  RELEASE,
  ROBOT,
  TOKEN_CREATOR,
} from "../../../../support/grant-stage.js";
import { rejectionOf, rpcErrorOf } from "../../../../support/rejection-of.js";

describe.each(["grpc", "rest"] as const)("over %s", (transport) => {
  describe("grantTokenCreator", () => {
    test("grants a chain, waits until it is in effect, and takes back what it granted and nothing else", async () => {
      await using stage = await openGrantStage(transport, { policyPropagationMs: 3_600_000 });
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
      await using stage = await openGrantStage(transport);
      const permission = "iam.serviceAccounts.getOpenIdToken";
      const request = { caller: DANA, delegates: [BUILD], target: ROBOT, permission } as const;
      const { hops, effect } = await stage.admin.grantTokenCreator(request, { callerClient: stage.client(DANA) });
      expect(hops.map(({ role }) => role)).toEqual([TOKEN_CREATOR, OPEN_ID_CREATOR]);
      expect(effect).toBe("confirmed");
    });

    test("looks as the caller by itself when that is an account that it may act as", async () => {
      await using stage = await openGrantStage(transport, { policyPropagationMs: 300 });
      stage.allow(ADMIN, BUILD);
      const grant = await stage.admin.grantTokenCreator({ caller: `serviceAccount:${BUILD}`, target: ROBOT });
      expect(grant).toMatchObject({ effect: "confirmed", hops: [{ isAdded: true }] });
      const again = await stage.admin.grantTokenCreator({ caller: `serviceAccount:${BUILD}`, target: ROBOT });
      expect(again).toMatchObject({ effect: "confirmed", hops: [{ isAdded: false }] });
      expect(await again.takeBack()).toEqual([]);
    });

    test.each([
      [DANA, `${DANA} is not a service account; set callerClient`],
      [
        `serviceAccount:${BUILD}`,
        `this client cannot check as serviceAccount:${BUILD}: IAMCredentials.GenerateAccessToken: PERMISSION_DENIED`,
      ],
    ])("says that nobody could look, and why: %s", async (caller, why) => {
      await using stage = await openGrantStage(transport);
      const grant = await stage.admin.grantTokenCreator({ caller, target: ROBOT });
      expect(grant.effect).toBe("unconfirmed");
      expect(grant.why).toContain(why);
      expect(await stage.admin.hasBinding(ROBOT, { role: TOKEN_CREATOR, member: caller })).toBe(true);
      const unwaited = await stage.admin.grantTokenCreator({ caller, target: ROBOT }, { waitTimeout: false });
      expect(unwaited).toMatchObject({ effect: "unconfirmed", why: "waitTimeout is false" });
    });

    test("a grant that is not in effect in time is an error that holds it", async () => {
      await using stage = await openGrantStage(transport, { policyPropagationMs: 3_600_000 });
      const callerClient = stage.client(DANA);
      const request = { caller: DANA, target: ROBOT };
      const error = await rejectionOf(stage.admin.grantTokenCreator(request, { callerClient, waitTimeout: 400 }));
      expect(error).toBeInstanceOf(GrantError);
      const { message, grant } = error as GrantError;
      expect(message).toBe("grantTokenCreator: the grants were written, but were not in effect after 400 ms");
      expect(grant).toMatchObject({ effect: "unconfirmed", hops: [{ isAdded: true }] });
      expect(await grant.takeBack()).toHaveLength(1);
      expect(await stage.admin.hasBinding(ROBOT, { role: TOKEN_CREATOR, member: DANA })).toBe(false);
    });

    test("a grant that could not be looked at is an error that holds it", async () => {
      await using stage = await openGrantStage(transport);
      const cause = new CredentialsError("could not get a token");
      const callerClient = { checkChain: () => Promise.reject(cause) };
      const error = await rejectionOf(stage.admin.grantTokenCreator({ caller: DANA, target: ROBOT }, { callerClient }));
      expect(error).toBeInstanceOf(GrantError);
      const { message, grant } = error as GrantError;
      const problem = "the grants were written, but it could not be checked whether they are in effect";
      expect(message).toBe(`grantTokenCreator: ${problem}`);
      expect(error).toMatchObject({ cause, grant: { effect: "unconfirmed", why: problem } });
      expect(await grant.takeBack()).toHaveLength(1);
    });

    test("taking back goes on past a hop that fails, and a second call tries that one alone", async () => {
      await using stage = await openGrantStage(transport);
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
      await using stage = await openGrantStage(transport, { policyPropagationMs: 3_600_000 });
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
      await using stage = await openGrantStage(transport);
      const ghost = "ghost@stage-project.iam.gserviceaccount.com";
      const request = { caller: DANA, delegates: [BUILD], target: ghost };
      const error = await rejectionOf(stage.admin.grantTokenCreator(request));
      expect(error).toBeInstanceOf(GrantError);
      const { message, grant, cause } = error as GrantError;
      expect(message).toContain(`failed to grant ${TOKEN_CREATOR} to serviceAccount:${BUILD} on ${nameOf(ghost)}`);
      expect(cause).toBeInstanceOf(RpcError);
      expect((await grant.takeBack()).map(({ resource }) => resource)).toEqual([nameOf(BUILD)]);
      // Nothing was granted: what the service says is all that there is to say.
      expect(await rejectionOf(stage.admin.grantTokenCreator({ caller: DANA, target: ghost }))).toBeInstanceOf(
        RpcError,
      );
    });

    test("what is asked for wrongly is refused before anything is sent", async () => {
      await using stage = await openGrantStage(transport);
      for (const [request, options, message] of [
        [{ target: ROBOT }, {}, "caller: is missing; must be the member that will act as target"],
        [{ caller: "dana", target: ROBOT }, {}, 'caller: "dana" is not a member'],
        [{ caller: DANA, target: ROBOT, role: "x" }, {}, "role: no such field"],
        [
          { caller: DANA, target: ROBOT },
          { waitTimeout: 0 },
          "waitTimeout: must be a positive number of milliseconds, or false",
        ],
        [{ caller: DANA, target: ROBOT }, null, "options: must be an object"],
        [{ caller: DANA, target: ROBOT }, { callerClient: {} }, "callerClient: must be a client with checkChain"],
        [{ caller: DANA, target: ROBOT }, { timeout: 0 }, "timeout: must be a positive number of milliseconds"],
      ] as const) {
        const error = await rejectionOf(stage.admin.grantTokenCreator(request as never, options as never)); // as: above
        expect((error as Error).message).toContain(message);
      }
      expect(stage.emulator.calls()).toEqual([]);
    });
  });
});
