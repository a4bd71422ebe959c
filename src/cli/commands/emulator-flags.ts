// SPDX-License-Identifier: Apache-2.0
// Decides which flags `iamcreds emulator` takes and which options of the emulator they are. Reads the files that they name,
// starts nothing.

import { accessSync, constants } from "node:fs";
import { dirname, resolve } from "node:path";
import type { EmulatorOptions, EmulatorPorts, EmulatorSeed, EmulatorTls } from "../../emulator/index.js";
import { parseGivenJson, readGivenFile } from "../host/given-file.js";
import { messageOf, UsageError } from "../host/output.js";
import { type Flag, flattenFlags, type GivenFlags, parseDuration, parseFlags, parsePort } from "../table/flags.js";

/** The default port: always the same, so that configurations can name it. */
const DEFAULT_PORT = 8519;

/** The user whose credentials files are written when none is named. */
const DEFAULT_USER = "developer@example.com";

/** The path of an option: `tls.cert`. */
type OptionPath = keyof EmulatorOptions | `ports.${keyof EmulatorPorts}` | `tls.${keyof EmulatorTls}` | MachinePath;
type MachinePath = `metadataServer.${keyof NonNullable<EmulatorOptions["metadataServer"]>}`;

/** A flag, and the emulator option that it sets; none: it belongs to the command. */
interface OptionFlag extends Flag {
  readonly option?: OptionPath;
  /** Reads the option's value. Default: its list, its text, or whether it is given; the emulator checks the value. */
  readonly read?: (flags: GivenFlags, name: string) => unknown;
}

const readPort: OptionFlag["read"] = (flags, name) => {
  const text = flags.text(name);
  return text === undefined ? undefined : parsePort(text, `--${name}`);
};

const readMs: OptionFlag["read"] = (flags, name) => {
  const text = flags.text(name);
  return text === undefined ? undefined : parseDuration(text, `--${name}`);
};

const isNotGiven: OptionFlag["read"] = (flags, name) => !flags.has(name);

/** The flags, under the headings of the help. */
export const emulatorFlags = {
  Listening: {
    host: {
      option: "host",
      value: "address",
      text: "address to listen on; anyone who can reach it gets tokens; default: 127.0.0.1",
    },
    "public-host": {
      option: "publicHost",
      value: "name",
      text: "host name in URLs and credentials files",
    },
    "allowed-host": {
      option: "allowedHosts",
      value: "name",
      isList: true,
      text: "another name to accept in the Host header",
    },
    "allowed-origin": {
      option: "allowedOrigins",
      value: "origin",
      isList: true,
      text: "an origin whose web pages may send requests, such as http://localhost:3000",
    },
    port: {
      option: "port",
      read: (flags) => parsePort(flags.text("port") ?? String(DEFAULT_PORT), "--port"),
      value: "number",
      text: `port for all protocols, 0 for any free port; default: ${DEFAULT_PORT}`,
    },
    "grpc-port": { option: "ports.grpc", read: readPort, value: "number", text: "additional port for gRPC only" },
    "http-port": {
      option: "ports.http",
      read: readPort,
      value: "number",
      text: "additional port for everything over HTTP: REST, OAuth and so on",
    },
    "metadata-port": {
      option: "ports.metadataServer",
      read: readPort,
      value: "number",
      text: "additional port for the metadata server, never with TLS",
    },
  },
  Console: {
    "no-console": { option: "console", read: isNotGiven, text: "do not serve the console" },
    open: { text: "open the console in a browser" },
  },
  TLS: {
    tls: { text: "use TLS, with a certificate from the emulator's own CA" },
    "ca-out": { value: "file", text: "write the certificate of that CA, for clients to trust" },
    "tls-cert": { option: "tls.cert", value: "file", text: "use TLS with this certificate (PEM)" },
    "tls-key": { option: "tls.key", value: "file", text: "its private key (PEM)" },
    "client-ca": {
      option: "tls.clientCa",
      value: "file",
      text: "use mutual TLS: require a client certificate from this CA (PEM)",
    },
    "metadata-mtls-dir": {
      option: "metadataServer.mtlsDirectory",
      value: "folder",
      text: "also serve the metadata server over mutual TLS, and write its certificates here",
    },
    "metadata-mtls-port": {
      option: "ports.metadataServerMtls",
      read: readPort,
      value: "number",
      text: "port for that; default: any free port",
    },
  },
  "Initial state": {
    seed: { value: "file", text: "state to start with: JSON from --save-state or GET /emulator/v1/state" },
    "service-account": { option: "serviceAccounts", value: "email", isList: true, text: "create this service account" },
    grant: {
      option: "grants",
      read: (flags, name) => flags.list(name).map(readGrant),
      value: "member,role,target",
      isList: true,
      text: "grant a member a role on a service account (by e-mail) or a project (by ID)",
    },
    project: {
      option: "projects",
      read: (flags, name) => flags.list(name).map(readProject),
      value: "id,number",
      isList: true,
      text: "set the number of a project; default: derived from its ID",
    },
    "metadata-account": {
      option: "metadataServer.defaultAccount",
      value: "email",
      text: "default account of the metadata server; default: the first service account",
    },
    "save-state": { value: "file", text: "save the state on exit; the file holds refresh tokens" },
  },
  Behavior: {
    "no-owner": {
      option: "owner",
      read: isNotGiven,
      text: "reject the bearer token `owner`, so that clients need credentials",
    },
    "missing-accounts": {
      option: "missingAccounts",
      value: "way",
      text: "how to answer calls on accounts that don't exist: google, notFound or\npermissionDenied; default: google",
    },
    "policy-propagation": {
      option: "policyPropagationMs",
      read: readMs,
      value: "duration",
      text: "how long policy changes take to come into effect; default: 0s",
    },
    "extended-lifetime": {
      option: "extendedLifetimeAccounts",
      value: "email",
      isList: true,
      text: "an account whose access tokens may be valid for 12 hours",
    },
    "organization-policy": {
      option: "organizationPolicies",
      value: "name",
      isList: true,
      text: "an organization policy to enforce: disableServiceAccountCreation,\ndisableServiceAccountKeyCreation or disableServiceAccountKeyUpload",
    },
    "organization-number": {
      option: "organizationNumber",
      value: "digits",
      text: "number of the organization that the projects belong to",
    },
    "disabled-service": {
      option: "disabledServices",
      value: "service",
      isList: true,
      text: "a service that is disabled at first: iamcredentials.googleapis.com, or in one\nproject only projects/{id}/services/iam.googleapis.com",
    },
    "user-projects": {
      option: "userProjects",
      value: "who",
      text: "who may bill calls to a project: anyone, or permitted, which means callers\nwith the permission serviceusage.services.use; default: anyone",
    },
    enforcement: {
      option: "enforcement",
      value: "mode",
      text: "enforce permissions, or observe: allow calls that would be denied, and log them;\ndefault: enforce",
    },
    quotas: { option: "quotas", text: "enforce Google's quotas" },
    "clock-ahead": {
      value: "duration",
      text: "set the emulator's clock ahead: 30s, 15m, 2h, 7d",
    },
  },
  Output: {
    "credentials-dir": {
      value: "folder",
      text: "write credentials files of every type, for GOOGLE_APPLICATION_CREDENTIALS",
    },
    user: { value: "email", text: `the user in those files; default: ${DEFAULT_USER}` },
    json: { text: "report readiness and shutdown as lines of JSON" },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, OptionFlag>>>>;

/** What the arguments ask for. */
export interface EmulatorSettings {
  /** What the emulator starts with. Required. */
  readonly start: EmulatorOptions;
  /** The seed's contents, to tell its mistakes from those of flags; undefined: no seed. Required. */
  readonly seed: EmulatorSeed | undefined;
  /** How far the clock is ahead, in milliseconds. Required. */
  readonly clockAheadMs: number;
  /** Where the authority's certificate goes; undefined: nowhere. Required. */
  readonly caFile: string | undefined;
  /** Where the credentials files go; undefined: nowhere. Required. */
  readonly credentialsFolder: string | undefined;
  /** The e-mail of the user in them. Required. */
  readonly user: string;
  /** Where the state goes at the end; undefined: nowhere. Required. */
  readonly stateFile: string | undefined;
  /** Whether the output is JSON, for programs. Required. */
  readonly isJson: boolean;
  /** Whether a browser is opened. Required. */
  readonly isOpened: boolean;
}

function readText(path: string | undefined, flag: string): string | undefined {
  return path === undefined ? undefined : readGivenFile(path, `--${flag}`).toString("utf8");
}

function readSeed(path: string | undefined): EmulatorSeed | undefined {
  if (path === undefined) return undefined;
  return parseGivenJson(readGivenFile(path, "--seed"), "--seed", path) as EmulatorSeed; // the emulator checks it
}

function readTls(flags: GivenFlags): boolean | EmulatorTls {
  const [cert, key] = [flags.text("tls-cert"), flags.text("tls-key")];
  if (cert === undefined && key !== undefined) throw new UsageError("--tls-key needs --tls-cert");
  if (cert !== undefined && key === undefined) throw new UsageError("--tls-cert needs --tls-key");
  const clientCa = readText(flags.text("client-ca"), "client-ca");
  const isOn = flags.has("tls") || cert !== undefined || clientCa !== undefined;
  if (flags.text("ca-out") !== undefined && (!isOn || cert !== undefined)) {
    throw new UsageError("--ca-out needs --tls or --client-ca, without --tls-cert");
  }
  if (!isOn) return false;
  return { cert: readText(cert, "tls-cert"), key: readText(key, "tls-key"), clientCa };
}

function readGrant(text: string): NonNullable<EmulatorOptions["grants"]>[number] {
  const [, member = "", role = "", target = ""] = /^(.+),([^,]+),([^,]+)$/.exec(text) ?? [];
  if (member === "") {
    throw new UsageError(`--grant must be member,role,target: three parts, not ${JSON.stringify(text)}`);
  }
  return { member, role, ...(target.includes("@") ? { serviceAccount: target } : { project: target }) };
}

function readProject(text: string): NonNullable<EmulatorOptions["projects"]>[number] {
  const [, id = "", number = ""] = /^([^,]+),([^,]+)$/.exec(text) ?? [];
  if (id === "") throw new UsageError(`--project must be id,number: two parts, not ${JSON.stringify(text)}`);
  return { id, number };
}

/** What the emulator starts with, from the flags, each of which names its option. */
function readStart(flags: GivenFlags, seed: EmulatorSeed | undefined): EmulatorOptions {
  const start: Record<string, unknown> = {};
  for (const [name, flag] of optionFlags) {
    const [option = "", part] = (flag.option ?? "").split(".");
    const value = flag.read?.(flags, name) ?? readAsGiven(flags, name, flag);
    start[option] = part === undefined ? value : { ...Object(start[option]), [part]: value };
  }
  // The three about TLS name files, and belong together. as: the emulator checks what was read.
  return { ...start, seed, tls: readTls(flags) } as EmulatorOptions;
}

function readAsGiven(flags: GivenFlags, name: string, { isList, value }: OptionFlag): unknown {
  if (isList === true) return flags.list(name);
  return value === undefined ? flags.has(name) : flags.text(name);
}

// Checked at the start: what can't be written at the end would be lost.
function requireWritableFolder(path: string | undefined, flag: string): string | undefined {
  if (path === undefined) return undefined;
  try {
    accessSync(dirname(resolve(path)), constants.W_OK);
  } catch (error) {
    throw new UsageError(`--${flag} cannot be written: ${messageOf(error)}`, { cause: error });
  }
  return resolve(path);
}

/**
 * Reads the arguments.
 *
 * @throws UsageError naming the flag that is wrong
 */
export function readEmulatorSettings(args: readonly string[]): EmulatorSettings {
  const flags = parseFlags(args, emulatorFlags);
  const seed = readSeed(flags.text("seed"));
  const folder = flags.text("credentials-dir");
  if (flags.has("open") && flags.has("no-console"))
    throw new UsageError("--open needs the console, so it cannot be used with --no-console");
  return {
    start: readStart(flags, seed),
    seed,
    clockAheadMs: parseDuration(flags.text("clock-ahead") ?? "0s", "--clock-ahead"),
    caFile: requireWritableFolder(flags.text("ca-out"), "ca-out"),
    // Absolute, since the printed paths must work in any folder.
    credentialsFolder: folder === undefined ? undefined : resolve(folder),
    user: flags.text("user") ?? DEFAULT_USER,
    stateFile: requireWritableFolder(flags.text("save-state"), "save-state"),
    isJson: flags.has("json"),
    isOpened: flags.has("open"),
  };
}

/** The flags that set options. */
const optionFlags: readonly (readonly [name: string, flag: OptionFlag])[] = Object.entries(
  flattenFlags(emulatorFlags),
).filter(([, flag]: [string, OptionFlag]) => flag.option !== undefined);

/** The flags by the options that they set. */
const flagOfOption: ReadonlyMap<string, string> = new Map(
  optionFlags.map(([name, { option = "" }]) => [option, name] as const),
);

const listsOfSeed = ["serviceAccounts", "grants", "extendedLifetimeAccounts"] as const;

const names = [...flagOfOption.keys()]
  .sort((one, other) => other.length - one.length)
  .map((name) => name.replace(".", "[.]"));
const OPTION = new RegExp(
  `(^|from |needs )(${names.join("|")})(?:\\[\\d+\\])?(?:[.](\\w+))?(?= must| is | does | cannot| needs|,|$)`,
  "g",
);

/** Rewords the emulator's message about an option in terms of flags. */
export function explainOption(message: string, seed: EmulatorSeed | undefined): string {
  const [, list = "", index = ""] = /^([A-Za-z]+)\[(\d+)\]/.exec(message) ?? [];
  const name = listsOfSeed.find((each) => each === list);
  // The seed's come first in the emulator's lists.
  const isSeeded = name !== undefined && Number(index) < (seed?.[name]?.length ?? 0);
  if (isSeeded || /^seed\b/.test(message)) return `--seed: ${message}`;
  return message.replace(OPTION, (_, before: string, option: string, field: string | undefined) => {
    const flag = `${before}--${flagOfOption.get(option)}`;
    return field === undefined ? flag : `${flag}: ${field}`;
  });
}
