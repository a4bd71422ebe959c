// SPDX-License-Identifier: Apache-2.0
// From an error to an exit code and to what is printed. Recognizes errors by name: no library is loaded for them.

import { maskSecrets } from "../../base/secrets/secret-text.js";
import type * as FrontDoor from "../../index.js";
import type { ErrorExplanation } from "../../index.js";
import { type ExitCode, messageOf } from "./output.js";

/** The parts of any error that are read. */
interface ErrorParts {
  readonly name?: unknown;
  readonly status?: unknown;
  readonly code?: unknown;
  readonly reason?: unknown;
  readonly cause?: unknown;
}

const CODES_BY_NAME: Readonly<Record<string, ExitCode>> = {
  UsageError: 2,
  RequestError: 2,
  ConfigurationError: 2,
  MutualTlsChannelError: 2,
  CredentialsError: 4,
  TimeoutError: 6,
};

const CODES_BY_STATUS: Readonly<Record<string, ExitCode>> = {
  UNAUTHENTICATED: 4,
  PERMISSION_DENIED: 5,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 5,
  FAILED_PRECONDITION: 5,
  INVALID_ARGUMENT: 5,
  OUT_OF_RANGE: 5,
  UNAVAILABLE: 6,
  DEADLINE_EXCEEDED: 6,
  RESOURCE_EXHAUSTED: 6,
  ABORTED: 6,
};

const partsOf = (error: unknown) => Object(error) as ErrorParts; // as: any value has properties after Object()

/** The exit code of an error: by its class, by the status that the service gave, else by those of its cause. */
export function exitCodeOf(error: unknown): ExitCode {
  const { name, status, cause } = partsOf(error);
  const byStatus = typeof status === "string" ? CODES_BY_STATUS[status] : undefined;
  const code = byStatus ?? (typeof name === "string" ? CODES_BY_NAME[name] : undefined);
  if (code !== undefined) return code;
  return typeof cause === "object" && cause !== null && name === "GrantError" ? exitCodeOf(cause) : 1;
}

/** What an error means and how to fix it; undefined: nothing is known, or the arguments were wrong, which the message says. */
export function explain(error: unknown): ErrorExplanation | undefined {
  if (exitCodeOf(error) === 2) return undefined;
  const { explainError } = require("../../index.js") as typeof FrontDoor; // its own type
  return explainError(error);
}

/**
 * The lines about it for people.
 *
 * @param emphasize highlights the words at the start of the lines
 */
export function formatWhy(why: ErrorExplanation | undefined, emphasize: (word: string) => string): string {
  if (why === undefined) return "";
  const [word, commands] = [why.isCertain ? "why:" : "possible cause:", why.commands];
  const lines = [`${emphasize(word)} ${why.text}`, ...commands.map((command) => `${emphasize("run:")} ${command}`)];
  return lines.map((line) => `${line}\n`).join("");
}

/** The line about an error for programs: `--format json`. */
export function errorAsJson(error: unknown): string {
  const { status, code, reason, name, cause } = partsOf(error);
  const text = (value: unknown) => (typeof value === "string" ? value : undefined);
  const document = {
    code: typeof code === "number" ? code : undefined,
    status: text(status) ?? text(name),
    reason: text(reason),
    message: maskSecrets(messageOf(error)),
    cause: explain(error)?.cause ?? (cause === undefined ? undefined : maskSecrets(messageOf(cause))),
    commands: explain(error)?.commands ?? [],
  };
  return `${JSON.stringify({ error: document })}\n`;
}
