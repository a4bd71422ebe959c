// SPDX-License-Identifier: Apache-2.0
// Writes a secret to a file that only its owner may read, and never overwrites another file unasked. Does not know what it writes.

import { type FileHandle, open, rename, unlink } from "node:fs/promises";
import { RequestError } from "../../base/errors.js";

/** Only its owner may read and write. */
const OWNER_ONLY = 0o600;

/** A file that is open and still empty. */
export interface SecretFile {
  /** Writes the whole content and closes the file. Throws RequestError. */
  commit(content: Uint8Array): Promise<void>;
  /** Closes the file and leaves nothing behind. */
  discard(): Promise<void>;
}

/**
 * Opens a file before there is anything to write, so that no secret is made that cannot be stored. An overwritten file stays whole until
 * the new content is: that is written next to it, as `{path}.new`, and then takes its name.
 *
 * @throws RequestError naming the field `file` when it exists and may not be overwritten, or cannot be written
 */
export async function openSecretFile(path: string, mayOverwrite: boolean): Promise<SecretFile> {
  const written = mayOverwrite ? `${path}.new` : path;
  let handle: FileHandle;
  try {
    handle = await open(written, "wx", OWNER_ONLY);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException; // as: the file system's errors
    const choice = mayOverwrite
      ? "another program is writing it, or left it behind"
      : "set another path, or overwrite: true";
    const problem = code === "EEXIST" ? `${written} exists; ${choice}` : `cannot write ${written}`;
    throw new RequestError("file", problem, { cause });
  }
  const discard = async (): Promise<void> => {
    await handle.close().catch(() => undefined);
    await unlink(written).catch(() => undefined);
  };
  const commit = async (content: Uint8Array): Promise<void> => {
    try {
      await handle.writeFile(content);
      await handle.chmod(OWNER_ONLY); // whatever the mask of the process
      await handle.sync();
      await handle.close();
      if (mayOverwrite) await rename(written, path);
    } catch (cause) {
      await discard();
      throw new RequestError("file", `cannot write ${path}`, { cause });
    }
  };
  return { commit, discard };
}
