// SPDX-License-Identifier: Apache-2.0
// Decides whether whose token it is still counts. Does not look at the token's time.

import type { AccountBook } from "../accounts/account-book.js";
import type { TokenFacts } from "./token-mint.js";

/** Whether whose token it is still counts: an account that is disabled or gone does not, even if another one has its name by now. */
export function isInForce(
  { accounts }: { readonly accounts: AccountBook },
  { principal, accountId }: Pick<TokenFacts, "accountId" | "principal">,
): boolean {
  const account = accounts.ofMember(principal);
  if (account === undefined) return accountId === undefined;
  return !account.disabled && (accountId === undefined || accountId === account.uniqueId);
}
