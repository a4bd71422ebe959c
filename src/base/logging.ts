// SPDX-License-Identifier: Apache-2.0
// Where log records go: the caller's logger, or standard error when the environment asks for it. Does not decide what a record says; what
// arrives here holds no token, key or payload.

import type { Environment } from "./environment.js";
import { ConfigurationError } from "./errors.js";
import { tellListener } from "./thenable.js";

/** The fields of a log record: text and numbers by name. Never a secret. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Receives log records. `console` is one. Anything it throws or rejects with is ignored. */
export interface Logger {
  /** Routine events: each attempt, each renewed token. */
  debug(message: string, fields: LogFields): void;
  /** Rare events: a client is created. */
  info(message: string, fields: LogFields): void;
  /** Problems that were handled but deserve a look: a setting without effect, an attempt that is retried. */
  warn(message: string, fields: LogFields): void;
  /** Failures that the caller gets as errors. */
  error(message: string, fields: LogFields): void;
}

/** The names of a logger's methods, most verbose first. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

type LogLevel = (typeof LOG_LEVELS)[number];

/** The variable that turns logging on. Google's other libraries for Node read it too. */
const LOGGING_VARIABLE = "GOOGLE_SDK_NODE_LOGGING";

/**
 * The logger of a client: the option, or the environment's. `GOOGLE_SDK_NODE_LOGGING` holds comma-separated names; `all`, `*`
 * and the service's own name turn logging on, `name:level` (`iam-credentials:warn`) from that level on. Other names are for other
 * libraries.
 *
 * @param name what the service is called there: `iam-credentials`
 * @throws ConfigurationError when what follows a name is not a level
 */
export function resolveLogger(
  option: Logger | false | undefined,
  environment: Environment,
  name: string,
): Logger | undefined {
  if (option === false) return undefined;
  if (option !== undefined) return shielded(option);
  const level = levelFor(environment[LOGGING_VARIABLE] ?? "", name);
  return level === undefined ? undefined : standardErrorLogger(name, level);
}

function levelFor(value: string, name: string): LogLevel | undefined {
  let lowest = Number.POSITIVE_INFINITY;
  for (const entry of value.split(",")) {
    const [system = "", level = "debug"] = entry.trim().split(":");
    if (system !== "all" && system !== "*" && system !== name) continue;
    const rank = LOG_LEVELS.findIndex((each) => each === (level === "*" ? "debug" : level.replace("warning", "warn")));
    if (rank < 0) {
      throw new ConfigurationError(
        `${LOGGING_VARIABLE}: the level after "${system}:" must be one of ${LOG_LEVELS.join(", ")}, not ${JSON.stringify(level)}`,
      );
    }
    lowest = Math.min(lowest, rank);
  }
  return LOG_LEVELS[lowest];
}

function loggerFrom(write: (level: LogLevel, message: string, fields: LogFields) => void): Logger {
  return {
    debug: (message, fields) => write("debug", message, fields),
    info: (message, fields) => write("info", message, fields),
    warn: (message, fields) => write("warn", message, fields),
    error: (message, fields) => write("error", message, fields),
  };
}

function shielded(logger: Logger): Logger {
  return loggerFrom((level, message, fields) => tellListener(() => logger[level](message, fields)));
}

/** One line of JSON per record, in the form that Cloud Logging parses. */
function standardErrorLogger(name: string, lowest: LogLevel): Logger {
  return loggerFrom((level, message, fields) => {
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(lowest)) return;
    const severity = level === "warn" ? "WARNING" : level.toUpperCase();
    process.stderr.write(`${JSON.stringify({ severity, name, message, ...fields })}\n`);
  });
}
