// SPDX-License-Identifier: Apache-2.0
// The table of known differences: how it is read, and which of its rows explains a difference. It knows no case.

import type { Verdict } from "./case.js";

/** One row. A cell may hold `*` for any text. */
export interface KnownDifference {
  readonly cases: string;
  readonly where: string;
  readonly original: string;
  readonly ours: string;
  readonly reason: string;
}

/** A difference that no row explains, in words. */
export type Unexplained = string;

const COLUMNS = 5;

/** Reads the rows of a table in Markdown; a bar within a cell is written `\|`. @throws Error on a row of another form */
export function parseTable(markdown: string): KnownDifference[] {
  const lines = markdown.split("\n").filter((line) => line.startsWith("| ") && !/^\| (cases|-)/.test(line));
  return lines.map((line) => {
    const cells = line.slice(1, line.lastIndexOf("|")).split(/(?<!\\)\|/);
    const [cases = "", where = "", original = "", ours = "", reason = ""] = cells.map(textOf);
    if (cells.length !== COLUMNS || reason === "") throw new Error(`a row of ${COLUMNS} cells with a reason: ${line}`);
    return { cases, where, original, ours, reason };
  });
}

function textOf(cell: string): string {
  return cell
    .trim()
    .replace(/^`+ ?| ?`+$/g, "")
    .replaceAll("\\|", "|");
}

/** Whether a text is of a pattern. */
export function isOf(pattern: string, text: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(text);
}

/** What a table and a run say of each other. */
export interface Comparison {
  readonly unexplained: readonly Unexplained[];
  /** Rows that explained nothing. */
  readonly unseen: readonly KnownDifference[];
}

/** Holds a run against the table. */
export function compare(verdicts: readonly Verdict[], table: readonly KnownDifference[]): Comparison {
  const seen = new Set<KnownDifference>();
  const unexplained = verdicts.flatMap(({ title, differences }) =>
    differences.flatMap(({ where, original, ours }) => {
      const row = table.find(
        (each) =>
          isOf(each.cases, title) && isOf(each.where, where) && isOf(each.original, original) && isOf(each.ours, ours),
      );
      if (row !== undefined) seen.add(row);
      return row === undefined ? [`${title}: ${where}: ${cut(original)} is ${cut(ours)}`] : [];
    }),
  );
  return { unexplained, unseen: table.filter((row) => !seen.has(row)) };
}

const LONGEST = 300;
const cut = (text: string) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
