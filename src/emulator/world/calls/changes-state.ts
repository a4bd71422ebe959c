// SPDX-License-Identifier: Apache-2.0
// Decides which calls have changed what the emulator has: accounts, keys, policies, roles, logins, services. Knows methods by name only.

import type { CallRecord } from "./call-log.js";

const changing = /^(?:Batch)?(?:Create|Delete|Undelete|Update|Patch|Enable|Disable|Upload|Set)[A-Z]|^oauth2\.revoke$/;

/** Whether a call has changed something. */
export function changesState({ method, status }: Pick<CallRecord, "method" | "status">): boolean {
  return status === "OK" && changing.test(method);
}
