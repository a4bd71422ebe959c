// SPDX-License-Identifier: Apache-2.0
// `iamcreds exec`: runs a program as a service account, with tokens renewed while it runs, and nothing left behind.

import type { Host } from "../../host/host.js";
import { type ExitCode, UsageError } from "../../host/output.js";
import { quote } from "../../print/result.js";
import { runChild } from "../../session/child.js";
import { changesOf, type SessionPlaces, WAYS, type Way } from "../../session/child-environment.js";
import { TokenExchange } from "../../session/exchange-answers.js";
import type { Minter } from "../../session/minter.js";
import { npmConfiguration } from "../../session/npm-configuration.js";
import { openMinter, projectOf } from "../../session/open-minter.js";
import { LOOPBACK_HOSTS, ownUid } from "../../session/peer-rules.js";
import { RunFolder } from "../../session/run-folder.js";
import { startSessionServer } from "../../session/session-server.js";
import { keepWritten } from "../../session/token-file.js";
import { requireTarget, splitList, withCaller } from "../../source/caller.js";
import type { Command, Given } from "../../table/command.js";
import { account } from "../auth/token-flags.js";

const LOCALHOST = "127.0.0.1";
const DEFAULT_WAYS: readonly Way[] = ["file", "metadata", "gcloud"];
const UNIVERSE = "googleapis.com";

function readWays(given: Given): readonly Way[] {
  const named = splitList(given, "via");
  const unknown = named.find((way) => !WAYS.includes(way as Way)); // as: only compared
  if (unknown !== undefined)
    throw new UsageError(`--via must be one of ${WAYS.join(", ")}, not ${JSON.stringify(unknown)}`);
  return named.length === 0 ? DEFAULT_WAYS : (named as Way[]); // as: all are known
}

function printEnvironment(given: Given, host: Host, ways: readonly Way[]): ExitCode {
  const places: SessionPlaces = {
    host: `${LOCALHOST}:PORT`,
    credentialsFile: "FOLDER/credentials.json",
    tokenFile: "FOLDER/token",
    gcloudFolder: "FOLDER/gcloud",
    npmFile: "FOLDER/npmrc",
    token: "TOKEN",
    projectId: projectOf(given, requireTarget(given, given.positionals[0]).account),
  };
  for (const [name, value] of Object.entries(changesOf(ways, places, host.variables))) {
    host.print(value === undefined ? `unset ${name}\n` : `export ${name}=${quote(value)}\n`);
  }
  return 0;
}

/** Writes what the child reads. @returns stops the writing */
async function writeFiles(
  folder: RunFolder,
  ways: readonly Way[],
  minter: Minter,
  { clock, variables }: Host,
): Promise<() => void> {
  const hasTokenFile = ways.includes("gcloud");
  const npm = ways.includes("npm") ? npmConfiguration(variables) : undefined;
  if (!hasTokenFile && npm === undefined) return () => undefined;
  return keepWritten(minter, clock, (token) => {
    if (hasTokenFile) folder.write("token", token);
    if (npm !== undefined) folder.write("npmrc", npm(token));
  });
}

async function runWithSession(
  given: Given,
  host: Host,
  minter: Minter,
  [command = "", ...args]: readonly string[],
): Promise<ExitCode> {
  const ways = readWays(given);
  const exchange = new TokenExchange(minter);
  const universeDomain = given.text("universe-domain") ?? UNIVERSE;
  const projectId = projectOf(given, minter.account);
  // If the program does not use the metadata server, nobody else may.
  const names = ways.includes("metadata") ? ["default", minter.account] : [];
  const accounts = new Map(names.map((name) => [name, minter]));
  const rules = { hosts: LOOPBACK_HOSTS, uid: ownUid() };
  // If it is refused now, the program does not run at all.
  const { value: token } = await minter.accessToken(undefined);
  const folder = new RunFolder();
  let server: Awaited<ReturnType<typeof startSessionServer>> | undefined;
  let stopWriting = (): void => undefined;
  try {
    const identity = { accounts, projectId, universeDomain, clock: host.clock };
    server = await startSessionServer({ identity, exchange, rules }, { host: LOCALHOST, port: 0 });
    const document = exchange.document(`http://${server.host}`, {
      quotaProjectId: given.text("billing-project"),
      universeDomain,
    });
    const places: SessionPlaces = {
      host: server.host,
      credentialsFile: ways.includes("file") ? folder.write("credentials.json", JSON.stringify(document)) : "",
      tokenFile: folder.path("token"),
      gcloudFolder: folder.makeFolder("gcloud"),
      npmFile: folder.path("npmrc"),
      token: ways.includes("env") ? token : undefined,
      projectId,
    };
    stopWriting = await writeFiles(folder, ways, minter, host);
    const variables = { ...host.variables, ...changesOf(ways, places, host.variables) };
    return await runChild({
      command,
      args,
      variables,
      complain: (message) => host.complain(`iamcreds exec: ${message}\n`),
    });
  } finally {
    stopWriting();
    await server?.close();
    folder.remove();
  }
}

/** `iamcreds exec`. */
export const exec: Command = {
  text: `Runs a program as SA. The program finds tokens for SA, renewed as long as it runs, where Google's auth libraries look: through a
credentials file whose URLs point to this machine (GOOGLE_APPLICATION_CREDENTIALS), from a metadata server (GCE_METADATA_HOST), which
also serves ID tokens, and, for gcloud, in a token file. It never sees a key or one of the caller's own tokens, and all files are
removed when it exits.

The credentials file works with google-auth-library 9 or newer (Node), google-auth 2 or newer (Python), and Google's libraries for Java
and Go. For older ones use --via metadata and an empty HOME: google-auth-library before 10.9.1 and Go look for gcloud's credentials file
first. --via env passes a single token in environment variables; it expires after an hour. On systems other than Linux any user of the
machine can query the metadata server while the program runs; --via file avoids that.`,
  positionals: [account],
  rest: "COMMAND [ARG…]",
  flags: {
    Options: {
      via: {
        value: WAYS.join(","),
        isList: true,
        text: `how to pass tokens to the program; default: ${DEFAULT_WAYS.join(",")}`,
      },
      "print-env": { text: "print the environment variables that would be set, and run nothing" },
    },
  },
  failureCode: 125,
  epilogue: `Exit codes: that of the program, or 128 plus the number of the signal that ended it;
125 iamcreds failed before the program ran, 126 the program cannot be run, 127 it was not found.
`,
  run(given, host) {
    const target = requireTarget(given, given.positionals[0]);
    if (given.has("print-env")) return Promise.resolve(printEnvironment(given, host, readWays(given)));
    const command = given.rest ?? [];
    if (command.length === 0) throw new UsageError("the program is missing: iamcreds exec SA -- COMMAND [ARG…]");
    return withCaller(
      given,
      host,
      (caller) => runWithSession(given, host, openMinter(target, given, host, caller), command),
      Number.POSITIVE_INFINITY,
    );
  },
};
