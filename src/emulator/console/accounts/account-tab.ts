// SPDX-License-Identifier: Apache-2.0
// What a tab of an account is. Knows none of them.

import type { Account } from "../link/records.js";

/** Makes a tab work, in whose place its template is already, and gives what shows an account in it. */
export type OpenTab = (place: HTMLElement, email: string) => (account: Account) => Promise<void>;
