// SPDX-License-Identifier: Apache-2.0
// The checks of single fields, which make the many spellings of a name one before anything is sent. They throw RequestError.

import { ROLE_PARENT } from "../access-policy/policy-checks.js";
import { memoize } from "../base/collections/memo.js";
import { RequestError } from "../base/errors.js";
import { normalizeClaims } from "../messages/claims.js";
import { notAName, PROJECT_ID, requireForm, requireText } from "../messages/field-checks.js";

const EMAIL = /^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/;
const UNIQUE_ID = /^\d+$/;
const ACCOUNT_FORMS = "projects/{project or -}/serviceAccounts/{email or unique ID}, an e-mail address or a unique ID";

/** The resource name of an account in any of its forms; empty for anything else. */
const accountNameOf = memoize((text) => {
  const [, project = "-", account = text] = /^projects\/([^/]*)\/serviceAccounts\/([^/]*)$/.exec(text) ?? [];
  const isName = (project === "-" || PROJECT_ID.test(project)) && (EMAIL.test(account) || UNIQUE_ID.test(account));
  return isName ? `projects/${project}/serviceAccounts/${account}` : "";
});

/** The name of an account, from any of its forms. */
export function normalizeAccountName(value: unknown, field: string): string {
  const text = requireText(value, field, ACCOUNT_FORMS);
  const name = accountNameOf(text);
  if (name !== "") return name;
  throw notAName(text, field, ACCOUNT_FORMS);
}

/** The name of a key. */
export function normalizeKeyName(value: unknown, field: string): string {
  const forms = "projects/{project or -}/serviceAccounts/{email or unique ID}/keys/{key ID}";
  const text = requireForm(value, field, /^.+\/keys\/[A-Za-z0-9_-]+$/, forms);
  const [account = "", key = ""] = text.split("/keys/");
  const name = accountNameOf(account);
  if (name === "") throw new RequestError(field, `must be ${forms}, not ${JSON.stringify(text)}`);
  return `${name}/keys/${key}`;
}

/** Whose custom roles. */
export function requireRoleParent(value: unknown, field: string): string {
  return requireForm(value, field, new RegExp(`^${ROLE_PARENT}$`), "projects/{project} or organizations/{number}");
}

/** Whose roles; nobody's: the predefined ones. */
export function normalizeRoleParent(value: unknown, field: string): unknown {
  return value === undefined || value === "" ? value : requireRoleParent(value, field);
}

/** The name of a custom role. */
export function requireCustomRoleName(value: unknown, field: string): string {
  const forms =
    "projects/{project}/roles/{role} or organizations/{number}/roles/{role} (predefined roles cannot be changed)";
  return requireForm(value, field, new RegExp(`^${ROLE_PARENT}/roles/[A-Za-z0-9_.]+$`), forms);
}

/** What the name of a custom role ends in. */
export function requireRoleId(value: unknown, field: string): string {
  return requireForm(value, field, /^[A-Za-z0-9_.]{3,64}$/, "3 to 64 letters, digits, underscores and dots");
}

/** What the address of an account begins with. Source: google.iam.admin.v1.CreateServiceAccountRequest. */
export function requireAccountId(value: unknown, field: string): string {
  const forms = "6 to 30 lowercase letters, digits and dashes, starting with a letter and not ending with a dash";
  return requireForm(value, field, /^(?=.{6,30}$)[a-z]([-a-z0-9]*[a-z0-9])$/, forms);
}

/** The full name of a resource. */
export function requireFullResourceName(value: unknown, field: string): string {
  const forms = "a full resource name such as //cloudresourcemanager.googleapis.com/projects/my-project";
  return requireForm(value, field, /^\/\/[a-z0-9.-]+\/\S+$/, forms);
}

/** The full name of a resource, or none. */
export function normalizeFullResourceName(value: unknown, field: string): unknown {
  return value === undefined || value === "" ? value : requireFullResourceName(value, field);
}

/** Kinds of keys, each once. Source: google.iam.admin.v1.ListServiceAccountKeysRequest. */
export function normalizeKeyTypes(value: unknown, field: string): unknown {
  if (!Array.isArray(value)) return value;
  for (const [index, type] of value.entries()) {
    const at = `${field}[${index}]`;
    if (type === "KEY_TYPE_UNSPECIFIED") throw new RequestError(at, "must be USER_MANAGED or SYSTEM_MANAGED");
    if (value.indexOf(type) !== index) throw new RequestError(at, `is a duplicate: ${String(type)}`);
  }
  return value;
}

/** A certificate. Choosing the wrong file must not send a private key away. */
export function requireCertificate(value: unknown, field: string): Uint8Array {
  const problem = "must be the bytes of an X.509 certificate in PEM form";
  if (!(value instanceof Uint8Array)) throw new RequestError(field, problem);
  const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("latin1");
  if (text.includes("PRIVATE KEY-----")) throw new RequestError(field, `${problem}, but contains a private key`);
  if (!text.includes("-----BEGIN CERTIFICATE-----")) throw new RequestError(field, problem);
  return value;
}

/** A claims set, as text. */
export function requireClaims(value: unknown): string {
  return normalizeClaims(value);
}

/** The names of an account, short enough. Source: google.iam.admin.v1.ServiceAccount. */
export function requireShortNames(value: unknown, field: string): unknown {
  const { displayName, description } = Object(value);
  for (const [name, text, most] of [
    ["displayName", displayName, 100],
    ["description", description, 256],
  ] as const) {
    if (typeof text === "string" && Buffer.byteLength(text) > most) {
      throw new RequestError(field === "" ? name : `${field}.${name}`, `must be at most ${most} bytes of UTF-8`);
    }
  }
  return value;
}

/** An account with its new names. */
export function requireNamedAccount(value: unknown, field: string): unknown {
  if (typeof value !== "object" || value === null) {
    throw new RequestError(field, "must be an object with name and the fields to write");
  }
  requireShortNames(value, field);
  return { ...value, name: normalizeAccountName(Reflect.get(value, "name"), `${field}.name`) };
}

/** A request with the update mask that it left out: the fields of `member` that are given and can be written. */
export function fillMask(request: unknown, member: string, known: readonly string[]): unknown {
  const { updateMask, [member]: resource } = Object(request);
  if (updateMask !== undefined || typeof resource !== "object" || resource === null) return request;
  const given = known.filter((name) => Reflect.get(resource, name) !== undefined);
  return { ...Object(request), updateMask: given };
}
