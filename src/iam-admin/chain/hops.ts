// SPDX-License-Identifier: Apache-2.0
// What a delegation chain is made of: who must be granted what on which account, and how gcloud says it. Sends nothing.

import { checkMember } from "../../access-policy/member.js";
import { addBindingCommand } from "../../base/causes/commands.js";
import { RequestError } from "../../base/errors.js";

/** What acting as a service account can mean. Source: "Roles for service account authentication" of the IAM documentation. */
export type ChainPermission =
  | "iam.serviceAccounts.getAccessToken"
  | "iam.serviceAccounts.getOpenIdToken"
  | "iam.serviceAccounts.signBlob"
  | "iam.serviceAccounts.signJwt";

/** What each account between the caller and the target must be able to do with the next: stand in a chain. */
export const DELEGATION = "iam.serviceAccounts.implicitDelegation";
/** The role that gives all of it. */
export const TOKEN_CREATOR = "roles/iam.serviceAccountTokenCreator";
/** The narrower one for ID tokens, which Google's guide names for them. It gives no delegation. */
export const OPEN_ID_TOKEN_CREATOR = "roles/iam.serviceAccountOpenIdTokenCreator";

const PERMISSIONS: readonly ChainPermission[] = [
  "iam.serviceAccounts.getAccessToken",
  "iam.serviceAccounts.getOpenIdToken",
  "iam.serviceAccounts.signBlob",
  "iam.serviceAccounts.signJwt",
];

/** A chain from a caller to the account that it wants to act as. */
export interface ChainRequest {
  /** The account at the end: its e-mail address, or a resource name with it. Required. */
  readonly target: string;
  /** The accounts between the caller and `target`, caller's side first, in the same forms. Default: none. */
  readonly delegates?: readonly string[] | undefined;
  /** What the last of them may do with `target`. Default: `"iam.serviceAccounts.getAccessToken"`. */
  readonly permission?: ChainPermission | undefined;
}

/** A role that somebody has, or needs, on a service account. */
export interface ChainGrant {
  /** The account: `projects/-/serviceAccounts/{email}`. */
  readonly resource: string;
  /** Who: `user:{email}`, `serviceAccount:{email}`, … `undefined`: the caller, whose name was not given. */
  readonly member: string | undefined;
  /** The predefined role that gives the permission and the least besides. */
  readonly role: string;
  /** What it is needed for. */
  readonly permission: string;
  /** The gcloud command that grants it; for a caller without a name it has `CALLER` in its place. */
  readonly command: string;
}

/** The grants that a chain takes, caller's side first. @throws RequestError naming the field that is wrong */
export function buildChainGrants(request: ChainRequest, caller: string | undefined): ChainGrant[] {
  const { delegates = [], permission = "iam.serviceAccounts.getAccessToken" } = request;
  if (!PERMISSIONS.includes(permission))
    throw new RequestError("permission", `must be one of ${PERMISSIONS.join(", ")}`);
  if (!Array.isArray(delegates)) throw new RequestError("delegates", "must be an array of service accounts");
  if (caller !== undefined) checkMember(caller, "caller");
  const between = delegates.map((delegate, index) => readEmail(delegate, `delegates[${index}]`));
  const accounts = [...between, readEmail(request.target, "target")];
  return accounts.map((email, index) => {
    const actor = accounts[index - 1];
    const isLast = index === accounts.length - 1;
    const member = actor === undefined ? caller : `serviceAccount:${actor}`;
    const needed = isLast ? permission : DELEGATION;
    return buildGrant(email, member, needed);
  });
}

function buildGrant(email: string, member: string | undefined, permission: string): ChainGrant {
  const role = permission === "iam.serviceAccounts.getOpenIdToken" ? OPEN_ID_TOKEN_CREATOR : TOKEN_CREATOR;
  const command = addBindingCommand({ account: email, member, role });
  return { resource: `projects/-/serviceAccounts/${email}`, member, role, permission, command };
}

const ACCOUNT = /^(?:projects\/[^/]+\/serviceAccounts\/)?([A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)$/;

/** The e-mail address of an account. A unique id will not do: policies name members by their addresses. */
function readEmail(account: unknown, field: string): string {
  const forms = "an e-mail address, or projects/-/serviceAccounts/{email}";
  if (typeof account !== "string" || account === "") {
    throw new RequestError(
      field,
      `${account === undefined || account === "" ? "is missing; must be" : "must be"} ${forms}`,
    );
  }
  const email = ACCOUNT.exec(account)?.[1];
  if (email !== undefined) return email;
  const hint = account.startsWith("serviceAccount:") ? " (an account has no prefix such as serviceAccount:)" : "";
  throw new RequestError(field, `must be ${forms}, not ${JSON.stringify(account)}${hint}`);
}

/** The e-mail address in `projects/-/serviceAccounts/{email}`. */
export function emailOf({ resource }: Pick<ChainGrant, "resource">): string {
  return resource.slice(resource.lastIndexOf("/") + 1);
}

/** The member that credentials stand for, if that is visible: a key file or an impersonation names its account. */
export function memberOfCredentials(credentials: object | undefined): string | undefined {
  const read = (field: string): unknown => (credentials === undefined ? undefined : Reflect.get(credentials, field));
  if (read("subject") !== undefined) return undefined; // these act for a user
  const email = read("client_email") ?? read("targetPrincipal");
  const account = typeof email === "string" ? ACCOUNT.exec(email)?.[1] : undefined;
  return account && `serviceAccount:${account}`;
}
