// SPDX-License-Identifier: Apache-2.0
// Writes files that their owner alone may read, from the first byte on. Does not know what is in them.

import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, open, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Writes a file for its owner alone, and puts it in its place in one step: a file that is there is whole until then, and neither its
 * mode nor where a symbolic link leads counts. The draft has a name that nobody can have put something at.
 *
 * @throws the error of node:fs when it can't be written
 */
export async function writeForOwner(path: string, content: string): Promise<void> {
  const draft = `${path}.${randomBytes(8).toString("hex")}.tmp`;
  const handle = await open(draft, "wx", 0o600);
  try {
    await handle.writeFile(content).finally(() => handle.close());
    await rename(draft, path);
  } catch (error) {
    await unlink(draft).catch(() => undefined);
    throw error;
  }
}

/**
 * Makes a folder and those above it, for their owner alone, step by step: node's own way spins forever below /proc.
 *
 * @throws the error of node:fs when one can't be made
 */
export async function makeFolder(path: string): Promise<void> {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) await makeFolder(parent);
  await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    // Somebody else was faster.
    if (error.code !== "EEXIST") throw error;
  });
}
