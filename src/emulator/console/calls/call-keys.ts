// SPDX-License-Identifier: Apache-2.0
// Which keys move through the table of calls. Moves nothing.

const steps = new Map<string, 1 | -1 | "close">([
  ["ArrowDown", 1],
  ["j", 1],
  ["ArrowUp", -1],
  ["k", -1],
  ["Escape", "close"],
]);

/** Where a key leads: to the next call, to the one before, or out of the detail; undefined: nowhere. */
export function stepOf({ key, target, ctrlKey, metaKey, altKey }: KeyboardEvent): 1 | -1 | "close" | undefined {
  if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) return undefined;
  return ctrlKey || metaKey || altKey ? undefined : steps.get(key);
}
