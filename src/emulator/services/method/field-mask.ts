// SPDX-License-Identifier: Apache-2.0
// Decides which fields of a message an update writes. Knows no message.

import { invalidArgument } from "../../world/refusals/service-error.js";

/**
 * Reads an update mask.
 *
 * @param mask the paths; undefined or empty: every field that is not empty (AIP-134)
 * @param fields the fields that can be written, by their names in the proto
 * @returns the fields to write
 * @throws ServiceError INVALID_ARGUMENT when a path is none of them
 */
export function readMask<Field extends string>(
  mask: readonly string[] | undefined,
  fields: Readonly<Record<Field, boolean>>,
): ReadonlySet<Field> {
  const known = Object.keys(fields) as Field[]; // a record has no other keys
  if (mask === undefined || mask.length === 0) return new Set(known.filter((field) => fields[field]));
  const wanted = new Set<Field>();
  for (const path of mask) {
    const field = known.find((candidate) => candidate === path);
    if (field === undefined) throw invalidArgument();
    wanted.add(field);
  }
  return wanted;
}
