// SPDX-License-Identifier: Apache-2.0
// Reads the condition of a binding as gcloud writes it. Does not understand the expression.

import type { BindingCondition } from "../../../iam-admin/index.js";
import { parseGivenJson, readGivenFile } from "../../host/given-file.js";
import { UsageError } from "../../host/output.js";

const KEYS = ["expression", "title", "description"] as const;

function requireCondition(parts: Readonly<Record<string, unknown>>, flag: string): BindingCondition {
  const { expression, title, description } = parts;
  if (typeof expression !== "string" || typeof title !== "string")
    throw new UsageError(`--${flag} must have expression and title`);
  return { expression, title, ...(typeof description === "string" ? { description } : {}) };
}

/**
 * Reads `expression=…,title=…,description=…`; commas within an expression belong to it.
 *
 * @returns undefined for `None`, and when there is none
 * @throws UsageError when a part is missing
 */
export function parseCondition(text: string | undefined): BindingCondition | undefined {
  if (text === undefined || text === "None") return undefined;
  const parts = text.split(new RegExp(`,(?=(?:${KEYS.join("|")})=)`)).map((part) => {
    const end = part.indexOf("=");
    return [part.slice(0, end), part.slice(end + 1)] as const;
  });
  return requireCondition(Object.fromEntries(parts), "condition");
}

const FILE_FLAG = "--condition-from-file";

/** Reads a condition from a JSON file. @throws UsageError when it is malformed */
export function readConditionFile(path: string): BindingCondition {
  const document = parseGivenJson(readGivenFile(path, FILE_FLAG), FILE_FLAG, path);
  return requireCondition(Object(document), "condition-from-file");
}
