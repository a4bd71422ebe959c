// SPDX-License-Identifier: Apache-2.0
// What the commands that print a token have in common: their flags, and what is printed beside the token.

import { appendFileSync } from "node:fs";
import type { Host } from "../../host/host.js";
import { type ExitCode, messageOf, UsageError } from "../../host/output.js";
import { formatTime } from "../../print/format-table.js";
import { printResult, type Result } from "../../print/result.js";
import type { Positional } from "../../table/command.js";
import type { Flag, GivenFlags } from "../../table/flags.js";

/** The account, an optional argument. */
export const account: Positional = { name: "SA", isOptional: true, isAccount: true };

/** Flags of the commands that print a token. */
export const tokenFlags: Readonly<Record<string, Flag>> = {
  "yes-print": { text: "with --format env: print even to a terminal" },
  github: {
    text: "with --format env, in GitHub Actions: mask the token in the log and\nappend it to the file that GITHUB_ENV names instead of printing it",
  },
};

/** Flags of the commands that print an ID token. */
export const identityFlags: Readonly<Record<string, Flag>> = {
  audiences: {
    value: "A",
    aliases: ["audience"],
    text: "who will accept the token: the URL of a service, or IAP's OAuth client ID\n(also --audience)",
  },
  "include-email": { text: "include the claims email and email_verified (the default)" },
  "no-include-email": { text: "leave those claims out" },
  "organization-number": {
    text: "include the number of the organization that the account's project is in,\nas the claim google.organization_number; uses REST whatever --transport says",
  },
};

/** Whether the claims about the e-mail are wanted. @throws UsageError when both flags are given */
export function wantsEmail(given: GivenFlags): boolean {
  if (given.has("include-email") && given.has("no-include-email")) {
    throw new UsageError("--include-email and --no-include-email: set one of them, not both");
  }
  return !given.has("no-include-email");
}

/** The audience. @throws UsageError when there is none */
export function requireAudience(given: GivenFlags): string {
  const audience = given.text("audiences");
  if (audience === undefined || audience === "") {
    throw new UsageError("--audiences is missing: the recipient of the token, such as https://my-service.a.run.app");
  }
  return audience;
}

function appendForGithub(host: Host, env: Readonly<Record<string, string>>): void {
  const path = host.variables["GITHUB_ENV"];
  if (path === undefined || path === "")
    throw new UsageError("--github: GITHUB_ENV is not set, so this is not a step of GitHub Actions");
  for (const value of new Set(Object.values(env))) host.print(`::add-mask::${value}\n`);
  try {
    appendFileSync(
      path,
      Object.entries(env)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(""),
    );
  } catch (error) {
    throw new UsageError(`GITHUB_ENV cannot be written: ${messageOf(error)}`, { cause: error });
  }
}

/** The minutes left. */
function describeRest(expiresAt: Date, host: Host): string {
  const minutes = Math.max(0, Math.round((expiresAt.getTime() - host.clock.wallNow()) / 60_000));
  return `until ${formatTime(expiresAt, true).split(" ")[1]} (${minutes} min)`;
}

/**
 * Prints a token, the token alone on standard output; on a terminal also whose it is and when it expires, on standard error.
 *
 * @throws UsageError when it would appear on the terminal without having been asked for
 */
export function printToken(
  given: GivenFlags,
  host: Host,
  token: Result & { readonly principal: string | undefined; readonly expiresAt: Date | undefined },
): ExitCode {
  const isEnv = given.text("format") === "env";
  if (given.has("github")) {
    if (!isEnv) throw new UsageError("--github needs --format env");
    appendForGithub(host, token.env ?? {});
    return 0;
  }
  if (isEnv && host.isTerminal.output && !given.has("yes-print")) {
    throw new UsageError(
      '--format env would print the token on this terminal: use eval "$(iamcreds …)", or pass --yes-print',
    );
  }
  printResult(given, host, token);
  const { principal, expiresAt } = token;
  if (host.isTerminal.output && host.isTerminal.errors && principal !== undefined && expiresAt !== undefined) {
    host.complain(`# ${principal}, ${describeRest(expiresAt, host)}\n`);
  }
  return 0;
}
