// SPDX-License-Identifier: Apache-2.0
// Runs the emulator until a signal ends it: says where it is and what to export, and writes what it was asked to. Loads the
// emulator when the arguments are right.

import { randomBytes } from "node:crypto";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { VERSION } from "../../base/version.js";
import type * as EmulatorDoor from "../../emulator/index.js";
import type { Emulator } from "../../emulator/index.js";
import { CommandError, messageOf, type Output, UsageError } from "../host/output.js";
import type { Command } from "../table/command.js";
import { openBrowser } from "./emulator-browser.js";
import { writeCredentialsFiles } from "./emulator-credentials.js";
import { type EmulatorSettings, emulatorFlags, explainOption, readEmulatorSettings } from "./emulator-flags.js";

const text = `Runs an emulator of Google's IAM credentials and IAM admin APIs (gRPC and REST), the OAuth endpoints and the metadata server, all on
one port, until SIGINT, SIGTERM or SIGHUP. A shell can evaluate what it prints once it is ready:
\`export IAM_CREDENTIALS_EMULATOR_HOST=…\` points the clients of iam-credentials-client at it.`;

const epilogue = "Exit codes: 0 ended by a signal, 1 could not start or write its files, 2 bad arguments.\n";

const ENDING: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

// A second one changes nothing: npx passes on a Ctrl-C that the terminal has already sent, and closing is quick.
function waitForSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const name of ENDING) process.on(name, () => resolve(name));
  });
}

function explainFailure(error: unknown, { start, seed }: EmulatorSettings): Error {
  if (error instanceof TypeError) return new UsageError(explainOption(error.message, seed), { cause: error });
  const { code, port, syscall } = error as NodeJS.ErrnoException & { port?: number }; // whatever it is
  const where = `${start.host ?? "127.0.0.1"}:${port}`;
  if (code === "EADDRINUSE") {
    return new CommandError(
      `${where} is in use: stop the process that uses it, or choose another port (--port 0 for any free one)`,
    );
  }
  if (code === "EACCES" && syscall === "listen") {
    return new CommandError(`${where} needs more privileges than this user has: choose a port of 1024 or higher`);
  }
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return new UsageError(`--host must be an address of this machine, not ${start.host}`);
  }
  return new CommandError(messageOf(error), { cause: error });
}

async function start(settings: EmulatorSettings): Promise<Emulator> {
  const { startEmulator } = require("../../emulator/index.js") as typeof EmulatorDoor; // its own type
  try {
    return await startEmulator(settings.start);
  } catch (error) {
    throw explainFailure(error, settings);
  }
}

// A client speaks plain text to what the variable names: with TLS there is nothing to export.
function describe(
  emulator: Emulator,
  isSecure: boolean,
  credentialsFiles: readonly string[],
  caFile: string | undefined,
) {
  const { host, hosts, url, metadataServerHost, consoleUrl } = emulator;
  const environment = isSecure ? {} : { IAM_CREDENTIALS_EMULATOR_HOST: hosts.grpc };
  return {
    event: "ready",
    version: VERSION,
    pid: process.pid,
    host,
    hosts,
    url,
    metadataServerHost,
    ...(consoleUrl === undefined ? {} : { consoleUrl }),
    environment,
    credentialsFiles,
    projectId: emulator.exportState().metadataServer?.projectId ?? "",
    ...(caFile === undefined ? {} : { caFile }),
  };
}

// Without it, Google's libraries look up the project of a workload's pool at Google.
const besides = (file: string, projectId: string): string =>
  basename(file) === "external_account.json" ? ` GOOGLE_CLOUD_PROJECT=${projectId}` : "";

function formatReady(ready: ReturnType<typeof describe>): string {
  const { host, hosts, url, metadataServerHost, consoleUrl, environment, credentialsFiles, caFile, projectId } = ready;
  const lines = [
    `# iamcreds emulator ${VERSION} is ready: ${url}`,
    ...(consoleUrl === undefined ? [] : [`# console: ${consoleUrl}`]),
    ...Object.entries(hosts)
      .filter(([, own]) => own !== host)
      .map(([protocol, address]) => `# ${protocol}: ${address}`),
    ...Object.entries(environment).map(([name, value]) => `export ${name}=${value}`),
    ...(url.startsWith("https:") ? [`# TLS is on: set apiEndpoint of clients to ${hosts.grpc}`] : []),
    ...(caFile === undefined ? [] : [`export NODE_EXTRA_CA_CERTS=${quote(caFile)}`]),
    `# to act as a machine on Google Cloud: export GCE_METADATA_HOST=${metadataServerHost}`,
    ...credentialsFiles.map(
      (file) => `# export GOOGLE_APPLICATION_CREDENTIALS=${quote(file)}${besides(file, projectId)}`,
    ),
  ];
  return `${lines.join("\n")}\n`;
}

// Quotes for a shell: in single quotes, unless it is plain.
function quote(text: string): string {
  return /^[\w./:@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

async function serve(emulator: Emulator, settings: EmulatorSettings, output: Output, ended: Promise<NodeJS.Signals>) {
  const { caFile, credentialsFolder, clockAheadMs, isJson, isOpened } = settings;
  emulator.advanceClock(clockAheadMs);
  if (caFile !== undefined) writeFileSync(caFile, emulator.caCertificate ?? "");
  const files =
    credentialsFolder === undefined ? [] : await writeCredentialsFiles(emulator, credentialsFolder, settings);
  const ready = describe(emulator, emulator.url.startsWith("https:"), files, caFile);
  output.print(isJson ? `${JSON.stringify(ready)}\n` : formatReady(ready));
  if (isOpened && emulator.consoleUrl !== undefined) openBrowser(emulator.consoleUrl);
  return ended;
}

// Atomic: an existing file stays whole until the new one is, and the mode is the new one's. Nobody can have placed anything at the
// draft's name, and "wx" follows no link.
function saveState(emulator: Emulator, path: string): void {
  const draft = `${path}.${randomBytes(8).toString("hex")}.tmp`;
  try {
    const text = `${JSON.stringify(emulator.exportState(), undefined, 2)}\n`;
    writeFileSync(draft, text, { mode: 0o600, flag: "wx" });
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw new CommandError(`--save-state could not be written: ${messageOf(error)}`, { cause: error });
  }
}

/** `iamcreds emulator`. */
export const emulatorCommand: Command = {
  text,
  epilogue,
  flags: emulatorFlags,
  hasCommonFlags: false,
  async run({ args }, output) {
    const settings = readEmulatorSettings(args);
    const ended = waitForSignal(); // from here on: a signal before the emulator is ready ends it, too
    const emulator = await start(settings);
    let signal: NodeJS.Signals;
    try {
      signal = await serve(emulator, settings, output, ended);
    } finally {
      await emulator.close();
    }
    const { stateFile, isJson } = settings;
    if (stateFile !== undefined) saveState(emulator, stateFile);
    const closed = { event: "closed", signal, ...(stateFile === undefined ? {} : { stateFile }) };
    const saved = stateFile === undefined ? "" : `, state saved to ${stateFile}`;
    output.print(isJson ? `${JSON.stringify(closed)}\n` : `# closed by ${signal}${saved}\n`);
    return 0;
  },
};
