// SPDX-License-Identifier: Apache-2.0
// Colors for a terminal, and none where there is no terminal or NO_COLOR is set (no-color.org). Decides no text.

import type { Host } from "../host/host.js";

/** What can be shown. */
export type Color = "good" | "bad" | "doubtful" | "faint" | "strong";

/** By ECMA-48, 8.3.117. */
const CODES: Readonly<Record<Color, number>> = { good: 32, bad: 31, doubtful: 33, faint: 2, strong: 1 };

/** Colors a text for one of the streams. */
export function paint(host: Host, stream: "output" | "errors", color: Color, text: string): string {
  const isPlain = !host.isTerminal[stream] || Boolean(host.variables["NO_COLOR"]) || host.variables["TERM"] === "dumb";
  return isPlain ? text : `\x1b[${CODES[color]}m${text}\x1b[0m`;
}
