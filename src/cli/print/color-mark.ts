// SPDX-License-Identifier: Apache-2.0
// Colors the mark that a line of a diagnosis begins with, by the outcome of the check. Knows no check.

import type { Finding } from "../../diagnosis/index.js";
import type { Host } from "../host/host.js";
import { type Color, paint } from "./color.js";

const COLORS: Readonly<Record<Finding["state"], Color>> = {
  ok: "good",
  cause: "bad",
  suspect: "doubtful",
  unknown: "doubtful",
  skipped: "faint",
};

/** The line of a finding, its mark colored. */
export function colorMark({ state }: Finding, line: string, host: Host): string {
  const [mark = ""] = line.split(" ", 1);
  return paint(host, "output", COLORS[state], mark) + line.slice(mark.length);
}
