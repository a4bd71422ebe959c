// SPDX-License-Identifier: Apache-2.0
// Writes somebody's configuration in one step, for its owner alone: who reads it finds the old or the new. Knows no form.

import { randomBytes } from "node:crypto";
import { realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { CommandError, messageOf } from "../../host/output.js";

function targetOf(path: string): string {
  try {
    return realpathSync(path); // a link into somebody's dotfiles stays one
  } catch {
    return path;
  }
}

/** Replaces a file, or makes it. @throws CommandError when it can't be written */
export function replaceFile(path: string, content: string): void {
  const target = targetOf(path);
  const draft = `${target}.${randomBytes(6).toString("hex")}`;
  try {
    writeFileSync(draft, content, { mode: 0o600, flag: "wx" });
    renameSync(draft, target);
  } catch (error) {
    rmSync(draft, { force: true });
    throw new CommandError(`${path} can't be written: ${messageOf(error)}`, { cause: error });
  }
}
