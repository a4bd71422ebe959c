// SPDX-License-Identifier: Apache-2.0
// Runs the command with which SecureConnect (endpoint verification) provides certificates, and parses its output.

import type { execFile } from "node:child_process";
import { MutualTlsChannelError } from "../errors.js";
import type { ClientCertificate } from "./client-certificate.js";

/** A helper that asks an agent on the same machine answers in well under a second. */
const COMMAND_TIMEOUT_MS = 20_000;
const LONGEST_OUTPUT = 1024 * 1024;

/**
 * The certificate, key and passphrase that a command prints.
 *
 * @param command the program and its arguments
 * @param path the file that names it, for errors
 * @throws MutualTlsChannelError when it fails or prints something else; never quotes what it printed
 */
export async function runCertProviderCommand(command: readonly string[], path: string): Promise<ClientCertificate> {
  const output = await outputOf(command, path);
  const cert = /-----BEGIN CERTIFICATE-----.+-----END CERTIFICATE-----\r?\n?/s.exec(output)?.[0];
  if (cert === undefined) throw wrong(path, "Client SSL certificate is missing or invalid");
  const key = /-----BEGIN [A-Z ]*PRIVATE KEY-----.+-----END [A-Z ]*PRIVATE KEY-----\r?\n?/s.exec(output)?.[0];
  if (key === undefined) throw wrong(path, "Client SSL key is missing or invalid");
  const passphrase = /-----BEGIN PASSPHRASE-----(.+)-----END PASSPHRASE-----/s.exec(output)?.[1]?.trim();
  const isEncrypted = key.includes("ENCRYPTED");
  if (isEncrypted && !passphrase) throw wrong(path, "Passphrase is missing or invalid");
  if (!isEncrypted && passphrase !== undefined) throw wrong(path, "Passphrase is not expected");
  return { cert, key, ...(passphrase === undefined ? {} : { passphrase }) };
}

function outputOf([program = "", ...rest]: readonly string[], path: string): Promise<string> {
  // Loaded only when there is a command to run.
  const { execFile: run } = require("node:child_process") as { execFile: typeof execFile };
  return new Promise((resolve, reject) => {
    const limits = { timeout: COMMAND_TIMEOUT_MS, maxBuffer: LONGEST_OUTPUT, windowsHide: true };
    run(program, rest, limits, (error, stdout) => {
      if (error === null) resolve(stdout);
      // The error itself holds what the command printed, so it is not kept as a cause.
      else if (typeof error.code === "number") {
        reject(wrong(path, `Cert provider command returns non-zero status code ${error.code}`));
      } else if (error.killed) reject(wrong(path, `Cert provider command took longer than ${COMMAND_TIMEOUT_MS} ms`));
      else reject(wrong(path, `Cert provider command cannot be run (${error.code ?? error.signal})`));
    });
  });
}

function wrong(path: string, problem: string): MutualTlsChannelError {
  return new MutualTlsChannelError(`${path}: cert_provider_command: ${problem}`);
}
