// SPDX-License-Identifier: Apache-2.0
// Changes of policies against the emulator: many writers, conditions, conflicts, deadlines, aborts.

import { addToPolicy, removeFromPolicy } from "../../src/iam-admin/index.js";
import { ClientClosedError, RequestError } from "../../src/index.js";
import { ADMIN, DANA, type GrantStage, openGrantStage, ROBOT, TOKEN_CREATOR } from "../support/grant-stage.js";
import { rejectionOf, rpcErrorOf } from "../support/rejection-of.js";

const USER = "roles/iam.serviceAccountUser";
/** Another attempt would come after ages. */
const LONG_DELAYS = { initialDelay: 1e9, maxDelay: 1e9 };
const UNTIL_2030 = { title: "until 2030", expression: 'request.time < timestamp("2030-01-01T00:00:00Z")' };
const UNTIL_2040 = { title: "until 2040", expression: 'request.time < timestamp("2040-01-01T00:00:00Z")' };

describe.each(["grpc", "rest"] as const)("over %s", (transport) => {
  let stage: GrantStage;

  beforeEach(async () => {
    stage = await openGrantStage(transport);
  });

  afterEach(async () => {
    await stage[Symbol.asyncDispose]();
  });

  const policyOf = () => stage.admin.getIamPolicy({ resource: ROBOT, options: { requestedPolicyVersion: 3 } });
  const setCalls = () => stage.emulator.calls().filter(({ method }) => method === "SetIamPolicy");

  test("fifty writers on one policy all get through, and nothing of any is lost", async () => {
    await stage.admin.addBinding(ROBOT, { role: USER, member: "group:before@example.com", condition: UNTIL_2030 });
    const clients = Array.from({ length: 10 }, () => stage.client(ADMIN));
    const members = Array.from({ length: 50 }, (_each, index) => `user:writer-${index}@example.com`);
    const changes = await Promise.all(
      members.map((member, index) =>
        clients[index % clients.length]?.addBinding(ROBOT, { role: TOKEN_CREATOR, member }, { timeout: 120_000 }),
      ),
    );
    expect(changes.every((change) => change?.isChanged)).toBe(true);
    const { bindings } = await policyOf();
    expect(bindings).toHaveLength(2);
    expect(bindings[0]).toEqual({
      role: USER,
      members: ["group:before@example.com"],
      condition: { ...UNTIL_2030, description: "", location: "" },
    });
    expect([...(bindings[1]?.members ?? [])].sort()).toEqual([...members].sort());
    // They did run into each other, or this would show nothing.
    expect(setCalls().filter(({ status }) => status === "ABORTED").length).toBeGreaterThan(0);
  }, 150_000);

  test("a binding with a condition and one without are two, and each is removed by itself", async () => {
    const { admin } = stage;
    const plain = { role: USER, member: DANA };
    const until2030 = { ...plain, condition: UNTIL_2030 };
    expect((await admin.addBinding(ROBOT, plain)).isChanged).toBe(true);
    expect((await admin.addBinding(ROBOT, until2030)).isChanged).toBe(true);
    expect((await admin.addBinding(ROBOT, until2030)).isChanged).toBe(false);
    expect(await admin.hasBinding(ROBOT, { ...plain, condition: UNTIL_2040 })).toBe(false);
    expect((await admin.removeBinding(ROBOT, { ...plain, condition: UNTIL_2040 })).isChanged).toBe(false);

    const { policy } = await admin.removeBinding(ROBOT, plain);
    expect(policy).toMatchObject({ version: 3, bindings: [{ role: USER, members: [DANA] }] });
    expect(policy.bindings).toHaveLength(1);
    expect(await admin.hasBinding(ROBOT, plain)).toBe(false);
    expect(await admin.hasBinding(ROBOT, until2030)).toBe(true);
    expect(await admin.hasBinding(ROBOT, { ...plain, condition: "any" })).toBe(true);

    await admin.addBinding(ROBOT, plain);
    await admin.removeBinding(ROBOT, { ...plain, condition: "any" });
    expect((await policyOf()).bindings).toEqual([]);
    expect(setCalls().map(({ status }) => status)).toEqual(Array(5).fill("OK"));
  });

  test("a policy that is as it should be is read and not written", async () => {
    await stage.admin.updatePolicy(ROBOT, (policy) => policy);
    await stage.admin.removeBinding(ROBOT, { role: USER, member: DANA });
    expect(stage.emulator.calls().map(({ method }) => method)).toEqual(["GetIamPolicy", "GetIamPolicy"]);
  });

  test("one update makes several changes, and what audit logging there is stays", async () => {
    const { admin } = stage;
    const service = "iamcredentials.googleapis.com";
    const auditConfigs = [{ service, auditLogConfigs: [{ logType: "DATA_READ" as const, exemptedMembers: [DANA] }] }];
    await admin.updatePolicy(ROBOT, async (policy) => ({
      ...addToPolicy(policy, { role: TOKEN_CREATOR, member: DANA }),
      auditConfigs,
    }));
    const written = await admin.updatePolicy(ROBOT, (policy) =>
      removeFromPolicy(addToPolicy(policy, { role: USER, member: DANA }), { role: TOKEN_CREATOR, member: DANA }),
    );
    expect(written.bindings).toEqual([{ role: USER, members: [DANA], condition: undefined }]);
    expect(written.auditConfigs).toEqual(auditConfigs);
  });

  test("an update that meets another writer begins anew with the policy as it is then", async () => {
    const other = stage.client(ADMIN);
    const seen: string[] = [];
    const { etag } = await stage.admin.updatePolicy(ROBOT, async (policy) => {
      seen.push(policy.etag.toString("hex"));
      if (seen.length <= 2)
        await other.addBinding(ROBOT, { role: USER, member: `user:other-${seen.length}@example.com` });
      // The etag of what is returned does not count: here it is always that of the first reading.
      return { ...addToPolicy(policy, { role: TOKEN_CREATOR, member: DANA }), etag: Buffer.from(seen[0] ?? "", "hex") };
    });
    expect(new Set(seen).size).toBe(3);
    expect(seen).not.toContain(etag.toString("hex"));
    const { bindings } = await policyOf();
    expect(bindings.map(({ members }) => members.length).sort()).toEqual([1, 2]);
  });

  test("without retries a conflict is the caller's", async () => {
    const other = stage.client(ADMIN);
    const conflicting = stage.admin.updatePolicy(
      ROBOT,
      async (policy) => {
        await other.addBinding(ROBOT, { role: USER, member: "user:other@example.com" });
        return addToPolicy(policy, { role: TOKEN_CREATOR, member: DANA });
      },
      { retry: false },
    );
    const error = await rpcErrorOf(conflicting);
    expect(error).toMatchObject({ code: 10, status: "ABORTED", method: "IAM.SetIamPolicy" });
    expect(error.message).toContain("There were concurrent policy changes.");
  });

  test("an update that never gets through ends with its deadline, and says what kept it", async () => {
    stage.emulator.addFault({ method: "SetIamPolicy", status: { code: "ABORTED", message: "Somebody was faster." } });
    const error = await rpcErrorOf(
      stage.admin.addBinding(ROBOT, { role: USER, member: DANA }, { timeout: 5_000, retry: LONG_DELAYS }),
    );
    expect(error).toMatchObject({ code: 4, status: "DEADLINE_EXCEEDED" });
    expect(error.message).toMatch(
      /^IAM\.SetIamPolicy: DEADLINE_EXCEEDED: the deadline of 5000 ms leaves no time for another attempt after 1 attempt in \d+ ms;/,
    );
    expect(error.message).toContain("the last status was ABORTED: Somebody was faster.");
  });

  test("an abort ends an update between two attempts with the signal's reason", async () => {
    const controller = new AbortController();
    stage.emulator.addFault({ method: "SetIamPolicy", status: { code: "ABORTED", message: "Somebody was faster." } });
    const reason = new Error("enough");
    const options = { timeout: Number.POSITIVE_INFINITY, retry: LONG_DELAYS };
    const onAttempt = ({ error }: { error: unknown }) => {
      if (error !== undefined) setTimeout(() => controller.abort(reason), 20);
    };
    const update = stage.admin.addBinding(
      ROBOT,
      { role: USER, member: DANA },
      { ...options, signal: controller.signal, onAttempt },
    );
    expect(await rejectionOf(update)).toBe(reason);
    expect(setCalls()).toHaveLength(1);
  });

  test("closing the client ends an update that waits for another attempt", async () => {
    const client = stage.client(ADMIN);
    stage.emulator.addFault({ method: "SetIamPolicy", status: { code: "ABORTED", message: "Somebody was faster." } });
    const onAttempt = ({ error }: { error: unknown }) => {
      if (error !== undefined) setTimeout(() => void client.close({ gracePeriod: 0 }), 20);
    };
    const options = { timeout: Number.POSITIVE_INFINITY, retry: LONG_DELAYS, onAttempt };
    const error = await rejectionOf(client.addBinding(ROBOT, { role: USER, member: DANA }, options));
    expect(error).toBeInstanceOf(ClientClosedError);
  });

  test("what the modifier throws comes out, and nothing is written", async () => {
    const failure = new Error("not like this");
    const update = stage.admin.updatePolicy(ROBOT, () => {
      throw failure;
    });
    expect(await rejectionOf(update)).toBe(failure);
    expect(setCalls()).toEqual([]);
  });

  test("a binding of a wrong form is refused before anything is sent", async () => {
    for (const [binding, field, problem] of [
      [{ role: USER, member: "dana@example.com" }, "member", "has no member type"],
      [{ role: "iam.serviceAccountUser", member: DANA }, "role", "must be roles/{role}"],
      [{ role: USER, member: DANA, condition: { expression: "true" } }, "condition.title", "is missing"],
    ] as const) {
      for (const method of ["addBinding", "removeBinding", "hasBinding"] as const) {
        const error = await rejectionOf(stage.admin[method](ROBOT, binding as never)); // as: what a program in JavaScript may do
        expect(error).toBeInstanceOf(RequestError);
        expect(error).toMatchObject({ field, message: expect.stringContaining(problem) });
      }
    }
    expect(stage.emulator.calls()).toEqual([]);
  });

  test("what is no policy is not written", async () => {
    for (const [returned, message] of [
      [undefined, "policy: modify must return the policy, with its bindings"],
      [{ bindings: [{ role: USER, members: ["dana"] }] }, 'policy.bindings[0].members[0]: "dana" is not a member'],
      [{ bindings: [{ members: [DANA] }] }, "policy.bindings[0].role: is missing"],
    ] as const) {
      const error = await rejectionOf(stage.admin.updatePolicy(ROBOT, () => returned as never)); // as: the same
      expect(error).toBeInstanceOf(RequestError);
      expect((error as Error).message).toContain(message);
    }
    expect(setCalls()).toEqual([]);
  });
});
