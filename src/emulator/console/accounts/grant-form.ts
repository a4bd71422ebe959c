// SPDX-License-Identifier: Apache-2.0
// The dialog that grants access: principals, a role, a condition, and when it takes effect.

import { roleTitle, roleTitles } from "../chain/role-titles.js";
import { ask } from "../link/ask-emulator.js";
import { live } from "../link/live.js";
import type { Grant } from "../link/records.js";
import { make, part } from "../page/element.js";
import { tell } from "../page/status-line.js";
import { formatSpan, memberOf } from "../page/texts.js";

function fillRoles(select: HTMLSelectElement): void {
  const known = live.info?.roles.map(({ name }) => name) ?? [];
  const rank = (role: string) => [...roleTitles.keys()].indexOf(role) + (roleTitles.has(role) ? 0 : 1000);
  const roles = [...known].sort((one, other) => rank(one) - rank(other));
  const options = roles.map((role) => {
    const title = roleTitle(role);
    return make("option", { value: role }, title === role ? role : `${title} (${role})`);
  });
  select.replaceChildren(make("option", { value: "" }, "Select a role"), ...options);
}

/** Sets up the button and the dialog of a tab. */
export function wireGrantForm(place: HTMLElement, email: string): void {
  const dialog = part(place, HTMLDialogElement, "dialog");
  const form = part(place, HTMLFormElement, "form");
  const mistake = part(place, HTMLElement, "mistake");
  const value = (name: string) => part(place, HTMLInputElement, name).value.trim();
  const role = part(place, HTMLSelectElement, "role");
  part(place, HTMLElement, "target").textContent = email;
  part(place, HTMLButtonElement, "cancel").onclick = () => dialog.close();
  part(place, HTMLButtonElement, "grant").onclick = () => {
    form.reset();
    mistake.textContent = "";
    fillRoles(role);
    const span = live.info?.propagationMs ?? 0;
    part(place, HTMLElement, "span").textContent = span === 0 ? "none is set" : formatSpan(span);
    dialog.showModal();
  };
  const save = async () => {
    const expression = value("condition");
    const members = value("principals")
      .split(/[\s,]+/)
      .filter((text) => text !== "");
    const when = expression === "" ? {} : { condition: { expression, title: value("title") || "condition" } };
    const propagate = part(place, HTMLInputElement, "propagate").checked;
    for (const member of members.map(memberOf)) {
      const grant: Grant = { member, role: role.value, serviceAccount: email, propagate, ...when };
      await ask("POST", "grants", grant);
    }
    dialog.close();
    tell(`Granted ${roleTitle(role.value)} to ${members.join(", ")}.`);
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    // Beside the form: the status line is behind the dialog.
    save().catch((error) => {
      mistake.textContent = error instanceof Error ? error.message : String(error);
    });
  };
}
