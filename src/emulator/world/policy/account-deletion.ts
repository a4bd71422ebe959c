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

/** Deletes an account. What it was granted elsewhere is no longer its name's. */
export function deleteAccount({ accounts, policies }: AccountsAndPolicies, account: ServiceAccount): void {
  accounts.delete(account);
  policies.renameMember(memberOf(account), formatDeletedAccount(account.email, account.uniqueId));
}

/** Brings a deleted account back, with what it was granted. Its e-mail must not be another's by now. */
export function undeleteAccount({ accounts, policies }: AccountsAndPolicies, account: ServiceAccount): void {
  accounts.undelete(account);
  policies.renameMember(formatDeletedAccount(account.email, account.uniqueId), memberOf(account));
}
