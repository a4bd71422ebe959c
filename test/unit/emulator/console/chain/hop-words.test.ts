// SPDX-License-Identifier: Apache-2.0
// What the console says of a hop.

import {
  describeBinding,
  describeChain,
  describeCondition,
} from "../../../../../src/emulator/console/chain/hop-words.js";
import type { Hop } from "../../../../../src/emulator/console/link/records.js";

const denied: Hop = {
  from: "user:dana@example.com",
  to: "signer@demo-project.iam.gserviceaccount.com",
  permission: "iam.serviceAccounts.signBlob",
  outcome: "denied",
};
const by = { policy: "account", role: "roles/iam.serviceAccountTokenCreator", member: denied.from } as const;

it("says that no binding gives it, or which one does and in whose policy", () => {
  expect(describeBinding(denied)).toBe("no binding grants it");
  expect(describeBinding({ ...denied, outcome: "granted", by })).toBe(
    "Service Account Token Creator, in the account’s policy",
  );
  const everybody = { ...by, policy: "project", member: "allUsers" } as const;
  expect(describeBinding({ ...denied, outcome: "granted", by: everybody })).toBe(
    "Service Account Token Creator to allUsers, in the project’s policy",
  );
  expect(describeBinding({ ...denied, outcome: "notReached" })).toBe("an earlier hop was denied");
  expect(describeBinding({ ...denied, from: "owner", outcome: "granted" })).toBe("owner has every role");
});

it("says why a binding does not hold", () => {
  expect(describeCondition({ ...denied, by: { ...by, condition: "false", conditionResult: false } })).toBe(
    "condition is not met: false",
  );
  expect(describeCondition({ ...denied, by: { ...by, inEffectAt: "2026-11-27T12:01:02.345Z" } })).toBe(
    "in effect from 2026-11-27 12:01:02",
  );
  expect(describeCondition(denied)).toBeUndefined();
});

it("tells a chain in sentences", () => {
  expect(describeChain([denied])).toBe(
    "dana@example.com needs iam.serviceAccounts.signBlob on signer@demo-project: denied, no binding grants it.",
  );
});
