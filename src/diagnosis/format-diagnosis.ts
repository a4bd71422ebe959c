// SPDX-License-Identifier: Apache-2.0
// A diagnosis as text, and as a bundle to hand on. Sends nothing.

import { drawChain } from "./chain/look-at-chain.js";
import type { Diagnosis } from "./diagnose.js";
import type { Finding, FindingState } from "./facts/finding.js";

const MARKS: Readonly<Record<FindingState, string>> = {
  ok: "ok",
  cause: "!!",
  suspect: "??",
  unknown: "??",
  skipped: "--",
};

/** One line about a finding: `!!  Is each hop granted?  1 of 2 hops lack a grant in effect`. */
export function formatFinding({ state, question, text }: Finding): string {
  return `${MARKS[state]}  ${question}  ${text}\n`;
}

/** The end of a diagnosis: the chain, and the causes with their commands and who must run them. */
export function formatConclusion({ state, causes, chain }: Diagnosis): string {
  const lines = chain === undefined ? [] : ["", drawChain(chain.hops)];
  for (const { state: certainty, cause, text, commands } of causes) {
    lines.push("", `${certainty === "cause" ? "cause" : "perhaps"} (${cause}): ${text}`);
    for (const { command, runBy } of commands) lines.push(`  run: ${command}`, `       by ${runBy}`);
  }
  if (causes.length === 0) lines.push("", state === "ok" ? "nothing is wrong" : "no cause was found");
  return `${lines.join("\n").trimStart()}\n`;
}

/** A diagnosis as text: a line per row, at the end the causes with their commands. */
export function formatDiagnosis(diagnosis: Diagnosis): string {
  return `${diagnosis.findings.map(formatFinding).join("")}\n${formatConclusion(diagnosis)}`;
}

/** How to write a bundle. */
export interface BundleOptions {
  /** Whether e-mail addresses are in it. Default: false; each appears as `account-1@example.invalid` and so on. */
  readonly emails?: boolean | undefined;
}

const EMAIL = /[\w.%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+/g;

/** The findings as JSON, to pass on to whoever helps: no token, no key, and, unless asked for, nobody's address. */
export function bundleDiagnosis({ state, findings, caller }: Diagnosis, options: BundleOptions = {}): string {
  const text = `${JSON.stringify({ version: 1, state, caller, findings }, undefined, 2)}\n`;
  if (options.emails === true) return text;
  const names = new Map<string, string>();
  return text.replace(EMAIL, (email) => {
    const name = names.get(email.toLowerCase()) ?? `account-${names.size + 1}@example.invalid`;
    names.set(email.toLowerCase(), name);
    return name;
  });
}
