// SPDX-License-Identifier: Apache-2.0
// One script of calls, run by Google's @googleapis/iam and by our client over each transport, each on an emulator of its own that
// starts the same: every answer, every error and what is left at the end is the same.

import { generateKeyPairSync } from "node:crypto";
import { iam, type iam_v1 } from "@googleapis/iam";
import { OAuth2Client } from "google-auth-library";
import type { Emulator } from "../../src/emulator/index.js";
import { RpcError } from "../../src/index.js";
import {
  ADMIN,
  type AdminStage,
  BOB,
  CARRIERS,
  emailOf,
  nameOf,
  openAdminStage,
  PROJECT,
} from "../support/admin-stage.js";
import { createCertificateAuthority } from "../support/certificate-authority.js";

// biome-ignore lint/suspicious/noExplicitAny: a request or answer is what the script says; the clients have types of their own.
type Any = any;

const ROBOT = emailOf("robot-1");
const NAME = `projects/-/serviceAccounts/${ROBOT}`;
const PARENT = `projects/${PROJECT}`;
const FULL_NAME = `//cloudresourcemanager.googleapis.com/${PARENT}`;
// The service takes RSA keys alone.
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const { certificate } = createCertificateAuthority().issue(["robot.example"], undefined, privateKey);
const condition = { expression: 'request.time < timestamp("2040-01-01T00:00:00Z")', title: "for now" };
const bindings = [
  { role: "roles/iam.serviceAccountUser", members: [BOB] },
  { role: "roles/iam.workloadIdentityUser", members: [ADMIN], condition },
];
const role = { title: "Signer", includedPermissions: ["iam.serviceAccounts.signBlob"], stage: "GA" };

/** What a step may need of the answers before it, by the names of their steps. */
type Answers = Readonly<Record<string, Any>>;

/** The script: our method, and its request with bytes as Buffers. */
const SCRIPT: readonly (readonly [step: string, method: string, request: (answers: Answers) => Any])[] = [
  [
    "creates an account",
    "createServiceAccount",
    () => ({ name: PARENT, accountId: "robot-2", serviceAccount: { displayName: "Two ü" } }),
  ],
  ["refuses to create it again", "createServiceAccount", () => ({ name: PARENT, accountId: "robot-2" })],
  ["lists a page", "listServiceAccounts", () => ({ name: PARENT, pageSize: 1 })],
  [
    "lists the next",
    "listServiceAccounts",
    (at) => ({ name: PARENT, pageSize: 1, pageToken: at["lists a page"].nextPageToken }),
  ],
  ["refuses a token that is none", "listServiceAccounts", () => ({ name: PARENT, pageToken: "none" })],
  ["reads an account", "getServiceAccount", () => ({ name: NAME })],
  ["reads none that is not there", "getServiceAccount", () => ({ name: nameOf("nobody-1") })],
  [
    "reads none that is not there, of any project",
    "getServiceAccount",
    () => ({ name: `projects/-/serviceAccounts/${emailOf("nobody-1")}` }),
  ],
  [
    "patches an account",
    "patchServiceAccount",
    () => ({ serviceAccount: { name: NAME, displayName: "One", description: "d" }, updateMask: ["displayName"] }),
  ],
  ["updates an account", "updateServiceAccount", () => ({ name: NAME, displayName: "Uno" })],
  ["disables an account", "disableServiceAccount", () => ({ name: NAME })],
  ["reads it, disabled", "getServiceAccount", () => ({ name: NAME })],
  ["enables an account", "enableServiceAccount", () => ({ name: NAME })],
  [
    "creates a key",
    "createServiceAccountKey",
    () => ({ name: NAME, privateKeyType: "TYPE_GOOGLE_CREDENTIALS_FILE", keyAlgorithm: "KEY_ALG_RSA_2048" }),
  ],
  ["makes no PKCS #12", "createServiceAccountKey", () => ({ name: NAME, privateKeyType: "TYPE_PKCS12_FILE" })],
  ["uploads a key", "uploadServiceAccountKey", () => ({ name: NAME, publicKeyData: Buffer.from(certificate) })],
  [
    "refuses to upload it again",
    "uploadServiceAccountKey",
    () => ({ name: NAME, publicKeyData: Buffer.from(certificate) }),
  ],
  ["lists keys of a type", "listServiceAccountKeys", () => ({ name: NAME, keyTypes: ["USER_MANAGED"] })],
  [
    "lists keys of both types",
    "listServiceAccountKeys",
    () => ({ name: NAME, keyTypes: ["USER_MANAGED", "SYSTEM_MANAGED"] }),
  ],
  ["lists all keys", "listServiceAccountKeys", () => ({ name: NAME })],
  ["reads a key", "getServiceAccountKey", (at) => ({ name: at["creates a key"].name })],
  [
    "reads a key as X.509",
    "getServiceAccountKey",
    (at) => ({ name: at["uploads a key"].name, publicKeyType: "TYPE_X509_PEM_FILE" }),
  ],
  [
    "reads a key raw",
    "getServiceAccountKey",
    (at) => ({ name: at["uploads a key"].name, publicKeyType: "TYPE_RAW_PUBLIC_KEY" }),
  ],
  ["reads no key that is not there", "getServiceAccountKey", () => ({ name: `${NAME}/keys/${"0".repeat(40)}` })],
  ["disables a key", "disableServiceAccountKey", (at) => ({ name: at["creates a key"].name })],
  ["reads it disabled", "getServiceAccountKey", (at) => ({ name: at["creates a key"].name })],
  ["enables a key", "enableServiceAccountKey", (at) => ({ name: at["creates a key"].name })],
  ["deletes a key", "deleteServiceAccountKey", (at) => ({ name: at["creates a key"].name })],
  ["refuses to delete it again", "deleteServiceAccountKey", (at) => ({ name: at["creates a key"].name })],
  ["reads a policy that nobody wrote", "getIamPolicy", () => ({ resource: NAME })],
  [
    "writes a policy",
    "setIamPolicy",
    (at) => ({ resource: NAME, policy: { version: 3, bindings, etag: at["reads a policy that nobody wrote"].etag } }),
  ],
  [
    "refuses a policy that was overtaken",
    "setIamPolicy",
    (at) => ({ resource: NAME, policy: { version: 3, bindings, etag: at["reads a policy that nobody wrote"].etag } }),
  ],
  [
    "refuses a role that is none",
    "setIamPolicy",
    () => ({ resource: NAME, policy: { bindings: [{ role: "roles/none", members: [] }] } }),
  ],
  [
    "refuses a member that is none",
    "setIamPolicy",
    () => ({ resource: NAME, policy: { bindings: [{ role: "roles/viewer", members: ["bob"] }] } }),
  ],
  ["reads a policy", "getIamPolicy", () => ({ resource: NAME, options: { requestedPolicyVersion: 3 } })],
  [
    "reads a policy without conditions",
    "getIamPolicy",
    () => ({ resource: NAME, options: { requestedPolicyVersion: 1 } }),
  ],
  [
    "writes what is logged",
    "setIamPolicy",
    () => ({
      resource: NAME,
      policy: {
        auditConfigs: [{ service: "allServices", auditLogConfigs: [{ logType: "DATA_READ", exemptedMembers: [BOB] }] }],
      },
      updateMask: ["auditConfigs"],
    }),
  ],
  [
    "tests permissions",
    "testIamPermissions",
    () => ({ resource: NAME, permissions: ["iam.serviceAccounts.get", "iam.serviceAccounts.actAs"] }),
  ],
  ["refuses to test what is none", "testIamPermissions", () => ({ resource: NAME, permissions: ["iam.nothing.get"] })],
  ["signs bytes", "signBlob", () => ({ name: NAME, bytesToSign: Buffer.from("to be signed") })],
  ["signs claims", "signJwt", () => ({ name: NAME, payload: '{"sub":"x"}' })],
  ["creates a role", "createRole", () => ({ parent: PARENT, roleId: "signer", role })],
  ["refuses to create it again, as a role", "createRole", () => ({ parent: PARENT, roleId: "signer", role })],
  [
    "refuses a permission that is none",
    "createRole",
    () => ({ parent: PARENT, roleId: "other", role: { includedPermissions: ["a.b.c"] } }),
  ],
  ["reads a role", "getRole", () => ({ name: `${PARENT}/roles/signer` })],
  ["reads a predefined role", "getRole", () => ({ name: "roles/iam.serviceAccountUser" })],
  ["reads no role that is not there", "getRole", () => ({ name: "roles/none" })],
  [
    "updates a role",
    "updateRole",
    () => ({ name: `${PARENT}/roles/signer`, role: { title: "S", stage: "BETA" }, updateMask: ["title", "stage"] }),
  ],
  ["lists predefined roles", "listRoles", () => ({ pageSize: 3 })],
  ["lists custom roles in full", "listRoles", () => ({ parent: PARENT, view: "FULL" })],
  ["may not list those of an organization", "listRoles", () => ({ parent: "organizations/1" })],
  ["deletes a role", "deleteRole", (at) => ({ name: `${PARENT}/roles/signer`, etag: at["updates a role"].etag })],
  ["lists deleted roles", "listRoles", () => ({ parent: PARENT, showDeleted: true })],
  ["undeletes a role", "undeleteRole", () => ({ name: `${PARENT}/roles/signer` })],
  [
    "queries grantable roles",
    "queryGrantableRoles",
    () => ({ fullResourceName: FULL_NAME, view: "FULL", pageSize: 4 }),
  ],
  ["queries testable permissions", "queryTestablePermissions", () => ({ fullResourceName: FULL_NAME, pageSize: 7 })],
  ["queries auditable services", "queryAuditableServices", () => ({ fullResourceName: FULL_NAME })],
  [
    "finds a mistake in a condition",
    "lintPolicy",
    () => ({ fullResourceName: FULL_NAME, condition: { expression: "request.time +" } }),
  ],
  ["finds none in a good one", "lintPolicy", () => ({ condition })],
  ["deletes an account", "deleteServiceAccount", () => ({ name: nameOf("robot-2") })],
  [
    "undeletes an account",
    "undeleteServiceAccount",
    (at) => ({ name: `projects/-/serviceAccounts/${at["creates an account"].uniqueId}` }),
  ],
];

/** Our method by Google's client: what is in the path and the query, and what is in the body. */
function theirMethods(api: iam_v1.Iam): Readonly<Record<string, (request: Any) => Promise<{ data: Any }>>> {
  const { roles, permissions, iamPolicies } = api;
  const { serviceAccounts: accounts, roles: customRoles } = api.projects as Any;
  const { keys } = accounts;
  const named = (call: Any, to: Any) => (request: Any) => {
    const { name, resource, parent, ...requestBody } = request;
    const variable = Object.fromEntries(
      Object.entries({ name, resource, parent }).filter(([, value]) => value !== undefined),
    );
    return call.call(to, { ...variable, requestBody });
  };
  const inQuery = (call: Any, to: Any) => (request: Any) => call.call(to, request);
  return {
    listServiceAccounts: inQuery(accounts.list, accounts),
    getServiceAccount: inQuery(accounts.get, accounts),
    createServiceAccount: named(accounts.create, accounts),
    updateServiceAccount: named(accounts.update, accounts),
    patchServiceAccount: (request) => accounts.patch({ name: request.serviceAccount.name, requestBody: request }),
    deleteServiceAccount: inQuery(accounts.delete, accounts),
    undeleteServiceAccount: named(accounts.undelete, accounts),
    enableServiceAccount: named(accounts.enable, accounts),
    disableServiceAccount: named(accounts.disable, accounts),
    listServiceAccountKeys: inQuery(keys.list, keys),
    getServiceAccountKey: inQuery(keys.get, keys),
    createServiceAccountKey: named(keys.create, keys),
    uploadServiceAccountKey: named(keys.upload, keys),
    deleteServiceAccountKey: inQuery(keys.delete, keys),
    disableServiceAccountKey: named(keys.disable, keys),
    enableServiceAccountKey: named(keys.enable, keys),
    signBlob: named(accounts.signBlob, accounts),
    signJwt: named(accounts.signJwt, accounts),
    getIamPolicy: ({ resource, options = {} }) =>
      accounts.getIamPolicy({ resource, "options.requestedPolicyVersion": options.requestedPolicyVersion }),
    setIamPolicy: named(accounts.setIamPolicy, accounts),
    testIamPermissions: named(accounts.testIamPermissions, accounts),
    listRoles: (request) => ((request.parent === undefined ? roles : customRoles) as Any).list(request),
    getRole: (request) => ((request.name.startsWith("roles/") ? roles : customRoles) as Any).get(request),
    createRole: named(customRoles.create, customRoles),
    updateRole: ({ role: requestBody, ...query }) => customRoles.patch({ ...query, requestBody }),
    deleteRole: inQuery(customRoles.delete, customRoles),
    undeleteRole: named(customRoles.undelete, customRoles),
    queryGrantableRoles: named(roles.queryGrantableRoles, roles),
    queryTestablePermissions: named(permissions.queryTestablePermissions, permissions),
    queryAuditableServices: named(iamPolicies.queryAuditableServices, iamPolicies),
    lintPolicy: named(iamPolicies.lintPolicy, iamPolicies),
  };
}

/** A request as JSON has it: bytes in base64, update masks as text. */
function asJson(value: Any): Any {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(asJson);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries<Any>(value).map(([key, each]) => [
    key,
    key === "updateMask" ? each.join() : asJson(each),
  ]);
  return Object.fromEntries(entries);
}

/** What the zero of an enum is called: JSON leaves it out. */
const ZEROS = /^(KEY_ALG|TYPE|ORIGIN|KEY_TYPE|LEVEL|SEVERITY|LOG_TYPE)_UNSPECIFIED$|^(TYPE_NONE|ALPHA|SUPPORTED)$/;
/** What is drawn or measured anew by each emulator; here only that it is there counts. */
const OWN = /^(etag|uniqueId|oauth2ClientId|privateKeyData|keyId|signature|signedJwt|validAfterTime|validBeforeTime)$/;

/**
 * The canonical form in which answers are compared: what is at its default is left out, bytes are base64, and what differs from emulator
 * to emulator is replaced by its name: etags, unique ids, key ids, times, new keys, signatures.
 */
function canonical(value: Any, key = ""): Any {
  if (OWN.test(key)) return value === undefined || value.length === 0 ? undefined : `(${key})`;
  if (value instanceof Uint8Array) return value.length === 0 ? undefined : Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((each) => canonical(each));
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([name, each]) => [name, canonical(each, name)] as const);
    return Object.fromEntries(entries.filter(([, each]) => each !== undefined));
  }
  if (value === "" || value === 0 || value === false || value === null) return undefined;
  return typeof value === "string" ? canonicalText(value) : value;
}

function canonicalText(text: string): string | undefined {
  if (ZEROS.test(text)) return undefined;
  return text
    .replace(/\/keys\/[0-9a-f]{40}/, "/keys/(key id)")
    .replace(/\b\d{21}\b/g, "(unique id)")
    .replace(/ETag '[^']*'/g, "ETag '(etag)'");
}

/** How a step ended. */
type Ending =
  | { readonly answer: unknown }
  | { readonly status: string; readonly text: string | undefined; readonly reason: unknown };

/** Runs the script by one client. */
async function play(
  call: (method: string, request: Any) => Promise<Any>,
  failure: (error: unknown) => Ending,
): Promise<Map<string, Ending>> {
  const answers: Record<string, Any> = {};
  const endings = new Map<string, Ending>();
  for (const [step, method, request] of SCRIPT) {
    try {
      answers[step] = await call(method, request(answers));
      endings.set(step, { answer: canonical(answers[step] ?? {}) });
    } catch (error) {
      endings.set(step, failure(error));
    }
  }
  return endings;
}

function ourFailure(error: unknown): Ending {
  if (!(error instanceof RpcError)) throw error;
  const { status, message, method, reason } = error;
  return { status, text: canonicalText(message.slice(`${method}: ${status}: `.length)), reason };
}

function theirFailure(error: unknown): Ending {
  const { status, message, details = [] } = (error as Any).response?.data?.error ?? {};
  if (status === undefined) throw error;
  return { status, text: canonicalText(message), reason: details.find((each: Any) => each.reason)?.reason };
}

async function playTheirs({ emulator }: AdminStage): Promise<Map<string, Ending>> {
  // Without it gaxios imports node-fetch, which Jest does not let it.
  const auth = new OAuth2Client({ transporterOptions: { fetchImplementation: fetch } });
  auth.setCredentials({ access_token: await emulator.accessToken(ADMIN), expiry_date: Date.now() + 3_000_000 });
  // as: its copy of google-auth-library is another to TypeScript
  const methods = theirMethods(iam({ version: "v1", rootUrl: `${emulator.url}/`, auth } as never));
  const call = async (method: string, request: Any) => (await methods[method]?.(asJson(request)))?.data;
  return play(call, theirFailure);
}

function playOurs(stage: AdminStage, transport: "grpc" | "rest"): Promise<Map<string, Ending>> {
  const client = stage.client(transport) as Any;
  const call = (method: string, request: Any) => {
    const result = client[method](request);
    return "firstPage" in result ? result.firstPage() : result;
  };
  return play(call, ourFailure);
}

/** What an emulator has in the end, without what differs from one to another. */
const leftIn = (emulator: Emulator) => canonical(JSON.parse(JSON.stringify(emulator.exportState())));

const open = () => openAdminStage({ serviceAccounts: [ROBOT] });

describe("@googleapis/iam and our client", () => {
  let theirs: Map<string, Ending>;
  let theirStage: AdminStage;
  beforeAll(async () => {
    theirStage = await open();
    theirs = await playTheirs(theirStage);
  }, 60_000);
  afterAll(() => theirStage[Symbol.asyncDispose]());

  it("call every method in the script, which ends in both answers and errors", () => {
    expect(new Set(SCRIPT.map(([, method]) => method)).size).toBe(31);
    const failed = [...theirs.values()].filter((ending) => "status" in ending);
    expect(failed.length).toBeGreaterThan(10);
    expect(theirs.size - failed.length).toBeGreaterThan(35);
  });

  describe.each(CARRIERS)("over %s", (transport) => {
    let ours: Map<string, Ending>;
    let stage: AdminStage;
    beforeAll(async () => {
      stage = await open();
      ours = await playOurs(stage, transport);
    }, 60_000);
    afterAll(() => stage[Symbol.asyncDispose]());

    test.each(SCRIPT.map(([step, method]) => [step, method]))("%s (%s)", (step) => {
      expect(theirs.get(step)).toBeDefined();
      expect(ours.get(step)).toEqual(theirs.get(step));
    });

    it("leave the same behind", () => {
      expect(leftIn(stage.emulator)).toEqual(leftIn(theirStage.emulator));
    });
  });
});
