// SPDX-License-Identifier: Apache-2.0
// Decides what a principal is to OpenID Connect: subject and e-mail. Knows no tokens.

import { createHash } from "node:crypto";
import type { AccountBook } from "../accounts/account-book.js";

/** A principal as claims name it. */
interface Subject {
  /** Its id: an account's unique id, 21 digits made of a user's e-mail, or a federated subject. Required. */
  readonly sub: string;
  /** Its e-mail; undefined for a federated identity. Required. */
  readonly email: string | undefined;
}

function userIdOf(email: string): string {
  const digest = createHash("sha256").update(email.toLowerCase()).digest();
  const digits = (digest.readBigUInt64BE(0) % 10n ** 18n).toString().padStart(18, "0");
  return `100${digits}`;
}

/** Names a principal. A user's id is always the same for the same e-mail. */
export function subjectOf({ accounts }: { readonly accounts: AccountBook }, principal: string): Subject {
  const account = accounts.ofMember(principal);
  if (account !== undefined) return { sub: account.uniqueId, email: account.email };
  const email = /^(?:user|serviceAccount):(.+)$/.exec(principal)?.[1];
  return { sub: email === undefined ? principal : userIdOf(email), email };
}
