// SPDX-License-Identifier: Apache-2.0
// A lease among processes, as a folder with one empty file whose name says who holds it and until when. Knows no token.

import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../base/clock.js";
import { isAlive, thisMachine } from "../host/local-process.js";
import type { Lease } from "./token-store.js";

/** The time that processes share. */
type WallClock = Pick<Clock, "wallNow">;

/** The machine, the process, the end of the lease, and what tells two leases of one process apart. */
const NAME = /^([0-9a-f]{8})-(\d+)-(\d+)-[0-9a-f]+$/;

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // nobody holds it
  }
}

/** Whether a lease has ended, or its holder has; a name that is no lease's holds nothing. */
function isOver(name: string, clock: WallClock): boolean {
  const [, machine, pid, endsAt] = NAME.exec(name) ?? [];
  if (Number(endsAt) > clock.wallNow()) return machine === thisMachine() && !isAlive(Number(pid));
  return true;
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It is gone, or the next has it.
  }
}

/**
 * Takes a lease; undefined: another process holds it. It ends by itself after `ms` milliseconds.
 *
 * Only what its name says is ever removed, so whoever comes late with the news that a lease is over can't remove the next one; and a
 * folder takes the place of none or of an empty one alone, so of all that come at once one succeeds (POSIX, rename()).
 *
 * @param folder the path of the lease. What it lies in must exist
 * @throws the error of node:fs when nothing can be written there
 */
export function takeFileLease(folder: string, ms: number, clock: WallClock): Lease | undefined {
  for (const name of namesIn(folder)) {
    if (!isOver(name, clock)) return undefined;
    rmSync(join(folder, name), { force: true });
  }
  removeIfEmpty(folder); // Windows renames to no folder that exists
  const name = [thisMachine(), process.pid, clock.wallNow() + ms, randomBytes(6).toString("hex")].join("-");
  const draft = `${folder}.${name}.draft`;
  mkdirSync(draft, { mode: 0o700 });
  try {
    writeFileSync(join(draft, name), "", { mode: 0o600 });
    renameSync(draft, folder);
  } catch {
    rmSync(draft, { recursive: true, force: true });
    return undefined;
  }
  return {
    release: async () => {
      rmSync(join(folder, name), { force: true });
      removeIfEmpty(folder);
    },
  };
}
