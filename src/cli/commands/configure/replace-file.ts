// SPDX-License-Identifier: Apache-2.0
// Replaces a configuration file atomically, readable by its owner only: readers see the old or the new one. Knows no format.

import { randomBytes } from "node:crypto";
import { realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { CommandError, messageOf } from "../../host/output.js";

function targetOf(path: string): string {
  try {
    return realpathSync(path); // a link into somebody's dotfiles stays a link
  } catch {
    return path;
  }
}

/** Replaces a file, or creates it. @throws CommandError when it can't be written */
export function replaceFile(path: string, content: string): void {
  const target = targetOf(path);
  const draft = `${target}.${randomBytes(6).toString("hex")}`;
  try {
    writeFileSync(draft, content, { mode: 0o600, flag: "wx" });
    renameSync(draft, target);
  } catch (error) {
    rmSync(draft, { force: true });
    throw new CommandError(`${path} cannot be written: ${messageOf(error)}`, { cause: error });
  }
}
