// SPDX-License-Identifier: Apache-2.0
// The checks of single fields, which make the many spellings of a name one before anything is sent. They throw RequestError.

import { RequestError } from "../base/errors.js";
import { memoize } from "../base/memo.js";
import { normalizeClaims } from "../messages/claims.js";

const EMAIL = /^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/;
const UNIQUE_ID = /^\d+$/;
/** An id, under a domain or not: `my-project`, `example.com:my-project`; a number for who has no more. */
const PROJECT = /^([a-z0-9][a-z0-9.-]*:)?[a-z0-9][a-z0-9-]*$/;
const ACCOUNT_FORMS = "projects/{project or -}/serviceAccounts/{email or unique id}, an e-mail address or a unique id";

/** The resource name of an account in any of its forms; empty for anything else. */
const accountNameOf = memoize((text) => {
  const [, project = "-", account = text] = /^projects\/([^/]*)\/serviceAccounts\/([^/]*)$/.exec(text) ?? [];
  const isName = (project === "-" || PROJECT.test(project)) && (EMAIL.test(account) || UNIQUE_ID.test(account));
  return isName ? `projects/${project}/serviceAccounts/${account}` : "";
});

/** Some text, not empty. */
function requireText(value: unknown, field: string, forms: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw new RequestError(field, `${value === undefined || value === "" ? "is missing; give" : "must be"} ${forms}`);
}

/** Text of a form. */
function requireForm(value: unknown, field: string, form: RegExp, forms: string): string {
  const text = requireText(value, field, forms);
  if (form.test(text)) return text;
  throw new RequestError(field, `${JSON.stringify(text)} must be ${forms}`);
}

/** A request that no table describes: an object with no other fields than these. */
export function requireFields(value: unknown, what: string, fields: readonly string[]): void {
  const all = fields.join(", ");
  if (typeof value !== "object" || value === null) throw new RequestError(what, `must be an object with ${all}`);
  const unknown = Object.keys(value).find((key) => !fields.includes(key));
  if (unknown !== undefined) throw new RequestError(unknown, `no such field; there are ${all}`);
}

/** The name of an account, from any of its forms. */
export function normalizeAccountName(value: unknown, field: string): string {
  const text = requireText(value, field, ACCOUNT_FORMS);
  const name = accountNameOf(text);
  if (name !== "") return name;
  const hint = /^\w+:/.test(text) ? " (a name has no prefix such as serviceAccount:)" : "";
  throw new RequestError(field, `${JSON.stringify(text)} must be ${ACCOUNT_FORMS}${hint}`);
}

/** The name of a key. */
export function normalizeKeyName(value: unknown, field: string): string {
  const forms = "projects/{project or -}/serviceAccounts/{email or unique id}/keys/{key id}";
  const text = requireForm(value, field, /^.+\/keys\/[A-Za-z0-9_-]+$/, forms);
  const [account = "", key = ""] = text.split("/keys/");
  const name = accountNameOf(account);
  if (name === "") throw new RequestError(field, `${JSON.stringify(text)} must be ${forms}`);
  return `${name}/keys/${key}`;
}

/** The name of a project, from its name or id. */
export function normalizeProjectName(value: unknown, field: string): string {
  const forms = "projects/{project}, or the project's id";
  const id = requireText(value, field, forms).replace(/^projects\//, "");
  if (!PROJECT.test(id)) throw new RequestError(field, `${JSON.stringify(value)} must be ${forms}`);
  return `projects/${id}`;
}

const ROLE_PARENT = "(projects/([a-z0-9][a-z0-9.-]*:)?[a-z0-9][a-z0-9-]*|organizations/\\d+)";

/** Whose custom roles. */
export function requireRoleParent(value: unknown, field: string): string {
  return requireForm(value, field, new RegExp(`^${ROLE_PARENT}$`), "projects/{project} or organizations/{number}");
}

/** Whose roles; nobody's: the predefined ones. */
export function checkRoleParent(value: unknown, field: string): unknown {
  return value === undefined || value === "" ? value : requireRoleParent(value, field);
}

/** The name of a role, predefined or custom. */
export function requireRoleName(value: unknown, field: string): string {
  const forms = "roles/{role}, projects/{project}/roles/{role} or organizations/{number}/roles/{role}";
  return requireForm(value, field, new RegExp(`^(${ROLE_PARENT}/)?roles/[A-Za-z0-9_.]+$`), forms);
}

/** The name of a custom role. */
export function requireCustomRoleName(value: unknown, field: string): string {
  const forms = "projects/{project}/roles/{role} or organizations/{number}/roles/{role}; no other role can be changed";
  return requireForm(value, field, new RegExp(`^${ROLE_PARENT}/roles/[A-Za-z0-9_.]+$`), forms);
}

/** What the name of a custom role ends in. */
export function requireRoleId(value: unknown, field: string): string {
  return requireForm(value, field, /^[A-Za-z0-9_.]{3,64}$/, "3 to 64 letters, digits, underscores and dots");
}

/** What the address of an account begins with. Source: google.iam.admin.v1.CreateServiceAccountRequest. */
export function requireAccountId(value: unknown, field: string): string {
  const forms = "6 to 30 lower-case letters, digits and dashes, a letter first and no dash last";
  return requireForm(value, field, /^(?=.{6,30}$)[a-z]([-a-z0-9]*[a-z0-9])$/, forms);
}

/** The full name of a resource. */
export function requireFullResourceName(value: unknown, field: string): string {
  const forms = "a full resource name such as //cloudresourcemanager.googleapis.com/projects/my-project";
  return requireForm(value, field, /^\/\/[a-z0-9.-]+\/\S+$/, forms);
}

/** The full name of a resource, or none. */
export function checkFullResourceName(value: unknown, field: string): unknown {
  return value === undefined || value === "" ? value : requireFullResourceName(value, field);
}

/** How many items a page shall have. Not 0, which the wire has for "not said": leave it out for that. */
export function checkPageSize(value: unknown, field: string): unknown {
  if (value === undefined || (Number.isInteger(value) && Number(value) >= 1)) return value;
  throw new RequestError(field, "must be a whole number, 1 or more");
}

/** Permissions, one at least. */
export function requirePermissions(value: unknown, field: string): unknown {
  if (!Array.isArray(value) || value.length === 0) {
    throw new RequestError(field, "must be a list of at least one permission, such as iam.serviceAccounts.actAs");
  }
  for (const [index, permission] of value.entries()) {
    const forms = "a permission such as iam.serviceAccounts.actAs, without wildcards";
    requireForm(permission, `${field}[${index}]`, /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+$/, forms);
  }
  return value;
}

/** Kinds of keys, each once. Source: google.iam.admin.v1.ListServiceAccountKeysRequest. */
export function checkKeyTypes(value: unknown, field: string): unknown {
  if (!Array.isArray(value)) return value;
  for (const [index, type] of value.entries()) {
    const at = `${field}[${index}]`;
    if (type === "KEY_TYPE_UNSPECIFIED") throw new RequestError(at, "must be USER_MANAGED or SYSTEM_MANAGED");
    if (value.indexOf(type) !== index) throw new RequestError(at, `is there twice: ${String(type)}`);
  }
  return value;
}

/** A certificate. One who takes the wrong file must not send a private key away. */
export function requireCertificate(value: unknown, field: string): Uint8Array {
  const problem = "must be the bytes of an X.509 certificate in PEM form";
  if (!(value instanceof Uint8Array)) throw new RequestError(field, problem);
  const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("latin1");
  if (text.includes("PRIVATE KEY-----")) throw new RequestError(field, `${problem}, and has a private key in it`);
  if (!text.includes("-----BEGIN CERTIFICATE-----")) throw new RequestError(field, problem);
  return value;
}

/** Bytes. */
export function requireBytes(value: unknown, field: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new RequestError(field, "must be bytes (a Buffer or Uint8Array); for text: Buffer.from(text)");
}

/** A claims set, as text. */
export function requireClaims(value: unknown): string {
  return normalizeClaims(value);
}

/** The names of an account, short enough. Source: google.iam.admin.v1.ServiceAccount. */
export function checkAccountNames(value: unknown, field: string): unknown {
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

/** An account with the names that it shall have. */
export function requireNamedAccount(value: unknown, field: string): unknown {
  if (typeof value !== "object" || value === null) {
    throw new RequestError(field, "must be an object with name and what is to be written");
  }
  checkAccountNames(value, field);
  return { ...value, name: normalizeAccountName(Reflect.get(value, "name"), `${field}.name`) };
}

/** An object that may not be missing. */
export function requireObject(value: unknown, field: string): unknown {
  if (typeof value === "object" && value !== null) return value;
  throw new RequestError(field, value === undefined ? "is missing" : "must be an object");
}

/** A condition. */
export function requireCondition(value: unknown, field: string): unknown {
  const { expression } = Object(requireObject(value, field));
  requireText(expression, `${field}.expression`, "an expression in the Common Expression Language");
  return value;
}

/** A policy whose conditions would not be lost. Source: google.iam.v1.Policy. */
export function requirePolicy(value: unknown, field: string): unknown {
  const { bindings, version } = Object(requireObject(value, field));
  if (!Array.isArray(bindings)) return value;
  for (const [index, binding] of bindings.entries()) {
    const { role, condition } = Object(binding);
    const at = `${field}.bindings[${index}]`;
    requireText(role, `${at}.role`, "a role such as roles/iam.serviceAccountUser");
    if (condition === undefined) continue;
    requireCondition(condition, `${at}.condition`);
    if (version !== 3) throw new RequestError(`${field}.version`, `must be 3, since ${at} has a condition`);
  }
  return value;
}

/** How to answer for a policy. */
export function checkPolicyOptions(value: unknown, field: string): unknown {
  const { requestedPolicyVersion: version } = Object(value);
  if (version === undefined || version === 0 || version === 1 || version === 3) return value;
  throw new RequestError(`${field}.requestedPolicyVersion`, "must be 1 or 3");
}

/** A check of an update mask whose fields are `known`, by their names in memory. */
export function checkMask(...known: readonly string[]): (value: unknown, field: string) => unknown {
  return (value, field) => {
    if (!Array.isArray(value)) return value;
    if (value.length === 0) throw new RequestError(field, `names nothing to write; there are ${known.join(", ")}`);
    for (const [index, path] of value.entries()) {
      const name = String(path).replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      if (known.includes(name)) continue;
      throw new RequestError(`${field}[${index}]`, `must be one of ${known.join(", ")}`);
    }
    return value;
  };
}

/** A request with the update mask that it left out: the fields of `member` that are given and can be written. */
export function fillMask(request: unknown, member: string, known: readonly string[]): unknown {
  const { updateMask, [member]: resource } = Object(request);
  if (updateMask !== undefined || typeof resource !== "object" || resource === null) return request;
  const given = known.filter((name) => Reflect.get(resource, name) !== undefined);
  return { ...Object(request), updateMask: given };
}
