// SPDX-License-Identifier: Apache-2.0
// Where the first token comes from: what --source says, else application default credentials. Asks for no token.

import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../base/clock.js";
import type * as FrontDoor from "../../index.js";
import type { ClientOptions } from "../../index.js";
import { readGivenFile } from "../host/given-file.js";
import type { Host, Variables } from "../host/host.js";
import { UsageError } from "../host/output.js";
import type { GivenFlags } from "../table/flags.js";
import { checkEmulatorCredentials, EMULATOR_VARIABLE, emulatorHost, isLoopback } from "./emulator-host.js";
import type * as EmulatorUser from "./emulator-user.js";
import type * as Gcloud from "./gcloud.js";

/** Who calls, before any impersonation. */
export interface Source {
  /** Where the credentials come from, human-readable. Required. */
  readonly label: string;
  /** The contents of their file, if they come from one. Required. */
  readonly document: Readonly<Record<string, unknown>> | undefined;
  /** The options for a client. Required. */
  readonly options: Pick<ClientOptions, "credentials" | "credentialsFile">;
}

const ADC_VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS";

/** Reads a credentials file. Its text is a secret: no message quotes it. */
function readDocument(path: string, label: string): Readonly<Record<string, unknown>> {
  const text = readGivenFile(path, label).toString("utf8");
  try {
    const document: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
    if (typeof document === "object" && document !== null) return document as Readonly<Record<string, unknown>>; // as: it is one
  } catch {
    // The parser's message would repeat the text.
  }
  throw new UsageError(`${label} must be a credentials file in JSON (for a bare access token: --access-token-file)`);
}

function fromToken(text: string, label: string): Source {
  const token = text.trim();
  if (!/^[\x21-\x7e]+$/.test(token)) throw new UsageError(`${label} must hold an access token and nothing else`);
  const credentials = { getRequestMetadata: () => ({ authorization: `Bearer ${token}` }) };
  return { label, document: undefined, options: { credentials } };
}

function fromTokenFile(path: string): Source {
  return fromToken(readGivenFile(path, "--access-token-file").toString("utf8"), "--access-token-file");
}

/** Where gcloud keeps the application default credentials. */
function wellKnownFile(variables: Variables): string {
  const folder = variables["CLOUDSDK_CONFIG"] ?? join(variables["APPDATA"] ?? join(homedir(), ".config"), "gcloud");
  return join(folder, "application_default_credentials.json");
}

function describeDefault(variables: Variables): { label: string; path: string | undefined } {
  const named = variables[ADC_VARIABLE] || undefined;
  if (named !== undefined) return { label: ADC_VARIABLE, path: named };
  const path = wellKnownFile(variables);
  return existsSync(path) ? { label: path, path } : { label: "the metadata server", path: undefined };
}

/** A file that must be an emulator's. @throws UsageError when it is not */
function fromEmulatorFile(path: string, label: string, clock: Clock): Source {
  const document = readDocument(path, label);
  checkEmulatorCredentials(document, label);
  const { emulatorUser } = require("./emulator-user.js") as typeof EmulatorUser; // its own type
  const isUser = document["type"] === "authorized_user";
  const options = isUser ? { credentials: emulatorUser(document, clock) } : { credentialsFile: path };
  return { label: label === ADC_VARIABLE ? `${label} (${path})` : path, document, options };
}

function fromDefault({ variables, clock }: Host): Source {
  const named = variables[ADC_VARIABLE] || undefined;
  if (emulatorHost(variables) !== undefined) {
    if (named === undefined) return { label: "the emulator's owner", document: undefined, options: {} };
    return fromEmulatorFile(named, ADC_VARIABLE, clock);
  }
  const { label, path } = describeDefault(variables);
  let document: Source["document"];
  try {
    document = path === undefined ? undefined : readDocument(path, label);
  } catch {
    // The client reports what is wrong with it when it uses it.
  }
  return { label: path === undefined || label === path ? label : `${label} (${path})`, document, options: {} };
}

function fromFile(path: string, { variables, clock }: Host): Source {
  if (emulatorHost(variables) !== undefined) return fromEmulatorFile(path, "--source", clock);
  return { label: path, document: readDocument(path, "--source"), options: { credentialsFile: path } };
}

function fromMetadata(variables: Variables): Source {
  const host = variables["GCE_METADATA_HOST"] || variables["GCE_METADATA_ROOT"];
  if (emulatorHost(variables) !== undefined && !isLoopback(host)) {
    throw new UsageError(
      `--source metadata: ${EMULATOR_VARIABLE} is set, so GCE_METADATA_HOST must name the emulator, too`,
    );
  }
  const { ComputeEngineCredentials } = require("../../index.js") as typeof FrontDoor; // its own type
  return {
    label: "the metadata server",
    document: undefined,
    options: { credentials: new ComputeEngineCredentials() },
  };
}

function fromGcloud(host: Host): Source {
  if (emulatorHost(host.variables) !== undefined) {
    throw new UsageError(
      `--source gcloud: ${EMULATOR_VARIABLE} is set, and Google's tokens are never sent to an emulator`,
    );
  }
  const { gcloudCredentials } = require("./gcloud.js") as typeof Gcloud; // its own type
  return { label: "gcloud", document: undefined, options: { credentials: gcloudCredentials(host) } };
}

/**
 * The source credentials.
 *
 * @throws UsageError naming the flag or variable that is wrong
 */
export async function openSource(given: GivenFlags, host: Host): Promise<Source> {
  const [source, tokenFile] = [given.text("source"), given.text("access-token-file")];
  if (tokenFile !== undefined) {
    if (source !== undefined) throw new UsageError("--source and --access-token-file: set one of them, not both");
    return fromTokenFile(tokenFile);
  }
  switch (source) {
    case undefined:
    case "adc":
      return fromDefault(host);
    case "gcloud":
      return fromGcloud(host);
    case "metadata":
      return fromMetadata(host.variables);
    case "-":
      return fromToken((await host.readInput()).toString("utf8"), "--source -");
    default:
      return fromFile(source, host);
  }
}
