// SPDX-License-Identifier: Apache-2.0
// How many calls ended how, each count a button that filters by it. Counts nothing.

import { button } from "../page/element.js";
import { updateKeyedList } from "../page/keyed-list.js";

/** Shows counts, the most frequent first. */
export function showCounts(
  place: HTMLElement,
  counts: readonly (readonly [status: string, count: number])[],
  choose: (status: string) => void,
): void {
  updateKeyedList(place, counts, {
    keyOf: ([status]) => status,
    create: ([status]) => button("", () => choose(status), { class: `chip ${status === "OK" ? "granted" : "denied"}` }),
  });
  counts.forEach(([status, count], index) => {
    const chip = place.children[index];
    if (chip !== undefined) chip.textContent = `${status} ${count}`;
  });
}
