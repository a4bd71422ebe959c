// SPDX-License-Identifier: Apache-2.0
// How the status of a call is marked: a symbol, the word, and a color that repeats them. Knows no screen.

import type { Call } from "../link/records.js";
import { make } from "../page/element.js";

/** The mark of a call's status. */
export function statusMark({ status, observed }: Pick<Call, "status" | "observed">): HTMLElement {
  if (observed === true) {
    return make(
      "span",
      { class: "mark warned", title: "denied, but let through: enforcement is observe" },
      `▲ ${status}`,
    );
  }
  return status === "OK"
    ? make("span", { class: "mark granted" }, "✓ OK")
    : make("span", { class: "mark denied" }, `✕ ${status}`);
}
