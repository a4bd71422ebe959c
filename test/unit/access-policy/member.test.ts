// SPDX-License-Identifier: Apache-2.0
// The grammar of members, form by form, and what is said of a text that is none.

import { checkMember, memberKey } from "../../../src/access-policy/member.js";
import { requestErrorOf } from "../../support/request-error-of.js";

const POOL = "iam.googleapis.com/projects/123/locations/global/workloadIdentityPools/pool";

test.each([
  "user:dana@example.com",
  "user:o'hara+tag@example.com",
  "serviceAccount:robot@my-project.iam.gserviceaccount.com",
  "serviceAccount:123456789-compute@developer.gserviceaccount.com",
  "serviceAccount:robot@my-project.example.com.iam.gserviceaccount.com",
  "serviceAccount:my-project.svc.id.goog[default/worker]",
  "serviceAccount:example.com:my-project.svc.id.goog[default/worker]",
  "group:team@example.com",
  "domain:example.com",
  `principal://${POOL}/subject/repo:octo/repo:ref:refs/heads/main`,
  `principalSet://${POOL}/attribute.repository/octo/repo`,
  `principalSet://${POOL}/*`,
  "principalSet://cloudresourcemanager.googleapis.com/projects/123/type/ServiceAccount",
  "principal://goog/subject/dana@example.com",
  "allUsers",
  "allAuthenticatedUsers",
  "projectOwner:my-project",
  "projectEditor:my-project",
  "projectViewer:example.com:my-project",
  "deleted:user:dana@example.com?uid=123456789012345678901",
  "deleted:serviceAccount:robot@my-project.iam.gserviceaccount.com?uid=123456789012345678901",
  "deleted:group:team@example.com?uid=123456789012345678901",
  `deleted:principal://${POOL}/subject/someone`,
])("%s is a member", (member) => {
  expect(checkMember(member)).toBe(member);
});

test.each([
  [undefined, "is missing; must be a member such as user:{email} or serviceAccount:{email}"],
  ["", "is missing; must be a member such as user:{email} or serviceAccount:{email}"],
  ["dana@example.com", '"dana@example.com" has no member type; write user:dana@example.com or group:dana@example.com'],
  [
    "robot@my-project.iam.gserviceaccount.com",
    '"robot@my-project.iam.gserviceaccount.com" has no member type; write serviceAccount:robot@my-project.iam.gserviceaccount.com',
  ],
  [
    "user:robot@my-project.iam.gserviceaccount.com",
    '"user:robot@my-project.iam.gserviceaccount.com" is a service account; write serviceAccount:robot@my-project.iam.gserviceaccount.com',
  ],
  ["serviceaccount:robot@p.iam.gserviceaccount.com", "members are case-sensitive; write serviceAccount:"],
  ["allusers", "members are case-sensitive; write allUsers"],
  ["user:", 'must be user:{email}, not "user:"'],
  ["user:dana", 'must be user:{email}, not "user:dana"'],
  ["user:dana@example.com ", "must be user:{email}"],
  ["user:dana@example.com,user:eve@example.com", "must be user:{email}"],
  ["domain:dana@example.com", "must be domain:{domain}"],
  ["principal://host", "must be principal://{host}/{path}"],
  ["principal://host/a b", "must be principal://{host}/{path}"],
  ["projectOwner:My Project", "must be projectOwner:{project}"],
  ["deleted:user:dana@example.com", "must be deleted:user:{email}?uid={number}"],
  [
    "team:x@example.com",
    '"team:x@example.com" is not a member; valid forms are user:{email}, serviceAccount:{email}, group:{email}',
  ],
])("%s is none", (member, problem) => {
  const error = requestErrorOf(() => checkMember(member, "policy.bindings[0].members[1]"));
  expect(error.field).toBe("policy.bindings[0].members[1]");
  expect(error.message).toContain(problem);
});

test("two spellings of an address are one member, two kinds of it are two", () => {
  expect(memberKey("user:Dana@Example.com")).toBe(memberKey("user:dana@example.com"));
  expect(memberKey("user:dana@example.com")).not.toBe(memberKey("group:dana@example.com"));
  expect(memberKey("deleted:user:Dana@example.com?uid=1")).toBe(memberKey("deleted:user:dana@example.com?uid=1"));
  expect(memberKey("deleted:user:dana@example.com?uid=1")).not.toBe(memberKey("user:dana@example.com"));
  expect(memberKey(`principal://${POOL}/subject/A`)).not.toBe(memberKey(`principal://${POOL}/subject/a`));
  expect(memberKey("allUsers")).toBe("allUsers");
});
