// SPDX-License-Identifier: Apache-2.0
// `iamcreds diagnose`: why acting as an account fails, at which hop, and the command that fixes it.

import { writeFileSync } from "node:fs";
import type * as DiagnoseDoor from "../../diagnosis/index.js";
import type { Diagnosis } from "../../diagnosis/index.js";
import type { ChainPermission } from "../../iam-admin/index.js";
import { readGivenInput } from "../host/given-file.js";
import type { Host } from "../host/host.js";
import { type ExitCode, messageOf, UsageError } from "../host/output.js";
import { colorMark } from "../print/color-mark.js";
import { formatOf, printResult } from "../print/result.js";
import { readLifetime, readScopes, readTarget, withCaller } from "../source/caller.js";
import type { Command, Given } from "../table/command.js";

const PERMISSIONS = ["getAccessToken", "getOpenIdToken", "signBlob", "signJwt"];
const CODES: Readonly<Record<Diagnosis["state"], ExitCode>> = { ok: 0, cause: 3, unknown: 1 };
/** The longest that the diagnosis waits, plus what its other queries take. */
const WAIT_MS = 420_000;

async function readError(given: Given, host: Host): Promise<string | undefined> {
  const path = given.text("error");
  return path === undefined ? undefined : (await readGivenInput(path, "--error", host)).toString("utf8");
}

function writeBundle(path: string, text: string): void {
  try {
    writeFileSync(path, text, { mode: 0o600 });
  } catch (error) {
    throw new UsageError(`--bundle cannot be written: ${messageOf(error)}`, { cause: error });
  }
}

async function run(given: Given, host: Host): Promise<ExitCode> {
  const door = require("../../diagnosis/index.js") as typeof DiagnoseDoor; // its own type
  const error = await readError(given, host);
  const permission = given.text("permission");
  const isText = formatOf(given) === "text";
  return withCaller(
    given,
    host,
    async (caller) => {
      const target = readTarget(given, given.positionals[0]);
      const diagnosis = await door.diagnose({
        target: target?.account,
        delegates: target?.delegates,
        permission: permission === undefined ? undefined : (`iam.serviceAccounts.${permission}` as ChainPermission), // as: the table has its values
        self: given.has("self"),
        caller: given.text("caller"),
        lifetime: readLifetime(given),
        scopes: readScopes(given),
        error,
        wait: given.has("wait"),
        offline: given.has("offline"),
        clientOptions: caller.sourceOptions,
        signal: caller.call.signal,
        onFinding: isText ? (finding) => host.print(colorMark(finding, door.formatFinding(finding), host)) : undefined,
      });
      const bundle = given.text("bundle");
      if (bundle !== undefined) writeBundle(bundle, door.bundleDiagnosis(diagnosis, { emails: given.has("emails") }));
      printResult(given, host, {
        json: plain(diagnosis),
        isExact: true,
        text: `\n${door.formatConclusion(diagnosis)}`,
      });
      return CODES[diagnosis.state];
    },
    given.has("wait") ? WAIT_MS : 0,
  );
}

/** The diagnosis without error objects. */
function plain({ chain, ...diagnosis }: Diagnosis): object {
  const hops = chain?.hops.map(({ error, ...hop }) => ({ ...hop, error: error?.message }));
  return { ...diagnosis, chain: chain && { ...chain, hops } };
}

/** `iamcreds diagnose`. */
export const diagnoseCommand: Command = {
  text: `Finds out why acting as SA fails, at which hop, and which command fixes it. Checks the machine, the network, the credentials, the
project, the accounts and the policies of each hop; without SA, only the machine and the credentials. Changes nothing.

Each line is a check: ok, !! (wrong), ?? (possibly wrong, or unknown), -- (skipped).`,
  positionals: [{ name: "SA", isOptional: true, isAccount: true }],
  flags: {
    Options: {
      permission: {
        value: PERMISSIONS.join("|"),
        values: PERMISSIONS,
        text: "the permission to check; default: getAccessToken",
      },
      self: { text: "also check whether SA can act as itself, as some libraries do to sign" },
      caller: { value: "member", text: "the caller; default: the identity in its token" },
      error: {
        value: "FILE|-",
        isFile: true,
        text: "explain this error first: the output of any program in any language",
      },
      wait: { text: "wait up to 7 minutes for a grant that is not in effect yet" },
      offline: { text: "send nothing" },
      bundle: {
        value: "FILE",
        isFile: true,
        text: "write the findings as JSON to share, without tokens and e-mail addresses",
      },
      emails: { text: "with --bundle: include the e-mail addresses of accounts" },
    },
  },
  epilogue: "Exit codes: 0 nothing wrong, 3 cause found, 1 cause not found, 2 bad arguments.\n",
  run,
};
