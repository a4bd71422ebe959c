// SPDX-License-Identifier: Apache-2.0
// Properties of binding edits: what is added is there, what is removed is not, and all else stays as it is.

import { addToPolicy, policyHasBinding, removeFromPolicy } from "../../src/access-policy/edit-policy.js";
import { checkMember, memberKey } from "../../src/access-policy/member.js";
import type { Policy } from "../../src/access-policy/policy-message.js";
import { conditionKey, type RoleBinding } from "../../src/access-policy/role-binding.js";
import { RequestError } from "../../src/index.js";
import { fc } from "../support/property.js";

const roles = ["roles/iam.serviceAccountUser", "roles/iam.serviceAccountTokenCreator", "projects/my-project/roles/own"];
const members = [
  "user:dana@example.com",
  "serviceAccount:robot@my-project.iam.gserviceaccount.com",
  "group:team@example.com",
  "principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/subject/S",
  "deleted:user:gone@example.com?uid=123",
  "allUsers",
];
const conditions = [
  undefined,
  { title: "a", expression: "true" },
  { title: "b", expression: "true" },
  { title: "a", expression: "true", description: "why" },
];

const binding: fc.Arbitrary<RoleBinding> = fc.record({
  role: fc.constantFrom(...roles),
  member: fc.constantFrom(...members),
  condition: fc.constantFrom(...conditions),
});
/** A policy as the service keeps it: a binding per role and condition, each member once. */
const policy: fc.Arbitrary<Policy> = fc.array(binding, { maxLength: 12 }).map((bindings) => {
  const empty: Policy = { version: 3, bindings: [], auditConfigs: [], etag: Buffer.from("etag") };
  return bindings.reduce(addToPolicy, empty);
});

/** A policy as a set of facts: who has which role under which condition. */
function factsOf({ bindings }: Policy): Set<string> {
  return new Set(
    bindings.flatMap(({ role, members: all, condition }) =>
      all.map((member) => [role, conditionKey(condition), memberKey(member)].join("\n")),
    ),
  );
}
const factOf = ({ role, member, condition }: RoleBinding) =>
  [role, conditionKey(condition), memberKey(member)].join("\n");

/** Fails on any attempt to change it. */
function frozen<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null && !(value instanceof Uint8Array)) {
    for (const each of Object.values(value)) frozen(each);
    Object.freeze(value);
  }
  return value;
}

test("adding adds the one fact, keeps all others and the rest of the policy, and changes nothing that it was given", () => {
  fc.assert(
    fc.property(policy, binding, (before, added) => {
      const after = addToPolicy(frozen(before), frozen(added));
      expect(factsOf(after)).toEqual(new Set([...factsOf(before), factOf(added)]));
      expect({ ...after, bindings: [] }).toEqual({ ...before, bindings: [] });
      expect(policyHasBinding(after, added)).toBe(true);
      // The bindings that are not meant are the very same, in the same order.
      const others = before.bindings.filter(
        (each) => each.role !== added.role || conditionKey(each.condition) !== conditionKey(added.condition),
      );
      expect(after.bindings.filter((each) => others.includes(each))).toEqual(others);
    }),
  );
});

test("adding what is there, and removing what is not, give the very policy back", () => {
  fc.assert(
    fc.property(policy, binding, (before, each) => {
      const there = addToPolicy(before, each);
      expect(addToPolicy(there, each)).toBe(there);
      const gone = removeFromPolicy(before, each);
      expect(removeFromPolicy(gone, each)).toBe(gone);
    }),
  );
});

test("removing removes the one fact, leaves no binding without members, and changes nothing that it was given", () => {
  fc.assert(
    fc.property(policy, binding, (before, removed) => {
      const after = removeFromPolicy(frozen(before), frozen(removed));
      const facts = factsOf(before);
      facts.delete(factOf(removed));
      expect(factsOf(after)).toEqual(facts);
      expect(after.bindings.every(({ members: all }) => all.length > 0)).toBe(true);
      expect(policyHasBinding(after, removed)).toBe(false);
    }),
  );
});

test("adding a fact that is not there, and removing it, is as if nothing had been done", () => {
  fc.assert(
    fc.property(policy, binding, (before, each) => {
      fc.pre(!policyHasBinding(before, each));
      expect(removeFromPolicy(addToPolicy(before, each), each)).toEqual(before);
    }),
  );
});

test("edits of different facts can be made in any order", () => {
  fc.assert(
    fc.property(policy, binding, binding, (before, added, removed) => {
      fc.pre(factOf(added) !== factOf(removed));
      const one = removeFromPolicy(addToPolicy(before, added), removed);
      const other = addToPolicy(removeFromPolicy(before, removed), added);
      expect(factsOf(one)).toEqual(factsOf(other));
    }),
  );
});

test("any condition is every condition of a role, and none of another role", () => {
  fc.assert(
    fc.property(policy, binding, (before, { role, member }) => {
      const after = removeFromPolicy(before, { role, member, condition: "any" });
      const kept = [...factsOf(before)].filter(
        (fact) => !(fact.startsWith(`${role}\n`) && fact.endsWith(`\n${memberKey(member)}`)),
      );
      expect(factsOf(after)).toEqual(new Set(kept));
    }),
  );
});

test("the case of an address does not make another member, that of a federated identity does", () => {
  fc.assert(
    fc.property(policy, fc.constantFrom(...roles), (before, role) => {
      const there = addToPolicy(before, { role, member: "user:dana@example.com" });
      expect(addToPolicy(there, { role, member: "user:Dana@Example.COM" })).toBe(there);
      const principal = addToPolicy(before, { role, member: members[3] ?? "" });
      const other = members[3]?.replace("/S", "/s") ?? "";
      expect(addToPolicy(principal, { role, member: other })).not.toBe(principal);
    }),
  );
});

test("whatever text a member is, it is either taken as it is or refused with its field", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom(...members),
    fc
      .tuple(fc.constantFrom("user:", "group:", "domain:", "principal://", "deleted:user:", "x:"), fc.string())
      .map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(text, (member) => {
      try {
        expect(checkMember(member, "there")).toBe(member);
      } catch (error) {
        expect(error).toBeInstanceOf(RequestError);
        expect(error).toMatchObject({ field: "there" });
      }
    }),
  );
});
