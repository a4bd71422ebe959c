// SPDX-License-Identifier: Apache-2.0
// Which header fields a response may have. Source: RFC 9113, sections 8.1.1, 8.2 and 8.3. Knows no stream.

const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
// Allows injection: line breaks and NUL. Other octets are up to the application.
const FORBIDDEN_IN_VALUE = /[\0\r\n]/;
const CONNECTION_SPECIFIC = new Set(["connection", "transfer-encoding", "upgrade", "keep-alive", "proxy-connection"]);

/** What is wrong with one field on its own; `undefined`: nothing. Never quotes it. */
export function fieldProblem(name: string, value: string): string | undefined {
  if (name.charCodeAt(0) === 0x3a) {
    return name === ":status" ? undefined : "a pseudo-header field that is not allowed in a response";
  }
  if (!NAME.test(name)) return "a header field with a name that is not allowed";
  if (CONNECTION_SPECIFIC.has(name)) return `the header field ${name}, which HTTP/2 does not allow`;
  if (FORBIDDEN_IN_VALUE.test(value)) return "a header field with a line break in its value";
  return undefined;
}

/** The header fields of a block. */
export interface DecodedBlock {
  /** Names and values, alternating; empty if the list is too large. */
  readonly fields: readonly string[];
  /** What is wrong with a field; `undefined`: nothing. */
  readonly problem: string | undefined;
  /** Whether the list is larger than allowed. */
  readonly isTooLarge: boolean;
}

/**
 * What a block means to its stream: its response headers, a 1xx that something else follows, or the stream's end.
 *
 * @param isFirst whether no response headers have come before
 */
export function judgeBlock(
  { fields, problem, isTooLarge }: DecodedBlock,
  isEnd: boolean,
  isFirst: boolean,
): "answer" | "information" | { readonly kind: "tooLarge" } | { readonly kind: "broken"; readonly text: string } {
  if (isTooLarge) return { kind: "tooLarge" };
  const text = problem ?? (isFirst ? responseProblem(fields) : trailersProblem(fields));
  if (text !== undefined) return { kind: "broken", text };
  const isInformation = isFirst && fields[1]?.charCodeAt(0) === 0x31;
  if (isInformation && isEnd) return { kind: "broken", text: "a 1xx response that ends the stream" };
  if (!isFirst && !isEnd) return { kind: "broken", text: "headers in the middle of a body" };
  return isInformation ? "information" : "answer";
}

/** What is wrong with response headers as a whole: `:status` must come first, and once; `undefined`: nothing. */
function responseProblem(fields: readonly string[]): string | undefined {
  if (fields[0] !== ":status") return "response headers that do not start with :status";
  if (!/^[1-9]\d\d$/.test(fields[1] ?? "")) return "an invalid :status";
  return laterPseudoField(fields, 2);
}

/** What is wrong with trailers: they must have no pseudo-header fields; `undefined`: nothing. */
function trailersProblem(fields: readonly string[]): string | undefined {
  return laterPseudoField(fields, 0);
}

function laterPseudoField(fields: readonly string[], from: number): string | undefined {
  for (let at = from; at < fields.length; at += 2) {
    if (fields[at]?.charCodeAt(0) === 0x3a) return "a pseudo-header field where none is allowed";
  }
  return undefined;
}

/** The first value of a name in a list of alternating names and values; `undefined`: there is none. */
export function fieldValue(fields: readonly string[], name: string): string | undefined {
  for (let at = 0; at < fields.length; at += 2) if (fields[at] === name) return fields[at + 1];
  return undefined;
}
