// SPDX-License-Identifier: Apache-2.0
// Who has access to an account, through its own policy and its project's; grants and revokes access, in the words of Google's console.

import { roleTitle } from "../chain/role-titles.js";
import { accountPath, ask, get } from "../link/ask-emulator.js";
import type { Account, PolicyBinding } from "../link/records.js";
import { button, make, part } from "../page/element.js";
import { updateKeyedList } from "../page/keyed-list.js";
import { showError, tell } from "../page/status-line.js";
import { formatInstant } from "../page/texts.js";
import type { OpenTab } from "./account-tab.js";
import { wireGrantForm } from "./grant-form.js";

interface Policy {
  readonly etag: string;
  readonly bindings: readonly PolicyBinding[];
}

function remove({ id, role, member }: PolicyBinding): void {
  ask("DELETE", `grants/${id}`).then(() => tell(`Removed ${roleTitle(role)} from ${member}.`), showError);
}

function bindingRow(binding: PolicyBinding, { projectId }: Account): HTMLTableRowElement {
  const { role, member, condition, from, inEffectAt } = binding;
  const title = roleTitle(role);
  return make(
    "tr",
    {},
    make("td", {}, member),
    make("td", {}, title, title === role ? undefined : make("code", { class: "under" }, role)),
    make("td", {}, from === "project" ? make("span", {}, `Project ${projectId}`) : "—"),
    make("td", { class: "mono" }, condition === undefined ? "" : condition.expression),
    make("td", {}, inEffectAt === undefined ? "✓ now" : `◷ from ${formatInstant(inEffectAt)}`),
    make(
      "td",
      {},
      button("Remove", () => remove(binding), { "aria-label": `Remove ${title} from ${member}` }),
    ),
  );
}

/** Opens the tab. */
export const openPermissions: OpenTab = (place, email) => {
  wireGrantForm(place, email);
  return async (account) => {
    const { etag, bindings } = await get<Policy>(accountPath(email, "/policy"));
    part(place, HTMLElement, "etag").textContent = etag;
    updateKeyedList(part(place, HTMLElement, "rows"), bindings, {
      keyOf: (binding) => JSON.stringify(binding),
      create: (binding) => bindingRow(binding, account),
    });
    part(place, HTMLElement, "empty").hidden = bindings.length > 0;
  };
};
