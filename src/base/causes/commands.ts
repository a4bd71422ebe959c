// SPDX-License-Identifier: Apache-2.0
// The commands that fix a cause, in gcloud's syntax, which `iamcreds` accepts too. Runs none of them.

const TOKEN_CREATOR = "roles/iam.serviceAccountTokenCreator";
const ACCOUNTS = "gcloud iam service-accounts";

/** A word for a shell, quoted only if it has to be. */
export function quoteForShell(word: string): string {
  return /^[A-Za-z0-9@%+=:,./_-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Who has which role on what. Anything unknown becomes a placeholder in capitals. */
interface BindingWords {
  /** The e-mail of a service account. */
  readonly account?: string | undefined;
  /** The member; `undefined`: `CALLER`. */
  readonly member?: string | undefined;
  /** Default: Service Account Token Creator. */
  readonly role?: string | undefined;
}

function flags({ member, role = TOKEN_CREATOR }: BindingWords): string {
  return `--member=${member === undefined ? "CALLER" : quoteForShell(member)} --role=${quoteForShell(role)} --condition=None`;
}

/** Grants a role on a service account. */
export function addBindingCommand(words: BindingWords): string {
  return `${ACCOUNTS} add-iam-policy-binding ${accountWord(words.account)} ${flags(words)}`;
}

/** Revokes a role on a service account. */
export function removeBindingCommand(words: BindingWords): string {
  return `${ACCOUNTS} remove-iam-policy-binding ${accountWord(words.account)} ${flags(words)}`;
}

/** Grants a role on a project. */
export function addProjectBindingCommand(project: string | undefined, words: BindingWords): string {
  return `gcloud projects add-iam-policy-binding ${projectWord(project)} ${flags(words)}`;
}

/** Re-enables a service account. */
export function enableAccountCommand(account: string | undefined): string {
  return `${ACCOUNTS} enable ${accountWord(account)}`;
}

/** Creates a service account. */
export function createAccountCommand(account: string | undefined): string {
  const [id = "ACCOUNT_ID"] = (account ?? "").split("@").filter((part) => part !== "");
  return `${ACCOUNTS} create ${quoteForShell(id)} --project=${projectWord(projectOfAccount(account))}`;
}

/** Restores a deleted service account, which works within 30 days. */
export function undeleteAccountCommand(uniqueId: string | undefined): string {
  return `${ACCOUNTS} undelete ${uniqueId ?? "UNIQUE_ID"}`;
}

/** Enables an API for a project. */
export function enableServiceCommand(service: string | undefined, project: string | undefined): string {
  return `gcloud services enable ${quoteForShell(service ?? "iamcredentials.googleapis.com")} --project=${projectWord(project)}`;
}

/** The project in the e-mail address of a service account; `undefined`: there is none. */
export function projectOfAccount(account: string | undefined): string | undefined {
  return /@([a-z][a-z0-9-]*)\.iam\.gserviceaccount\.com$/.exec(account ?? "")?.[1];
}

function accountWord(account: string | undefined): string {
  return account === undefined ? "SERVICE_ACCOUNT" : quoteForShell(account);
}

function projectWord(project: string | undefined): string {
  return project === undefined ? "PROJECT" : quoteForShell(project);
}
