// SPDX-License-Identifier: Apache-2.0
// Reads the requests of a batch, and writes the answers to them: multipart/mixed of application/http (RFC 2046, 5.1, and "Batching
// requests" of Google's API documentation). Knows no operation.

import { STATUS_CODES } from "node:http";
import type { OutgoingAnswer } from "../http/http-operation.js";

/** A request of a batch. */
export interface BatchPart {
  /** The header `Content-ID` of its part; undefined: none. Required. */
  readonly id: string | undefined;
  /** `GET`, `POST` and so on; empty when the part is not a request. Required. */
  readonly method: string;
  /** Path and query. Required. */
  readonly target: string;
  /** Its headers, names in lower case. Required. */
  readonly headers: Readonly<Record<string, string>>;
  /** Its body. Required, may be empty. */
  readonly body: Buffer;
}

const escapePattern = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

// Headers and what comes after the first empty line.
function splitHead(text: string): { readonly lines: readonly string[]; readonly rest: string } {
  const end = /\r?\n\r?\n/.exec(text);
  const head = end === null ? text : text.slice(0, end.index);
  return { lines: head.split(/\r?\n/), rest: end === null ? "" : text.slice(end.index + end[0].length) };
}

function readHeaders(lines: readonly string[]): Record<string, string> {
  const pairs = lines.flatMap((line) => {
    const [, name, value = ""] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    return name === undefined ? [] : [[name.toLowerCase(), value] as const];
  });
  return Object.fromEntries(pairs);
}

function readPart(text: string): BatchPart {
  // A part without headers begins with the empty line.
  const { lines, rest } = splitHead(text.startsWith("\r\n") || text.startsWith("\n") ? `\r\n${text}` : text);
  const { lines: head, rest: body } = splitHead(rest.replace(/^(\r?\n)+/, ""));
  const [, method = "", target = ""] = /^([A-Z]+) (\S+)(?: HTTP\/1\.[01])?$/.exec(head[0] ?? "") ?? [];
  const headers = readHeaders(head.slice(1));
  const bytes = Buffer.from(body, "latin1");
  const length = /^[0-9]+$/.test(headers["content-length"] ?? "") ? Number(headers["content-length"]) : bytes.length;
  return {
    id: readHeaders(lines)["content-id"],
    method,
    // Some clients send the whole URL.
    target: target.replace(/^https?:\/\/[^/?#]*/i, ""),
    headers,
    body: bytes.subarray(0, length),
  };
}

/**
 * Reads the parts of a batch.
 *
 * @param contentType the header with the boundary
 * @returns undefined when it is not multipart/mixed
 */
export function readBatch(body: Buffer, contentType: string): readonly BatchPart[] | undefined {
  const [, quoted, bare] =
    /^multipart\/mixed\s*;(?:.*;)?\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType) ?? [];
  const boundary = quoted ?? bare;
  if (boundary === undefined) return undefined;
  const delimiter = new RegExp(`(?:^|\\r?\\n)--${escapePattern(boundary)}(--)?[ \\t]*(?=\\r?\\n|$)`, "g");
  const text = body.toString("latin1");
  const parts: BatchPart[] = [];
  let start: number | undefined;
  for (const found of text.matchAll(delimiter)) {
    if (start !== undefined) parts.push(readPart(text.slice(start, found.index).replace(/^\r?\n/, "")));
    start = found[1] === undefined ? found.index + found[0].length : undefined;
    if (start === undefined) break;
  }
  return parts;
}

/** Writes the answers to the parts of a batch, in their order. */
export function writeBatch(
  answers: readonly { readonly id: string | undefined; readonly answer: OutgoingAnswer }[],
): OutgoingAnswer {
  const boundary = "batch_emulator_answer";
  const chunks = answers.flatMap(({ id, answer }) => {
    const { code, contentType, headers = {} } = answer;
    const body = Buffer.from(answer.body);
    const lines = [
      `--${boundary}`,
      "Content-Type: application/http",
      ...(id === undefined ? [] : [`Content-ID: ${id.replace(/^<?/, "<response-")}`]),
      "",
      `HTTP/1.1 ${code} ${STATUS_CODES[code] ?? ""}`,
      `Content-Type: ${contentType}`,
      `Content-Length: ${body.length}`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      "",
      "",
    ];
    return [Buffer.from(lines.join("\r\n"), "latin1"), body, Buffer.from("\r\n")];
  });
  const whole = Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]);
  return { code: 200, contentType: `multipart/mixed; boundary=${boundary}`, body: whole };
}
