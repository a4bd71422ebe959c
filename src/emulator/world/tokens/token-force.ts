// SPDX-License-Identifier: Apache-2.0
// Decides whether the principal of a token still counts. Does not look at the token's expiry.

import type { AccountBook } from "../accounts/account-book.js";
import type { TokenFacts } from "./token-mint.js";

/** Whether the principal of a token still counts: an account that is disabled or gone does not, even if a new one has its name. */
export function isInForce(
  { accounts }: { readonly accounts: AccountBook },
  { principal, accountId }: Pick<TokenFacts, "accountId" | "principal">,
): boolean {
  const account = accounts.ofMember(principal);
  if (account === undefined) return accountId === undefined;
  return !account.disabled && (accountId === undefined || accountId === account.uniqueId);
}
