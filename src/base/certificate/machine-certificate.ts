// SPDX-License-Identifier: Apache-2.0
// The client certificate that a machine provides to its programs: where to look for it and how to read it. Does not decide
// whether it is used.

import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Environment } from "../environment.js";
import { ConfigurationError, MutualTlsChannelError } from "../errors.js";
import { resolveGivenPath } from "../given-path.js";
import type { ClientCertificate, ClientCertSource } from "./client-certificate.js";
import { runCertProviderCommand } from "./secure-connect.js";

/** The variables that name a certificate config file, in order of precedence; empty ones are skipped. */
export const CERTIFICATE_CONFIG_VARIABLES = [
  "GOOGLE_API_CERTIFICATE_CONFIG",
  "CLOUDSDK_CONTEXT_AWARE_CERTIFICATE_CONFIG_FILE_PATH",
] as const;

/** Where a certificate config file is expected. */
interface CertificateConfigFile {
  readonly path: string;
  /** The variable that names it; `undefined`: gcloud's default location. */
  readonly variable: string | undefined;
  readonly exists: boolean;
}

/**
 * The certificate config file to use. One that a variable names is used even if it does not exist.
 *
 * @throws MutualTlsChannelError when the variable does not hold a path
 */
export function findCertificateConfig(environment: Environment): CertificateConfigFile {
  for (const variable of CERTIFICATE_CONFIG_VARIABLES) {
    const named = environment[variable];
    if (named === undefined || named === "") continue;
    const path = expandHome(checkedPath(named, variable), environment);
    return { path, variable, exists: existsSync(path) };
  }
  const path = expandHome("~/.config/gcloud/certificate_config.json", environment);
  return { path, variable: undefined, exists: existsSync(path) };
}

/** If the variable holds a file's contents instead of its path, they must not be repeated. */
function checkedPath(named: string, variable: string): string {
  try {
    return resolveGivenPath(named, variable);
  } catch (error) {
    throw error instanceof ConfigurationError ? new MutualTlsChannelError(error.message) : error;
  }
}

/** Where SecureConnect (endpoint verification) keeps its metadata, and whether it is there. */
export function findSecureConnect(environment: Environment): { readonly path: string; readonly exists: boolean } {
  const path = expandHome("~/.secureConnect/context_aware_metadata.json", environment);
  return { path, exists: existsSync(path) };
}

function expandHome(path: string, environment: Environment): string {
  if (path !== "~" && !/^~[/\\]/.test(path)) return path;
  const variable = process.platform === "win32" ? "USERPROFILE" : "HOME";
  return join(environment[variable] || homedir(), path.slice(1));
}

/**
 * Why a certificate config file does not turn client certificates on; `undefined`: it does, since it has a workload section.
 *
 * Source: Python's `check_use_client_cert`.
 */
export function workloadProblem(path: string): string | undefined {
  let config: unknown;
  try {
    config = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return `${path} cannot be read, or is not JSON`;
  }
  const configs = memberOf(config, "cert_configs");
  if (typeof configs === "object" && configs !== null && "workload" in configs) return undefined;
  return `${path} has no cert_configs.workload`;
}

/**
 * A source for the machine's certificate: the X.509 workload certificate that the config file names, else SecureConnect's. Files are
 * read, and the command is run, on every call.
 */
export function machineCertSource(environment: Environment): ClientCertSource {
  return () => readWorkload(findCertificateConfig(environment)) ?? readSecureConnect(environment);
}

function readWorkload({ path, exists }: CertificateConfigFile): ClientCertificate | undefined {
  if (!exists) return undefined;
  const configs = memberOf(readJson(path), "cert_configs");
  if (typeof configs !== "object" || configs === null) {
    throw new MutualTlsChannelError(`${path}: is in an invalid format, a "cert_configs" object is expected`);
  }
  // The file is for other kinds of certificates: look in the next place.
  if (!("workload" in configs)) return undefined;
  const certPath = memberOf(configs.workload, "cert_path");
  const keyPath = memberOf(configs.workload, "key_path");
  if (typeof certPath !== "string" || typeof keyPath !== "string") {
    throw new MutualTlsChannelError(`${path}: cert_configs.workload must have "cert_path" and "key_path"`);
  }
  const cert = pemIn(readText(certPath, `${path}: cert_path`), "CERTIFICATE");
  if (cert === undefined) {
    throw new MutualTlsChannelError(
      `${certPath}: is in an invalid format, a single PEM formatted certificate is expected`,
    );
  }
  const key = pemIn(readText(keyPath, `${path}: key_path`), "PRIVATE KEY");
  if (key === undefined) {
    throw new MutualTlsChannelError(
      `${keyPath}: is in an invalid format, a single PEM formatted private key is expected`,
    );
  }
  return { cert, key };
}

function readSecureConnect(environment: Environment): Promise<ClientCertificate> {
  const { path, exists } = findSecureConnect(environment);
  if (!exists) {
    const config = findCertificateConfig(environment);
    throw new MutualTlsChannelError(
      `client certificates are on, but ${config.path} ${config.exists ? "has no cert_configs.workload" : "does not exist"} ` +
        `and ${path} does not exist`,
    );
  }
  const command = memberOf(readJson(path), "cert_provider_command");
  if (!Array.isArray(command) || command.length === 0 || !command.every((part) => typeof part === "string")) {
    throw new MutualTlsChannelError(
      `${path}: Cert provider command is not found; "cert_provider_command" must be a list`,
    );
  }
  return runCertProviderCommand(command, path);
}

/** From the first BEGIN to the last END: a chain counts as one certificate, as in Python. */
function pemIn(text: string, label: string): string | undefined {
  return new RegExp(`-----BEGIN [A-Z ]*${label}-----.+-----END [A-Z ]*${label}-----\\r?\\n?`, "s").exec(text)?.[0];
}

function readJson(path: string): unknown {
  const text = readText(path, "the client certificate's configuration");
  try {
    return JSON.parse(text);
  } catch {
    // JSON.parse quotes the text in its error, and the variable may name a key by mistake.
    throw new MutualTlsChannelError(`${path}: is not JSON`);
  }
}

function readText(path: string, what: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new MutualTlsChannelError(`${what}: cannot read ${path}`, { cause });
  }
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}
