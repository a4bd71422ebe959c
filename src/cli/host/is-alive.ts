// SPDX-License-Identifier: Apache-2.0
// Whether a process of this machine still runs. Does not know what it left behind.

/** Whether a process exists, whichever user's it is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // as: kill throws no other
  }
}
