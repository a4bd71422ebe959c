// SPDX-License-Identifier: Apache-2.0
// Prints a command's result in the format that --format requests. Knows no command.

import type { Host } from "../host/host.js";
import { UsageError } from "../host/output.js";
import type { GivenFlags } from "../table/flags.js";
import { type Column, formatTable } from "./format-table.js";
import { memberAt, plainJson } from "./plain-json.js";

/** What a command has found. */
export interface Result {
  /** For programs; converted to plain JSON. Required. */
  readonly json: unknown;
  /** Whether `json` is printed as it is, including false and 0. Default: false, as Google prints resources. */
  readonly isExact?: boolean;
  /** For `--format text`. Default: the fields, one per line. */
  readonly text?: string | undefined;
  /** For `--format env`, by variable. Default: none. */
  readonly env?: Readonly<Record<string, string>>;
  /** For `--format header`, by header. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The requested format. */
export function formatOf(given: GivenFlags): string {
  return given.text("format") ?? "text";
}

const pretty = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;

function formatScalar(value: unknown): string {
  if (typeof value === "string" || value === undefined || value === null) return String(value ?? "");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Fields one per line, lists one item per line, as in YAML. */
function formatFields(value: unknown): string {
  if (typeof value !== "object" || value === null) return `${formatScalar(value)}\n`;
  const lines = Object.entries(value).flatMap(([key, member]) =>
    Array.isArray(member)
      ? [`${key}:`, ...member.map((item) => `- ${formatScalar(item)}`)]
      : [`${key}: ${formatScalar(member)}`],
  );
  return lines.map((line) => `${line}\n`).join("");
}

function fieldsOf(format: string): readonly string[] {
  return format
    .slice("value(".length, -1)
    .split(",")
    .map((field) => field.trim());
}

/** A line with the values of some fields, separated by tabs. */
function formatValues(json: unknown, format: string): string {
  const cells = fieldsOf(format).map((field) => {
    const value = memberAt(json, field);
    return Array.isArray(value) ? value.map(formatScalar).join(";") : formatScalar(value);
  });
  return `${cells.join("\t")}\n`;
}

/** Quotes for a shell: in single quotes, unless it is plain. */
export function quote(text: string): string {
  return /^[\w./:@%+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Prints a result in one of its formats. Other formats are refused before anything is done. */
export function printResult(given: GivenFlags, host: Host, result: Result): void {
  const format = formatOf(given);
  const json = result.isExact === true ? result.json : plainJson(result.json);
  if (format === "text") host.print(result.text ?? formatFields(json));
  else if (format === "json") host.print(pretty(json));
  else if (format === "ndjson") host.print(`${JSON.stringify(json)}\n`);
  else if (format === "env") {
    const entries = Object.entries(result.env ?? {});
    host.print(entries.map(([name, value]) => `export ${name}=${quote(value)}\n`).join(""));
  } else if (format === "header") {
    const entries = Object.entries(result.headers ?? {});
    host.print(entries.map(([name, value]) => `${name}: ${value}\n`).join(""));
  } else host.print(formatValues(json, format));
}

/**
 * Prints a list: a table, an array, or a line per item as the items come.
 *
 * @throws what the items throw
 */
export async function printList<Item>(
  given: GivenFlags,
  host: Host,
  items: AsyncIterable<Item> | Iterable<Item>,
  columns: readonly Column<Item>[],
): Promise<void> {
  const format = formatOf(given);
  if (format !== "text" && format !== "json") {
    for await (const item of items) {
      const json = plainJson(item);
      host.print(format === "ndjson" ? `${JSON.stringify(json)}\n` : formatValues(json, format));
    }
    return;
  }
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  if (format === "json") host.print(pretty(all.map(plainJson)));
  else if (all.length === 0) host.complain("Listed 0 items.\n");
  else host.print(formatTable(all, columns, { hasHeader: !given.has("no-header"), columns: host.columns }));
}

/**
 * Asks for confirmation before something that can't be undone.
 *
 * @throws UsageError when there is nobody to ask, or the answer is no
 */
export async function confirm(given: GivenFlags, host: Host, question: string): Promise<void> {
  if (given.has("quiet")) return;
  if (!host.isTerminal.input || !host.isTerminal.errors) {
    throw new UsageError(`${question}: there is no terminal to ask on; pass --quiet to continue`);
  }
  host.complain(`${question}. Do you want to continue (Y/n)? `);
  const answer = (await host.readLine()).trim().toLowerCase();
  if (answer !== "" && answer !== "y" && answer !== "yes") throw new UsageError("stopped; nothing was changed");
}
