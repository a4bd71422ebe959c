// SPDX-License-Identifier: Apache-2.0
// Decides which credentials files `iamcreds emulator` writes, and what they are called. What is in them is the emulator's.

import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Emulator } from "../../emulator/index.js";
import { CommandError, messageOf, UsageError } from "../host/output.js";

/** The subject of the workload in the files of kind `external_account`. */
const WORKLOAD = "workload";

/**
 * Writes a file of each kind: those of users and workloads once, those of service accounts once for each.
 *
 * @param folder where; created if missing
 * @param settings who the user is
 * @returns the paths, in the order in which they were written
 * @throws UsageError when the user is malformed; CommandError when a file can't be written
 */
export async function writeCredentialsFiles(
  emulator: Emulator,
  folder: string,
  { user }: { readonly user: string },
): Promise<string[]> {
  const files: string[] = [];
  const place = (kind: string, whose?: string) => {
    const path = join(folder, whose === undefined ? `${kind}.json` : `${kind}.${whose}.json`);
    files.push(path);
    return path;
  };
  const accounts = emulator.exportState().serviceAccounts ?? [];
  try {
    makeFolder(folder);
    await emulator.writeCredentialsFile("authorized_user", place("authorized_user"), { user });
    const workforce = "external_account_authorized_user";
    await emulator.writeCredentialsFile(workforce, place(workforce), { user });
    await emulator.writeCredentialsFile("external_account", place("external_account"), { subject: WORKLOAD });
    for (const { email: serviceAccount } of accounts) {
      const impersonated = "impersonated_service_account";
      await emulator.writeCredentialsFile("service_account", place("service_account", serviceAccount), {
        serviceAccount,
      });
      const options = { serviceAccount, source: `user:${user}` };
      await emulator.writeCredentialsFile(impersonated, place(impersonated, serviceAccount), options);
    }
  } catch (error) {
    if (error instanceof TypeError)
      throw new UsageError(error.message.replace(/^options\.user\b/, "--user"), { cause: error });
    throw new CommandError(`--credentials-dir cannot be written: ${messageOf(error)}`, { cause: error });
  }
  return files;
}

// Step by step: node's recursive mkdir loops forever below /proc.
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  mkdirSync(path, { mode: 0o700 });
}
