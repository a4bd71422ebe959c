// SPDX-License-Identifier: Apache-2.0
// Deletes service accounts and brings them back, and with them what they were granted elsewhere. Does not decide who may.

import type { AccountBook, ServiceAccount } from "../accounts/account-book.js";
import { memberOf } from "../accounts/account-book.js";
import { formatDeletedAccount } from "../names/members.js";
import type { PolicyBook } from "./policy-book.js";

/** What deleting an account changes. */
interface AccountsAndPolicies {
  /** The service accounts. Required. */
  readonly accounts: AccountBook;
  /** Who has which role on what. Required. */
  readonly policies: PolicyBook;
}

/** Deletes an account. What it was granted elsewhere no longer belongs to its name. */
export function deleteAccount({ accounts, policies }: AccountsAndPolicies, account: ServiceAccount): void {
  accounts.delete(account);
  policies.renameMember(memberOf(account), formatDeletedAccount(account.email, account.uniqueId));
}

/** Undeletes an account, with what it was granted. No other account may have taken its e-mail. */
export function undeleteAccount({ accounts, policies }: AccountsAndPolicies, account: ServiceAccount): void {
  accounts.undelete(account);
  policies.renameMember(formatDeletedAccount(account.email, account.uniqueId), memberOf(account));
}
