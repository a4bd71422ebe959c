// SPDX-License-Identifier: Apache-2.0
// What --dry-run prints instead of sending: the request, and the gcloud command that does the same. Sends nothing.

import type { Host } from "../host/host.js";
import type { ExitCode } from "../host/output.js";
import type { Given } from "../table/command.js";
import { commonFlags } from "../table/common-flags.js";
import { flattenFlags } from "../table/flags.js";
import { plainJson } from "./plain-json.js";
import { quote } from "./result.js";

/** The flags that gcloud does not know. */
const OURS: readonly string[] = [
  "dry-run",
  "source",
  "delegates",
  "endpoint",
  "universe-domain",
  "transport",
  "timeout",
];

function withoutOurs(args: readonly string[]): string[] {
  const flags = flattenFlags(commonFlags);
  const kept: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? "";
    const [name = "", value] = arg.startsWith("--") ? arg.slice(2).split("=", 2) : [];
    if (!OURS.includes(name)) kept.push(arg);
    else if (value === undefined && flags[name]?.value !== undefined) index += 1;
  }
  return kept;
}

/** The gcloud command with the same words and flags. */
function gcloudCommand(given: Given): string {
  return ["gcloud", ...given.path, ...withoutOurs(given.args)].map(quote).join(" ");
}

/**
 * Prints what would be sent.
 *
 * @param method `IAM.SetIamPolicy`
 * @param gcloud the commands that do the same. Default: the same words with gcloud in front
 */
export function printDryRun(
  given: Given,
  host: Host,
  {
    method,
    request,
    gcloud = [gcloudCommand(given)],
  }: { method: string; request: unknown; gcloud?: readonly string[] },
): ExitCode {
  const json = { method, request: plainJson(request), gcloud };
  if (given.text("format") === "json") host.print(`${JSON.stringify(json, undefined, 2)}\n`);
  else host.print([`${method} ${JSON.stringify(json.request)}`, ...gcloud].map((line) => `${line}\n`).join(""));
  return 0;
}
