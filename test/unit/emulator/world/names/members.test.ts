// SPDX-License-Identifier: Apache-2.0
// Whom the members of policies stand for, where federated identities are meant.

import { expect, test } from "@jest/globals";
import { includesPrincipal } from "../../../../../src/emulator/world/names/members.js";

const POOL = "iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/test-pool";

test.each([
  [`principalSet://${POOL}/*`, `principal://${POOL}/subject/robot`, true],
  [`principalSet://${POOL}-2/*`, `principal://${POOL}/subject/robot`, false],
  [`principalSet://${POOL}/attribute.a/b`, `principal://${POOL}/subject/robot`, false],
  [`principal://${POOL}/subject/robot`, `principal://${POOL}/subject/robot`, true],
  [`principalSet://${POOL}/*`, "user:dana@example.com", false],
])("%s includes %s: %j", (member, principal, isIncluded) => {
  expect(includesPrincipal(member, principal)).toBe(isIncluded);
});
