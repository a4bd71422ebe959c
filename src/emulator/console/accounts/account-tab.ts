// SPDX-License-Identifier: Apache-2.0
// What a tab of an account is. Knows none of them.

import type { Account } from "../link/records.js";

/** Sets up a tab whose template is already in place, and returns a function that shows an account in it. */
export type OpenTab = (place: HTMLElement, email: string) => (account: Account) => Promise<void>;
