// SPDX-License-Identifier: Apache-2.0
// The state of an account, and the buttons that change it. Knows no screen.

import { accountPath, ask } from "../link/ask-emulator.js";
import type { Account } from "../link/records.js";
import { button, make } from "../page/element.js";
import { showError, tell } from "../page/status-line.js";

/** The state of an account: a symbol and a word. */
export function accountMark({ disabled, deleted }: Account): HTMLElement {
  if (deleted) return make("span", { class: "mark denied" }, "✕ Deleted");
  return disabled
    ? make("span", { class: "mark warned" }, "⊘ Disabled")
    : make("span", { class: "mark granted" }, "✓ Enabled");
}

/** The buttons that change it. */
export function accountButtons({ email, uniqueId, disabled, deleted }: Account): HTMLElement {
  const act = (text: string, done: string, run: () => Promise<unknown>) =>
    button(text, () => void run().then(() => tell(`${done} ${email}.`), showError), {
      "aria-label": `${text} ${email}`,
    });
  const change = (body: object) => ask("PATCH", accountPath(deleted ? uniqueId : email), body);
  if (deleted) {
    return make(
      "div",
      { class: "bar-of-buttons" },
      act("Undelete", "Undeleted", () => change({ deleted: false })),
    );
  }
  return make(
    "div",
    { class: "bar-of-buttons" },
    disabled
      ? act("Enable", "Enabled", () => change({ disabled: false }))
      : act("Disable", "Disabled", () => change({ disabled: true })),
    act("Delete", "Deleted", () => ask("DELETE", accountPath(email))),
  );
}
