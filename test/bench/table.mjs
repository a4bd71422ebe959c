// SPDX-License-Identifier: Apache-2.0
// A table in Markdown that is also readable as it stands.

/** @throws Error when a cell is not a figure: a table with a hole must fail the run */
export function table(columns, rows) {
  const cells = [columns, ...rows.map((row) => row.map(String))];
  const hole = cells.find((row) => row.some((cell) => /NaN|undefined|Infinity/.test(cell)));
  if (hole !== undefined) throw new Error(`a figure is missing: ${hole.join(" | ")}`);
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => row[index].length)));
  const [head, ...body] = cells.map((row) => `| ${row.map((cell, index) => cell.padEnd(widths[index])).join(" | ")} |`);
  return [head, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...body].join("\n");
}
