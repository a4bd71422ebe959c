// SPDX-License-Identifier: Apache-2.0
// Refuses what an object has besides the fields that are known: a misspelt one must not be passed over in silence. Knows no field.

import { RequestError } from "./errors.js";

/**
 * Checks that an object has no field but these.
 *
 * @param whole what to call the object itself in errors
 * @throws RequestError naming the field that is unknown, or the whole when it is no object
 */
export function requireKnownFields(given: object, known: readonly string[], whole: string): void {
  const all = known.join(", ");
  if (typeof given !== "object" || given === null) throw new RequestError(whole, `must be an object with ${all}`);
  const unknown = Object.keys(given).find((field) => !known.includes(field));
  if (unknown !== undefined) throw new RequestError(unknown, `no such field; there are ${all}`);
}
