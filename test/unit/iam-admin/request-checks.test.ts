// SPDX-License-Identifier: Apache-2.0
// What may be written in a request of the admin API, what becomes of it, and how the error for the rest names the field.

import * as methods from "../../../src/iam-admin/methods.js";
import type { MethodRow } from "../../../src/rpc/method/method.js";
import { fieldAndMessage, requestErrorOf } from "../../support/request-error-of.js";

const ROBOT = "robot@my-project.iam.gserviceaccount.com";
const NAME = `projects/-/serviceAccounts/${ROBOT}`;
const KEY_ID = "0123456789abcdef0123456789abcdef01234567";
const ACCOUNT_FORMS = "projects/{project or -}/serviceAccounts/{email or unique ID}, an e-mail address or a unique ID";
const ROLE_FORMS = "roles/{role}, projects/{project}/roles/{role} or organizations/{number}/roles/{role}";
const FULL_NAME = "//cloudresourcemanager.googleapis.com/projects/my-project";
const PEM = Buffer.from("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");

const { IAM: _service, ...rows } = methods;
type Name = keyof typeof rows;

/** The message of a request, whatever it is. */
function normalize(method: Name, request: unknown): Record<string, unknown> {
  const row = rows[method] as unknown as MethodRow<unknown, Record<string, unknown>, unknown, unknown>; // as: callers write anything
  return row.normalize(request);
}

describe("the name of an account", () => {
  test.each([
    [ROBOT, NAME],
    [NAME, NAME],
    ["107517467455664443765", "projects/-/serviceAccounts/107517467455664443765"],
    [`projects/my-project/serviceAccounts/${ROBOT}`, `projects/my-project/serviceAccounts/${ROBOT}`],
    [`projects/example.com:my-project/serviceAccounts/1`, `projects/example.com:my-project/serviceAccounts/1`],
  ])("written %s goes out as %s, as name and as resource", (text, name) => {
    expect(normalize("getServiceAccount", { name: text })).toEqual({ name });
    expect(normalize("getIamPolicy", { resource: text })).toEqual({ resource: name, options: undefined });
  });

  test.each<[unknown, string]>([
    [undefined, `is missing; must be ${ACCOUNT_FORMS}`],
    ["", `is missing; must be ${ACCOUNT_FORMS}`],
    [7, `must be ${ACCOUNT_FORMS}`],
    ["robot", `must be ${ACCOUNT_FORMS}, not "robot"`],
    [`${ROBOT}\n`, `must be ${ACCOUNT_FORMS}, not "${ROBOT}\\n"`],
    [
      `serviceAccount:${ROBOT}`,
      `must be ${ACCOUNT_FORMS}, not "serviceAccount:${ROBOT}" (a name has no prefix such as serviceAccount:)`,
    ],
    [
      `projects/My Project/serviceAccounts/${ROBOT}`,
      `must be ${ACCOUNT_FORMS}, not "projects/My Project/serviceAccounts/${ROBOT}"`,
    ],
    [`${NAME}/keys/1`, `must be ${ACCOUNT_FORMS}, not "${NAME}/keys/1"`],
  ])("of %j is refused", (name, problem) => {
    const error = requestErrorOf(() => normalize("deleteServiceAccount", { name }));
    expect(fieldAndMessage(error)).toEqual({ field: "name", message: `name: ${problem}` });
  });
});

test.each<[Name, object, object]>([
  ["listServiceAccounts", { name: "my-project" }, { name: "projects/my-project", pageSize: 0, pageToken: "" }],
  [
    "listServiceAccounts",
    { name: "projects/my-project", pageSize: 5, pageToken: "t" },
    { name: "projects/my-project", pageSize: 5, pageToken: "t" },
  ],
  [
    "createServiceAccount",
    { name: "my-project", accountId: "robot-1" },
    { name: "projects/my-project", accountId: "robot-1", serviceAccount: undefined },
  ],
  ["getServiceAccountKey", { name: `${ROBOT}/keys/${KEY_ID}` }, { name: `${NAME}/keys/${KEY_ID}`, publicKeyType: 0 }],
  [
    "getServiceAccountKey",
    { name: `${NAME}/keys/${KEY_ID}`, publicKeyType: "TYPE_RAW_PUBLIC_KEY" },
    { name: `${NAME}/keys/${KEY_ID}`, publicKeyType: 2 },
  ],
  [
    "listServiceAccountKeys",
    { name: ROBOT, keyTypes: ["USER_MANAGED", "SYSTEM_MANAGED"] },
    { name: NAME, keyTypes: [1, 2] },
  ],
  [
    "createServiceAccountKey",
    { name: ROBOT, privateKeyType: "TYPE_PKCS12_FILE", keyAlgorithm: "KEY_ALG_RSA_2048" },
    { name: NAME, privateKeyType: 1, keyAlgorithm: 2 },
  ],
  ["uploadServiceAccountKey", { name: ROBOT, publicKeyData: new Uint8Array(PEM) }, { name: NAME, publicKeyData: PEM }],
  ["signBlob", { name: ROBOT, bytesToSign: Uint8Array.of(1, 2) }, { name: NAME, bytesToSign: Buffer.from([1, 2]) }],
  ["signJwt", { name: ROBOT, payload: { sub: "a" } }, { name: NAME, payload: '{"sub":"a"}' }],
  ["signJwt", { name: ROBOT, payload: '{ "sub": "a" }' }, { name: NAME, payload: '{ "sub": "a" }' }],
  [
    "getIamPolicy",
    { resource: ROBOT, options: { requestedPolicyVersion: 3 } },
    { resource: NAME, options: { requestedPolicyVersion: 3 } },
  ],
  [
    "testIamPermissions",
    { resource: ROBOT, permissions: ["iam.serviceAccounts.actAs"] },
    { resource: NAME, permissions: ["iam.serviceAccounts.actAs"] },
  ],
  [
    "queryGrantableRoles",
    { fullResourceName: FULL_NAME, view: "FULL" },
    { fullResourceName: FULL_NAME, view: 1, pageSize: 0, pageToken: "" },
  ],
  ["listRoles", {}, { parent: "", pageSize: 0, pageToken: "", view: 0, showDeleted: false }],
  [
    "listRoles",
    { parent: "organizations/1", showDeleted: true },
    { parent: "organizations/1", pageSize: 0, pageToken: "", view: 0, showDeleted: true },
  ],
  [
    "deleteRole",
    { name: "projects/my-project/roles/signer" },
    { name: "projects/my-project/roles/signer", etag: Buffer.alloc(0) },
  ],
  [
    "lintPolicy",
    { condition: { expression: "true" } },
    { fullResourceName: "", condition: { expression: "true", title: "", description: "", location: "" } },
  ],
])("%s takes %j", (method, request, message) => {
  expect(normalize(method, request)).toEqual(message);
});

test.each<[Name, unknown, string, string]>([
  ["getServiceAccount", undefined, "request", "must be an object with name"],
  ["getServiceAccount", ROBOT, "request", "must be an object with name"],
  ["getServiceAccount", { name: ROBOT, nmae: 1 }, "nmae", "no such field; valid names are name"],
  ["listServiceAccounts", {}, "name", "is missing; must be projects/{project}, or the project's ID"],
  [
    "listServiceAccounts",
    { name: "projects/-" },
    "name",
    'must be projects/{project}, or the project\'s ID, not "projects/-"',
  ],
  ["listServiceAccounts", { name: "my-project", pageSize: 0 }, "pageSize", "must be a positive integer"],
  ["listServiceAccounts", { name: "my-project", pageSize: "9" }, "pageSize", "must be a positive integer"],
  [
    "listServiceAccounts",
    { name: "my-project", pageSize: 2 ** 31 },
    "pageSize",
    "must be an integer from -2147483648 to 2147483647",
  ],
  ["listServiceAccounts", { name: "my-project", pageToken: 1 }, "pageToken", "must be a string"],
  [
    "createServiceAccount",
    { name: "my-project", accountId: "robot" },
    "accountId",
    'must be 6 to 30 lowercase letters, digits and dashes, starting with a letter and not ending with a dash, not "robot"',
  ],
  [
    "createServiceAccount",
    { name: "my-project", accountId: "robot-" },
    "accountId",
    'must be 6 to 30 lowercase letters, digits and dashes, starting with a letter and not ending with a dash, not "robot-"',
  ],
  [
    "createServiceAccount",
    { name: "my-project", accountId: "robot-1", serviceAccount: { displayName: "ü".repeat(51) } },
    "serviceAccount.displayName",
    "must be at most 100 bytes of UTF-8",
  ],
  [
    "createServiceAccount",
    { name: "my-project", accountId: "robot-1", serviceAccount: { title: "" } },
    "serviceAccount.title",
    "no such field; valid names are name, projectId, uniqueId, email, displayName, etag, description, oauth2ClientId, disabled",
  ],
  [
    "updateServiceAccount",
    { name: ROBOT, description: "d".repeat(257) },
    "description",
    "must be at most 256 bytes of UTF-8",
  ],
  ["patchServiceAccount", {}, "serviceAccount", "must be an object with name and the fields to write"],
  [
    "patchServiceAccount",
    { serviceAccount: { displayName: "A" } },
    "serviceAccount.name",
    `is missing; must be ${ACCOUNT_FORMS}`,
  ],
  [
    "patchServiceAccount",
    { serviceAccount: { name: ROBOT } },
    "updateMask",
    "names no field to write; valid names are displayName, description",
  ],
  [
    "patchServiceAccount",
    { serviceAccount: { name: ROBOT }, updateMask: ["email"] },
    "updateMask[0]",
    "must be one of displayName, description",
  ],
  [
    "patchServiceAccount",
    { serviceAccount: { name: ROBOT }, updateMask: "displayName" },
    "updateMask",
    "must be an array of field names, such as displayName",
  ],
  [
    "getServiceAccountKey",
    { name: NAME },
    "name",
    `must be projects/{project or -}/serviceAccounts/{email or unique ID}/keys/{key ID}, not "${NAME}"`,
  ],
  [
    "getServiceAccountKey",
    { name: `x/keys/1` },
    "name",
    'must be projects/{project or -}/serviceAccounts/{email or unique ID}/keys/{key ID}, not "x/keys/1"',
  ],
  [
    "getServiceAccountKey",
    { name: `${NAME}/keys/1`, publicKeyType: "X509" },
    "publicKeyType",
    "must be one of TYPE_NONE, TYPE_X509_PEM_FILE, TYPE_RAW_PUBLIC_KEY",
  ],
  ["listServiceAccountKeys", { name: ROBOT, keyTypes: "USER_MANAGED" }, "keyTypes", "must be an array"],
  [
    "listServiceAccountKeys",
    { name: ROBOT, keyTypes: ["KEY_TYPE_UNSPECIFIED"] },
    "keyTypes[0]",
    "must be USER_MANAGED or SYSTEM_MANAGED",
  ],
  [
    "listServiceAccountKeys",
    { name: ROBOT, keyTypes: ["USER_MANAGED", "USER_MANAGED"] },
    "keyTypes[1]",
    "is a duplicate: USER_MANAGED",
  ],
  [
    "listServiceAccountKeys",
    { name: ROBOT, keyTypes: [1] },
    "keyTypes[0]",
    "must be one of KEY_TYPE_UNSPECIFIED, USER_MANAGED, SYSTEM_MANAGED",
  ],
  [
    "uploadServiceAccountKey",
    { name: ROBOT, publicKeyData: "PEM" },
    "publicKeyData",
    "must be the bytes of an X.509 certificate in PEM form",
  ],
  [
    "uploadServiceAccountKey",
    { name: ROBOT, publicKeyData: Buffer.from("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n") },
    "publicKeyData",
    "must be the bytes of an X.509 certificate in PEM form, but contains a private key",
  ],
  [
    "signBlob",
    { name: ROBOT, bytesToSign: "text" },
    "bytesToSign",
    "must be bytes (a Buffer or Uint8Array); for text: Buffer.from(text)",
  ],
  ["signJwt", { name: ROBOT, payload: "[1]" }, "payload", "must be a JSON object, as a string or a plain object"],
  [
    "getIamPolicy",
    { resource: ROBOT, options: { requestedPolicyVersion: 2 } },
    "options.requestedPolicyVersion",
    "must be 1 or 3",
  ],
  ["setIamPolicy", { resource: ROBOT }, "policy", "is missing"],
  [
    "setIamPolicy",
    { resource: ROBOT, policy: { bindings: [{ members: [] }] } },
    "policy.bindings[0].role",
    "is missing; must be a role such as roles/iam.serviceAccountUser",
  ],
  [
    "setIamPolicy",
    { resource: ROBOT, policy: { bindings: [{ role: "roles/x", members: [7] }] } },
    "policy.bindings[0].members[0]",
    "must be a string",
  ],
  [
    "setIamPolicy",
    { resource: ROBOT, policy: { etag: "BwWK" } },
    "policy.etag",
    "must be bytes (a Buffer or Uint8Array)",
  ],
  [
    "setIamPolicy",
    { resource: ROBOT, policy: { version: 1, bindings: [{ role: "roles/x", condition: { expression: "true" } }] } },
    "policy.version",
    "must be 3, since policy.bindings[0] has a condition",
  ],
  [
    "setIamPolicy",
    { resource: ROBOT, policy: { version: 3, bindings: [{ role: "roles/x", condition: { title: "t" } }] } },
    "policy.bindings[0].condition.expression",
    "is missing; must be an expression in the Common Expression Language",
  ],
  [
    "testIamPermissions",
    { resource: ROBOT, permissions: [] },
    "permissions",
    "must be an array of at least one permission, such as iam.serviceAccounts.actAs",
  ],
  [
    "testIamPermissions",
    { resource: ROBOT, permissions: ["iam.*"] },
    "permissions[0]",
    'must be a permission such as iam.serviceAccounts.actAs, without wildcards, not "iam.*"',
  ],
  [
    "queryGrantableRoles",
    { fullResourceName: "projects/my-project" },
    "fullResourceName",
    `must be a full resource name such as ${FULL_NAME}, not "projects/my-project"`,
  ],
  ["queryAuditableServices", {}, "fullResourceName", `is missing; must be a full resource name such as ${FULL_NAME}`],
  [
    "listRoles",
    { parent: "folders/1" },
    "parent",
    'must be projects/{project} or organizations/{number}, not "folders/1"',
  ],
  ["getRole", { name: "iam.serviceAccountUser" }, "name", `must be ${ROLE_FORMS}, not "iam.serviceAccountUser"`],
  [
    "deleteRole",
    { name: "roles/viewer" },
    "name",
    'must be projects/{project}/roles/{role} or organizations/{number}/roles/{role} (predefined roles cannot be changed), not "roles/viewer"',
  ],
  [
    "createRole",
    { parent: "projects/my-project", roleId: "a" },
    "roleId",
    'must be 3 to 64 letters, digits, underscores and dots, not "a"',
  ],
  ["createRole", { parent: "projects/my-project", roleId: "abc" }, "role", "is missing"],
  [
    "createRole",
    { parent: "projects/my-project", roleId: "abc", role: { stage: "STABLE" } },
    "role.stage",
    "must be one of ALPHA, BETA, GA, DEPRECATED, DISABLED, EAP",
  ],
  [
    "updateRole",
    { name: "projects/my-project/roles/abc", role: {} },
    "updateMask",
    "names no field to write; valid names are title, description, includedPermissions, stage",
  ],
  ["lintPolicy", {}, "condition", "is missing"],
])("%s refuses %j for %s", (method, request, field, problem) => {
  const error = requestErrorOf(() => normalize(method, request));
  expect(fieldAndMessage(error)).toEqual({ field, message: `${field}: ${problem}` });
});

describe("an update mask", () => {
  it("is that of the fields that are given, when there is none", () => {
    const { updateMask } = normalize("patchServiceAccount", {
      serviceAccount: { name: ROBOT, displayName: "", email: ROBOT },
    });
    expect(updateMask).toEqual(["display_name"]);
    const role = { title: "T", includedPermissions: [], etag: Buffer.from("e") };
    const message = normalize("updateRole", { name: "organizations/1/roles/abc", role });
    expect(message["updateMask"]).toEqual(["title", "included_permissions"]);
  });

  it("may be written in the proto's spelling or in ours", () => {
    const role = { title: "T" };
    for (const updateMask of [["included_permissions"], ["includedPermissions"]]) {
      const message = normalize("updateRole", { name: "projects/my-project/roles/abc", role, updateMask });
      expect(message["updateMask"]).toEqual(["included_permissions"]);
    }
  });
});

it("takes a policy, a role and an account back as they were read", () => {
  const policy = {
    version: 3,
    bindings: [{ role: "roles/x", members: ["user:a@b.example"], condition: undefined }],
    auditConfigs: [{ service: "allServices", auditLogConfigs: [{ logType: "7" as const, exemptedMembers: [] }] }],
    etag: Buffer.from("e"),
  };
  const { setIamPolicy, updateRole, updateServiceAccount } = methods;
  const message = setIamPolicy.normalize({ resource: ROBOT, policy });
  expect(message.policy).toEqual({
    ...policy,
    auditConfigs: [{ service: "allServices", auditLogConfigs: [{ logType: 7, exemptedMembers: [] }] }],
  });
  const role = updateRole.respond(updateRole.decode(Buffer.from([0x40, 6]))); // stage = 6
  expect(role).toMatchObject({ stage: "EAP", includedPermissions: [] });
  expect(updateRole.normalize({ name: "projects/my-project/roles/abc", role }).role).toMatchObject({ stage: 6 });
  const account = updateServiceAccount.respond(updateServiceAccount.decode(Buffer.alloc(0)));
  expect(updateServiceAccount.normalize({ ...account, name: ROBOT }).name).toBe(NAME);
});

it("tells the number of an enum value that is newer than this package", () => {
  const { getServiceAccountKey } = methods;
  const key = getServiceAccountKey.respond(getServiceAccountKey.decode(Buffer.from([0x40, 9]))); // key_algorithm = 9
  expect(key).toMatchObject({ keyAlgorithm: "9", keyOrigin: "ORIGIN_UNSPECIFIED", validAfterTime: undefined });
});
