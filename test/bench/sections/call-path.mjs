// SPDX-License-Identifier: Apache-2.0
// The path of a call through the client and the codecs, without transport and network: CPU and garbage per call.

import { runClient } from "../processes.mjs";
import { median } from "../statistics.mjs";
import { table } from "../table.mjs";

const FLAGS = ["--expose-gc", "--min-semi-space-size=64", "--max-semi-space-size=64"];

/** One record. */
export async function measure({ callPath }) {
  const { microseconds, bytes } = await runClient("call-path", { client: "ours", ...callPath }, FLAGS);
  return [{ client: "ours", microseconds: median(microseconds), bytes: median(bytes) }];
}

/** The tables of the section, by heading. */
export function report([{ microseconds, bytes }]) {
  const row = ["ours", microseconds.toFixed(2), bytes.toFixed(0)];
  return [["A call without a network", table(["client", "CPU µs", "bytes of garbage"], [row])]];
}

/** The figures that have a goal. */
export function goals([{ microseconds, bytes }]) {
  return [
    ["a call without a network, codecs included: CPU µs", "<= 4", microseconds],
    ["its garbage, KB", "<= 4.5", bytes / 1000],
  ];
}
