// SPDX-License-Identifier: Apache-2.0
// What axe-core finds in a page, judged in the browser that shows it. Knows no page.

import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";

const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds, a line each. It is evaluated, not added as a script: the console's policy would not have that. */
export async function findings(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  const run = "axe.run(document, { resultTypes: ['violations'] })";
  const found = `${run}.then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ": " + html)))`;
  return (await page.evaluate(found)) as readonly string[]; // what the script resolves with
}
