// SPDX-License-Identifier: Apache-2.0
// Splits a query into the parameters that every Google API has and those of the method. Knows no methods.

import type { EnumForm } from "../../world/proto-json/json-writer.js";
import { ServiceError } from "../../world/refusals/service-error.js";
import type { ErrorFormat } from "./error-body.js";

/** What the system's parameters say. */
export interface SystemParameters {
  /** The format of errors. Default at Google: 2 (inferred). */
  readonly errorFormat: ErrorFormat;
  /** Whether the answer has line ends and indents. Default at Google: true. */
  readonly isPretty: boolean;
  /** How enums are written; `alt=json;enum-encoding=int` wants numbers. */
  readonly enums: EnumForm;
  /** The form of the answer: `json`, `proto`, or one that is not given. */
  readonly alt: string;
  /** Which part of the answer is wanted; undefined for all of it. */
  readonly fields: string | undefined;
  /** A bearer in the query, where no header can be set. */
  readonly accessToken: string | undefined;
  /** All other parameters, in order. */
  readonly rest: readonly (readonly [string, string])[];
}

// Each can be written with a dollar sign, too; $.xgafv is written in no other way. Source: the discovery documents, and
// google/api/client.proto for the reserved names.
const known = new Set([
  "alt",
  "access_token",
  "callback",
  "fields",
  "key",
  "oauth_token",
  "prettyPrint",
  "quotaUser",
  "uploadType",
  "upload_protocol",
  "userProject",
  ".xgafv",
]);

/** Reads a query. */
export function readSystemParameters(query: URLSearchParams): SystemParameters {
  const system = new Map<string, string>();
  const rest: (readonly [string, string])[] = [];
  for (const [name, value] of query) {
    const bare = name.startsWith("$") ? name.slice(1) : name;
    if (known.has(bare) && (bare !== ".xgafv" || name === "$.xgafv")) system.set(bare, value);
    else rest.push([name, value]);
  }
  const [alt = "json", ...altOptions] = (system.get("alt") ?? "json").split(";");
  return {
    errorFormat: system.get(".xgafv") === "1" ? "1" : "2",
    isPretty: !["false", "0"].includes(system.get("prettyPrint") ?? "true"),
    enums: altOptions.includes("enum-encoding=int") ? "numbers" : "names",
    alt,
    fields: system.get("fields"),
    accessToken: system.get("access_token") ?? system.get("oauth_token"),
    rest,
  };
}

/**
 * Checks that the answer is wanted in a form that there is.
 *
 * @param hasMessage whether the answer is a message of protobuf, too
 * @throws ServiceError INVALID_ARGUMENT when it is wanted in another form, or in a part of protobuf
 */
export function checkKnownForm({ alt, fields }: SystemParameters, hasMessage: boolean): void {
  if (alt === "json") return;
  if (alt !== "proto" || !hasMessage) {
    throw new ServiceError("INVALID_ARGUMENT", `The emulator has no answer in the form ${JSON.stringify(alt)}.`);
  }
  if (fields === undefined) return;
  throw new ServiceError("INVALID_ARGUMENT", "The emulator cuts answers to `fields` in JSON only.");
}
