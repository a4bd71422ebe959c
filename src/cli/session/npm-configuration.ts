// SPDX-License-Identifier: Apache-2.0
// The user's npm configuration with new tokens for the hosts of Artifact Registry. Writes nothing.

import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Variables } from "../host/host.js";
import { messageOf, UsageError } from "../host/output.js";

/** The host of a line that names a registry or its token: `//europe-npm.pkg.dev/p/r/`. */
const REGISTRY =
  /(?:^|registry\s*=\s*)(?:https?:)?(\/\/[\w.-]+\.pkg\.dev\/\S*?)(?::_authToken|:_password|:username|:email|:always-auth|\s*$)/;

/** The registries of Artifact Registry that a configuration names. */
export function registriesOf(text: string): string[] {
  const found = text.split(/\r?\n/).flatMap((line) => REGISTRY.exec(line.trim())?.[1] ?? []);
  return [...new Set(found.map((each) => (each.endsWith("/") ? each : `${each}/`)))];
}

/** A configuration with a token for each of its registries; its other lines stay as they are. */
export function withToken(text: string, token: string): string {
  const registries = registriesOf(text);
  const isOld = (line: string) => registries.some((each) => line.trim().startsWith(`${each}:_authToken`));
  const lines = text.split(/\r?\n/).filter((line) => !isOld(line));
  while (lines.at(-1) === "") lines.pop();
  return [...lines, ...registries.map((each) => `${each}:_authToken=${token}`), ""].join("\n");
}

/** The path of the user's configuration. */
export function npmFileOf(variables: Variables): string {
  return (
    variables["NPM_CONFIG_USERCONFIG"] ??
    variables["npm_config_userconfig"] ??
    join(variables["HOME"] ?? homedir(), ".npmrc")
  );
}

/**
 * What the configuration is with a token.
 *
 * @throws UsageError when it can't be read, or names no registry of Artifact Registry
 */
export function npmConfiguration(variables: Variables): (token: string) => string {
  const path = npmFileOf(variables);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`--via npm: ${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  if (registriesOf(text).length === 0) {
    throw new UsageError(
      `--via npm: ${path} names no registry of Artifact Registry (…pkg.dev), such as registry=https://REGION-npm.pkg.dev/PROJECT/REPOSITORY/`,
    );
  }
  return (token) => withToken(text, token);
}
