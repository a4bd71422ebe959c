// SPDX-License-Identifier: Apache-2.0
// Checks of single fields that every service needs. They throw RequestError.

import { RequestError } from "../base/errors.js";
import { checkKnownFields } from "../base/options/shared-options.js";

/** Some text, not empty. */
export function requireText(value: unknown, field: string, forms: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw new RequestError(field, `${value === undefined || value === "" ? "is missing; must be" : "must be"} ${forms}`);
}

/** Text that matches a form. */
export function requireForm(value: unknown, field: string, form: RegExp, forms: string): string {
  const text = requireText(value, field, forms);
  if (form.test(text)) return text;
  throw new RequestError(field, `must be ${forms}, not ${JSON.stringify(text)}`);
}

/** A request that no table describes: an object with no fields other than these. */
export function checkRequestFields(value: unknown, what: string, fields: readonly string[]): void {
  checkKnownFields(value, fields, { whole: what });
}

/** The number of items per page. Not 0, which means "unset" on the wire: leave it out instead. */
export function normalizePageSize(value: unknown, field: string): unknown {
  if (value === undefined || (Number.isInteger(value) && Number(value) >= 1)) return value;
  throw new RequestError(field, "must be a positive integer");
}

/** Bytes. */
export function requireBytes(value: unknown, field: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new RequestError(field, "must be bytes (a Buffer or Uint8Array); for text: Buffer.from(text)");
}

/** The error for a text that names no account. @param account the part of it that must name one. Default: all of it */
export function notAName(text: string, field: string, forms: string, account = text): RequestError {
  const hint = /^\w+:/.test(account) ? " (a name has no prefix such as serviceAccount:)" : "";
  return new RequestError(field, `must be ${forms}, not ${JSON.stringify(text)}${hint}`);
}

/** An object that may not be missing. */
export function requireObject(value: unknown, field: string): unknown {
  if (typeof value === "object" && value !== null) return value;
  throw new RequestError(field, value === undefined ? "is missing" : "must be an object");
}

/** What checks an update mask whose fields are `known`, by their names in memory. */
export function maskOf(...known: readonly string[]): (value: unknown, field: string) => unknown {
  return (value, field) => {
    if (!Array.isArray(value)) return value;
    if (value.length === 0)
      throw new RequestError(field, `names no field to write; valid names are ${known.join(", ")}`);
    for (const [index, path] of value.entries()) {
      const name = String(path).replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      if (known.includes(name)) continue;
      throw new RequestError(`${field}[${index}]`, `must be one of ${known.join(", ")}`);
    }
    return value;
  };
}

/** An id, with or without a domain: `my-project`, `example.com:my-project`; or a number if that is all that is known. */
export const PROJECT_ID = /^([a-z0-9][a-z0-9.-]*:)?[a-z0-9][a-z0-9-]*$/;

/** The name of a project, from its name or id. */
export function normalizeProjectName(value: unknown, field: string): string {
  const forms = "projects/{project}, or the project's ID";
  const id = requireText(value, field, forms).replace(/^projects\//, "");
  if (!PROJECT_ID.test(id)) throw new RequestError(field, `must be ${forms}, not ${JSON.stringify(value)}`);
  return `projects/${id}`;
}
