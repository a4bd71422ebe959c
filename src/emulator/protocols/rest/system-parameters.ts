// SPDX-License-Identifier: Apache-2.0
// Splits a query into the system parameters of every Google API and those of the method. Knows no methods.

import type { EnumForm } from "../../world/proto-json/json-writer.js";
import { ServiceError } from "../../world/refusals/service-error.js";
import type { ErrorFormat } from "./error-body.js";

/** The values of the system parameters. */
export interface SystemParameters {
  /** The format of errors. Default at Google: 2 (inferred). */
  readonly errorFormat: ErrorFormat;
  /** Whether the answer has line ends and indents. Default at Google: true. */
  readonly isPretty: boolean;
  /** How enums are written; `alt=json;enum-encoding=int` wants numbers. */
  readonly enums: EnumForm;
  /** The form of the answer: `json`, `proto`, or one that is not supported. */
  readonly alt: string;
  /** Which part of the answer is wanted; undefined for all of it. */
  readonly fields: string | undefined;
  /** A bearer token in the query, for clients that can't set a header. */
  readonly accessToken: string | undefined;
  /** All other parameters, in order. */
  readonly rest: readonly (readonly [string, string])[];
}

// Each can also be written with a dollar sign; $.xgafv only with one. Source: the discovery documents, and
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
 * Checks that the answer is requested in a supported form.
 *
 * @param hasMessage whether the answer is also available in protobuf
 * @throws ServiceError INVALID_ARGUMENT when it is requested in another form, or as part of a protobuf message
 */
export function checkKnownForm({ alt, fields }: SystemParameters, hasMessage: boolean): void {
  if (alt === "json") return;
  if (alt !== "proto" || !hasMessage) {
    throw new ServiceError(
      "INVALID_ARGUMENT",
      `The emulator does not support responses in the form ${JSON.stringify(alt)}.`,
    );
  }
  if (fields === undefined) return;
  throw new ServiceError("INVALID_ARGUMENT", "The emulator supports `fields` for JSON responses only.");
}
