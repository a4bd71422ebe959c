// SPDX-License-Identifier: Apache-2.0
// What may be repeated from an error of other code, Google's auth libraries above all. They quote paths, values and whole answers, any of which can be a secret.
// So nothing from an answer is repeated that is not in Google's or OAuth's error format, and what was sent is masked.

import { inspect } from "node:util";
import { isPath, maskSecrets } from "./secret-text.js";

/** What may be shown. */
interface ForeignFailure {
  /** For a message. */
  readonly text: string;
  /** The error in a form that holds no secret: name, stack, code and system details are the original's. */
  readonly cause: unknown;
}

/** Nobody reads more than this of a foreign text. */
const LONGEST_TEXT = 500;

/**
 * What may be shown of an error.
 *
 * @param secrets what was sent, and may come back
 */
export function describeForeignError(error: unknown, secrets: readonly string[] = []): ForeignFailure {
  // Not instanceof: an error from another realm, such as Jest's, is one too.
  if (typeof error !== "object" || error === null || !("message" in error)) {
    const text = shorten(maskSecrets(String(error), secrets));
    return { text, cause: typeof error === "string" ? text : undefined };
  }
  const text = shorten(maskSecrets(textOf(error), secrets));
  return { text, cause: bareError(error, text, secrets) };
}

/**
 * An error as a cause: itself, unless something that is printed with it looks like a secret, such as the request that failed; then in a
 * form that holds none.
 */
export function causeWithoutSecrets(error: unknown): unknown {
  let printed: string;
  try {
    printed = inspect(error, { depth: PRINTED_DEPTH, maxStringLength: null, maxArrayLength: null });
  } catch {
    return describeForeignError(error).cause;
  }
  const hasSecret = SECRET_MEMBER_PRINTED.test(printed) || maskSecrets(printed) !== printed;
  return hasSecret ? describeForeignError(error).cause : error;
}

/** A member that is a secret by its name, as `inspect` prints it. */
const SECRET_MEMBER_PRINTED = /(?:secret|password|private_key|token|key|assertion|jwt|authorization)'?: ['"`][^'"`]/i;

/** Deeper than anybody prints. */
const PRINTED_DEPTH = 8;

function textOf(error: object): string {
  const response = memberOf(error, "response");
  if (typeof response === "object" && response !== null) return textOfAnswer(response);
  const message = String(memberOf(error, "message"));
  // The engine's own errors quote the unexpected value, which comes from an answer.
  if (isOfEngine(error)) return "the response is not in the expected form";
  const beneath = memberOf(error, "cause");
  const why = typeof beneath === "object" && beneath !== null ? memberOf(beneath, "message") : undefined;
  return withoutQuotes(
    typeof why === "string" && why !== "" && !message.includes(why) ? `${message}: ${why}` : message,
  );
}

/** Without what a program wrote where its answer was expected, and without the query of a URL, which a redirect may have chosen. */
function withoutQuotes(message: string): string {
  return message
    .replace(
      /^(The (?:executable returned|output file contained) an invalid response|The executable failed with exit code: [^\s:]{1,20}).*/s,
      "$1",
    )
    .replace(/^(request to [^\s?#]+)[?#]\S*( failed)/, "$1$2");
}

/** Whether an error is a parser's, OpenSSL's or of that kind, rather than the library's own: it says nothing to a user. */
export function isOfEngine(error: object): boolean {
  const isOfOpenSsl = /^error:[0-9A-F]{8}:/.test(String(memberOf(error, "message")));
  const isOfLanguage = /^(TypeError|SyntaxError|RangeError)$/.test(String(memberOf(error, "name")));
  return isOfOpenSsl || (isOfLanguage && !isNetworkFailure(error));
}

function isNetworkFailure(error: object): boolean {
  return memberOf(error, "message") === "fetch failed";
}

/** The status, and the text of an answer in one of the two error formats. */
function textOfAnswer(response: object): string {
  const status = memberOf(response, "status");
  const data = memberOf(response, "data");
  const problem = typeof data === "object" && data !== null ? memberOf(data, "error") : undefined;
  // RFC 6749, section 5.2.
  if (typeof problem === "string") {
    const description = memberOf(Object(data), "error_description");
    return typeof description === "string" && description !== "" ? `${problem}: ${description}` : problem;
  }
  // AIP-193.
  if (typeof problem === "object" && problem !== null) {
    const words = [memberOf(problem, "status"), memberOf(problem, "message")];
    const told = words.filter((word) => typeof word === "string" && word !== "");
    if (told.length > 0) return told.join(": ");
  }
  return `the response status was ${String(status)}`;
}

/** Code, and the details of a failed system call (`errno`, `syscall`, `path`): words, numbers, and a path that is one. */
function factsOf(error: object, secrets: readonly string[]): PropertyDescriptorMap {
  const isPlain = (value: unknown) =>
    typeof value === "number" || (typeof value === "string" && /^\w{1,40}$/.test(value));
  const isShown = (key: string, value: unknown) =>
    key === "path"
      ? typeof value === "string" && isPath(value) && maskSecrets(value, secrets) === value
      : isPlain(value);
  const told = ["errno", "code", "syscall", "path"].flatMap((key) => {
    const value = memberOf(error, key);
    return isShown(key, value) ? [[key, { value, enumerable: true }] as const] : [];
  });
  return Object.fromEntries(told);
}

function bareError(error: object, message: string, secrets: readonly string[]): Error {
  const name = memberOf(error, "name");
  const stack = memberOf(error, "stack");
  const frames = typeof stack === "string" ? stack.split("\n").filter((line) => /^ {4}at /.test(line)) : [];
  const label = typeof name === "string" && /^\w{1,60}$/.test(name) ? name : "Error";
  return Object.defineProperties(new Error(message), {
    ...(label === "Error" ? {} : { name: { value: label } }),
    stack: { value: [`${label}: ${message}`, ...frames].join("\n") },
    ...factsOf(error, secrets),
  });
}

function memberOf(value: object, key: string): unknown {
  try {
    return Reflect.get(value, key);
  } catch {
    return undefined;
  }
}

function shorten(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}

/** The members of a credentials file that are secrets. */
const SECRET_MEMBER = /secret|password|private_key$|(^|_)(token|key|assertion|jwt)$/i;

/** The secrets in the contents of a credentials file, at any depth. */
export function secretsOfInfo(info: unknown): readonly string[] {
  if (typeof info !== "object" || info === null) return [];
  return Object.entries(info).flatMap(([key, value]) =>
    typeof value === "string" ? (SECRET_MEMBER.test(key) ? [value] : []) : secretsOfInfo(value),
  );
}
