// SPDX-License-Identifier: Apache-2.0
// The policy of one resource: grants that are added and removed, policies that are written over them, and when each is in effect.

import { describe, expect, it } from "@jest/globals";
import type { Condition } from "../../../../../src/emulator/world/policy/compiled-condition.js";
import { EMPTY_ETAG, EtagMint } from "../../../../../src/emulator/world/policy/etag.js";
import { ResourcePolicy } from "../../../../../src/emulator/world/policy/resource-policy.js";

const ALICE = "user:alice@example.com";
const BOB = "user:bob@example.com";
const VIEWER = "roles/viewer";

const grant = (member: string, role = VIEWER, condition?: Condition) => ({ member, role, condition });
const binding = (members: readonly string[], role = VIEWER, condition?: Condition) => ({ role, members, condition });
const condition = (expression: string): Condition => ({
  text: { title: "", description: "", location: "", expression },
  holds: () => true,
});
const membersAt = (policy: ResourcePolicy, at = 0) => [...policy.grantsAt(at)].map(({ member }) => member);

function open() {
  let lastId = 0;
  return new ResourcePolicy(new EtagMint(() => 0), () => ++lastId);
}

describe("a policy", () => {
  it("is empty at first, with the etag that Google's empty policies have", () => {
    const policy = open();
    expect([policy.bindings(), policy.etag, policy.isConditional, membersAt(policy)]).toEqual([
      [],
      EMPTY_ETAG,
      false,
      [],
    ]);
  });

  it("has a grant at once, until it is removed, and another etag each time", () => {
    const policy = open();
    const remove = policy.add(grant(ALICE));
    const etag = policy.etag;
    expect([membersAt(policy, Number.MIN_SAFE_INTEGER), etag.equals(EMPTY_ETAG)]).toEqual([[ALICE], false]);
    remove();
    const after = policy.etag;
    expect([membersAt(policy), after.equals(etag)]).toEqual([[], false]);
    remove();
    expect(policy.etag).toBe(after);
  });

  it("keeps a grant that was added twice until both are removed, and writes it once", () => {
    const policy = open();
    const [first, second] = [policy.add(grant(ALICE)), policy.add(grant(ALICE))];
    expect(policy.bindings()).toEqual([binding([ALICE])]);
    first();
    expect(membersAt(policy)).toEqual([ALICE]);
    second();
    expect(membersAt(policy)).toEqual([]);
  });

  it("is written as a binding for each role and condition", () => {
    const policy = open();
    const night = condition("night");
    for (const each of [grant(ALICE), grant(BOB), grant(ALICE, "roles/editor"), grant(BOB, VIEWER, night)])
      policy.add(each);
    policy.add(grant(ALICE, VIEWER, condition("night")));
    expect(policy.bindings()).toEqual([
      binding([ALICE, BOB]),
      binding([ALICE], "roles/editor"),
      binding([BOB, ALICE], VIEWER, night),
    ]);
    expect(policy.isConditional).toBe(true);
  });

  it("that is written is in effect when it has spread, and what it left out until then", () => {
    const policy = open();
    policy.add(grant(ALICE));
    policy.replace([binding([BOB])], [], 100);
    expect(policy.bindings()).toEqual([binding([BOB])]);
    expect([membersAt(policy, 99), membersAt(policy, 100)]).toEqual([[ALICE], [BOB]]);
    expect([...policy.pendingAt(99)]).toEqual([{ grant: expect.objectContaining({ member: BOB }), startsAt: 100 }]);
    expect([...policy.pendingAt(100)]).toEqual([]);
  });

  it("that names a grant again keeps it in effect, and removable as before", () => {
    const policy = open();
    const remove = policy.add(grant(ALICE));
    policy.replace([binding([ALICE, BOB])], [], 100);
    expect(membersAt(policy, 0)).toEqual([ALICE]);
    remove();
    expect(policy.bindings()).toEqual([binding([BOB])]);
  });

  it("that left a grant out makes its removal do nothing", () => {
    const policy = open();
    const remove = policy.add(grant(ALICE));
    policy.replace([], [], 0);
    const { etag } = policy;
    remove();
    expect(policy.etag).toBe(etag);
  });

  it("keeps what is to be logged, as it was written last", () => {
    const policy = open();
    const logged = [{ service: "allServices", auditLogConfigs: [{ logType: 1, exemptedMembers: [] }] }];
    policy.replace([], logged, 0);
    expect(policy.auditSettings).toEqual(logged);
    policy.replace([], [], 0);
    expect(policy.auditSettings).toEqual([]);
  });

  it("names a member that is gone differently wherever it stands", () => {
    const policy = open();
    for (const each of [grant(ALICE), grant(ALICE, "roles/editor"), grant(BOB)]) policy.add(each);
    policy.renameMember(ALICE, `deleted:${ALICE}?uid=1`);
    expect(membersAt(policy)).toEqual([`deleted:${ALICE}?uid=1`, `deleted:${ALICE}?uid=1`, BOB]);
  });
});
