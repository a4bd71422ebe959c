// SPDX-License-Identifier: Apache-2.0
// The words of the filter box: `status!=OK principal:dana method:Sign* ms>100`. Every word must match; one without a field is searched
// for everywhere.

import type { Call } from "../link/records.js";

const fields: Readonly<Record<string, (call: Call) => string | number | undefined>> = {
  id: ({ id }) => id,
  time: ({ at }) => at,
  service: ({ service }) => service,
  method: ({ method }) => method,
  principal: ({ principal }) => principal,
  via: ({ delegates }) => delegates.join(" "),
  account: ({ serviceAccount }) => serviceAccount,
  status: ({ status }) => status,
  reason: ({ reason }) => reason,
  permission: ({ permission }) => permission,
  message: ({ message }) => message,
  ms: ({ durationMs }) => durationMs,
  attempt: ({ attempt }) => attempt,
  transport: ({ transport }) => transport,
  fault: ({ faultId }) => faultId,
  observed: ({ observed }) => (observed === true ? "true" : "false"),
  agent: ({ userAgent }) => userAgent,
};

/** A parsed filter. */
export interface CallFilter {
  /** Whether a call matches. Required. */
  readonly fits: (call: Call) => boolean;
  /** What is wrong with the text; undefined: nothing. Required. */
  readonly mistake: string | undefined;
}

type Test = (call: Call) => boolean;

function matcher(pattern: string, isWhole: boolean): (text: string) => boolean {
  const wanted = pattern.toLowerCase();
  if (wanted.includes("*")) {
    const parts = wanted.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
    const expression = new RegExp(`^${parts.join(".*")}$`, "s");
    return (text) => expression.test(text.toLowerCase());
  }
  return isWhole ? (text) => text.toLowerCase() === wanted : (text) => text.toLowerCase().includes(wanted);
}

function readTerm(term: string): Test | string {
  const [, name, operator, quoted] = /^(\w+)(!=|!:|>=|<=|[:=<>])(.*)$/s.exec(term) ?? [];
  const unquote = (text: string) => text.replace(/^"(.*)"$/s, "$1");
  if (name === undefined || operator === undefined || quoted === undefined) {
    const fits = matcher(unquote(term), false);
    return (call) => Object.values(fields).some((read) => fits(String(read(call) ?? "")));
  }
  const read = fields[name.toLowerCase()];
  if (read === undefined) return `Unknown field ${name}; valid fields are ${Object.keys(fields).join(", ")}.`;
  const value = unquote(quoted);
  if (/[<>]/.test(operator)) {
    const limit = Number(value);
    if (value === "" || Number.isNaN(limit)) return `${name}${operator} needs a number.`;
    const [isLess, isEqual] = [operator.startsWith("<"), operator.endsWith("=")];
    return (call) => {
      const found = Number(read(call) ?? Number.NaN);
      return (isLess ? found < limit : found > limit) || (isEqual && found === limit);
    };
  }
  const fits = matcher(value, operator.endsWith("="));
  const isNot = operator.startsWith("!");
  return (call) => fits(String(read(call) ?? "")) !== isNot;
}

/** Parses a filter. Words with a mistake are ignored. */
export function readFilter(text: string): CallFilter {
  const terms = text.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? [];
  const read = terms.map(readTerm);
  const tests = read.filter((each) => typeof each === "function");
  return {
    fits: (call) => tests.every((test) => test(call)),
    mistake: read.find((each) => typeof each === "string"),
  };
}
