// SPDX-License-Identifier: Apache-2.0
// A table for people: as wide as the terminal, headers in capitals. Decides no column.

import { formatInstant } from "./plain-json.js";

/** A column of a table of items. */
export interface Column<Item> {
  readonly header: string;
  /** The text of its cell. */
  cell(item: Item, times: (at: Date | undefined) => string): string;
}

/** How a table is printed. */
interface TableStyle {
  readonly hasHeader: boolean;
  /** The maximum line width in characters; undefined: any. */
  readonly columns: number | undefined;
}

/** An instant on a terminal: local, with its offset. Elsewhere RFC 3339 in UTC. */
export function formatTime(at: Date | undefined, isTerminal: boolean): string {
  if (at === undefined) return "";
  if (!isTerminal) return formatInstant(at);
  const offset = -at.getTimezoneOffset();
  const two = (value: number) => String(Math.trunc(Math.abs(value))).padStart(2, "0");
  const local = new Date(at.getTime() + offset * 60_000).toISOString().slice(0, 19).replace("T", " ");
  return `${local} ${offset < 0 ? "-" : "+"}${two(offset / 60)}:${two(offset % 60)}`;
}

const GAP = 2;

/** The lines of a table. */
export function formatTable<Item>(items: readonly Item[], columns: readonly Column<Item>[], style: TableStyle): string {
  const times = (at: Date | undefined) => formatTime(at, style.columns !== undefined);
  const rows = items.map((item) => columns.map(({ cell }) => cell(item, times)));
  const lines = style.hasHeader ? [columns.map(({ header }) => header), ...rows] : rows;
  const widths = columns.map((_, index) => Math.max(0, ...lines.map((cells) => cells[index]?.length ?? 0)) + GAP);
  const cut = (line: string) =>
    style.columns !== undefined && line.length > style.columns ? `${line.slice(0, style.columns - 1)}…` : line;
  return lines
    .map(
      (cells) =>
        `${cut(
          cells
            .map((cell, index) => cell.padEnd(widths[index] ?? 0))
            .join("")
            .trimEnd(),
        )}\n`,
    )
    .join("");
}
