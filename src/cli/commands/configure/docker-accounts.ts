// SPDX-License-Identifier: Apache-2.0
// Which account each registry gets its tokens from: the file that `auth configure-docker` writes and docker's helper reads.

import { mkdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { Variables } from "../../host/host.js";
import { UsageError } from "../../host/output.js";
import type { Target } from "../../source/caller.js";
import { replaceFile } from "./replace-file.js";

/** By the registry's host. */
type DockerAccounts = Readonly<Record<string, Target>>;

/** Its path. */
function accountsFile(variables: Variables): string {
  const folder = variables["XDG_CONFIG_HOME"] || join(variables["HOME"] || homedir(), ".config");
  return join(folder, "iamcreds", "docker.json");
}

/** Its contents; empty when it does not exist. @throws UsageError when it is not such a file */
export function readAccounts(variables: Variables): DockerAccounts {
  const path = accountsFile(variables);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return {};
  }
  try {
    return (Object(JSON.parse(text)) as { registries?: DockerAccounts }).registries ?? {}; // as: we wrote it
  } catch {
    throw new UsageError(`${path} is not JSON: write it again with iamcreds auth configure-docker`);
  }
}

/** Adds to it. */
export function writeAccounts(variables: Variables, accounts: DockerAccounts): string {
  const path = accountsFile(variables);
  const registries = { ...readAccounts(variables), ...accounts };
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  replaceFile(path, `${JSON.stringify({ registries }, undefined, 2)}\n`);
  return path;
}

/** The host of what docker calls a server. */
export function registryHost(server: string): string {
  return server
    .trim()
    .replace(/^https?:\/\//, "")
    .replace(/\/.*$/s, "");
}
