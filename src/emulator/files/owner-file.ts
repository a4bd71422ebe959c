// SPDX-License-Identifier: Apache-2.0
// Writes files that only their owner may read, from the first byte on. Does not know what is in them.

import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, open, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Writes a file that only its owner may read, and replaces an existing one atomically: it stays whole until then, and neither its
 * mode nor the target of a symbolic link matters. The draft has a name at which nobody can have placed anything.
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
 * Makes a folder and those above it, for their owner alone, step by step: node's recursive mkdir loops forever below /proc.
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
