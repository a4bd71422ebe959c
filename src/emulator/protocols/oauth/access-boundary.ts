// SPDX-License-Identifier: Apache-2.0
// Decides which credential access boundaries are well-formed. Source: the documentation of Credential Access Boundaries. Does not
// know what they confine.

import { parseJsonObject } from "../../world/keys/signed-jwt.js";
import { OAuthError } from "./oauth-error.js";

const MAX_RULES = 10;
const MAX_BYTES = 12 * 1024; // memory

function invalid(): OAuthError {
  return new OAuthError("invalid_request", "Invalid options: malformed accessBoundary.");
}

const isObject = (given: unknown): given is Readonly<Record<string, unknown>> =>
  typeof given === "object" && given !== null && !Array.isArray(given);
const hasOnly = (given: object, names: readonly string[]) => Object.keys(given).every((name) => names.includes(name));
const isText = (given: unknown): given is string => typeof given === "string" && given !== "";

function isCondition(given: unknown): boolean {
  return (
    isObject(given) && hasOnly(given, ["expression", "title", "description", "location"]) && isText(given["expression"])
  );
}

function isRule(given: unknown): boolean {
  if (!isObject(given)) return false;
  const { availableResource, availablePermissions, availabilityCondition, ...others } = given;
  return (
    Object.keys(others).length === 0 &&
    isText(availableResource) &&
    /^\/\/[a-z0-9.-]+\/\S+$/.test(availableResource) &&
    Array.isArray(availablePermissions) &&
    availablePermissions.length > 0 &&
    availablePermissions.every((each) => isText(each) && /^inRole:\S+$/.test(each)) &&
    (availabilityCondition === undefined || isCondition(availabilityCondition))
  );
}

/**
 * Reads the parameter `options`. Google's Python library escapes it once more than the form encoding does.
 *
 * @returns the boundary, as it was given
 * @throws OAuthError invalid_request when it has no well-formed one
 */
export function readAccessBoundary(options: string): Readonly<Record<string, unknown>> {
  const text = options.startsWith("%7B") ? unescapeOnce(options) : options;
  const boundary = text.length > MAX_BYTES ? undefined : parseJsonObject(text)?.["accessBoundary"];
  if (!isObject(boundary) || !hasOnly(boundary, ["accessBoundaryRules"])) throw invalid();
  const rules = boundary["accessBoundaryRules"];
  if (!Array.isArray(rules) || rules.length === 0 || rules.length > MAX_RULES || !rules.every(isRule)) throw invalid();
  return boundary;
}

function unescapeOnce(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid();
  }
}
