// SPDX-License-Identifier: Apache-2.0
// Which machine this is, and whether a process of it still runs: what a process left behind in a folder that machines or containers share
// says both. Does not know what was left.

import { createHash } from "node:crypto";
import { hostname } from "node:os";

/** Eight hexadecimal digits for this machine or container, since the number of a process says something on its own machine alone. */
export const thisMachine = (): string => createHash("sha256").update(hostname()).digest("hex").slice(0, 8);

/** Whether a process of this machine exists, whichever user's it is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // as: kill throws no other
  }
}
