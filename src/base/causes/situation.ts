// SPDX-License-Identifier: Apache-2.0
// What is known about the situation in which a cause is explained: names for its text and its commands. Any of them may be missing.

import { projectOfAccount } from "./commands.js";
import { type ErrorFacts, textOf } from "./error-facts.js";

/** Who and what a call was about, to name them in the explanation. Everything is optional. */
export interface ErrorContext {
  /** Who called: `user:{email}`, `serviceAccount:{email}`, … Default: the commands say `CALLER` instead. */
  readonly caller?: string | undefined;
  /** The e-mail address of the account to act as, or its resource name. Default: the commands say `SERVICE_ACCOUNT`. */
  readonly target?: string | undefined;
  /** The project that is billed, or that contains the account. Default: what the error names, or the project in `target`. */
  readonly project?: string | undefined;
}

/** The values that fill in texts and commands. */
export interface Situation {
  readonly caller?: string | undefined;
  /** An e-mail address. */
  readonly account?: string | undefined;
  /** A project id or number. */
  readonly project?: string | undefined;
  readonly permission?: string | undefined;
  readonly service?: string | undefined;
  readonly role?: string | undefined;
  /** The member in a policy, if it is not the caller. */
  readonly member?: string | undefined;
  /** The unique id of an account. */
  readonly uniqueId?: string | undefined;
  /** A quota's name and size. */
  readonly quota?: string | undefined;
  /** The id with which the VPC Service Controls troubleshooter finds the denial. */
  readonly refusalId?: string | undefined;
  /** One more value, of the kind that the cause is about. */
  readonly detail?: string | undefined;
}

/** The situation, from an error and its context. */
export function buildSituation(facts: ErrorFacts, context: ErrorContext): Situation {
  const { metadata, text } = facts;
  const account = emailOf(context.target) ?? textOf(metadata["email"]) ?? ACCOUNT.exec(text)?.[0];
  const consumer = /^projects\/([a-z0-9:.-]{1,80})$/.exec(metadata["consumer"] ?? "")?.[1] ?? PROJECT.exec(text)?.[1];
  const limit = metadata["quota_limit"] ?? metadata["quota_metric"];
  return {
    caller: context.caller,
    account,
    project: consumer ?? context.project ?? projectOfAccount(account),
    permission: metadata["permission"] ?? PERMISSION.exec(text)?.[1],
    service: metadata["service"] ?? /\b([a-z]+\.googleapis\.com)\b/.exec(text)?.[1],
    quota: limit && [limit, metadata["quota_limit_value"]].filter((part) => part !== undefined).join(" = "),
    refusalId: metadata["uid"] ?? /UniqueIdentifier:\s*([\w-]{8,80})/.exec(text)?.[1],
  };
}

const ACCOUNT = /[a-z0-9][a-z0-9-]{0,62}@[a-z0-9.-]{1,80}\.gserviceaccount\.com/;
const PROJECT = /\b(?:in|use) project ['"]?([a-z0-9-]{6,40})/;
const PERMISSION = /[Pp]ermission '?(iam\.serviceAccounts\.\w+)/;

/** The e-mail address in an account's name. */
function emailOf(account: string | undefined): string | undefined {
  const email = account?.slice(account.lastIndexOf("/") + 1);
  return email?.includes("@") ? email : undefined;
}
