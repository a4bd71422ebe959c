// SPDX-License-Identifier: Apache-2.0
// The details of an account, a form to change them, and credentials files of every kind to download.

import { accountPath, ask, askText } from "../link/ask-emulator.js";
import { saveAs } from "../page/clipboard.js";
import { make, part } from "../page/element.js";
import { showError, tell } from "../page/status-line.js";
import { memberOf } from "../page/texts.js";
import { accountButtons } from "./account-state.js";
import type { OpenTab } from "./account-tab.js";

function optionsOf(kind: string, email: string, who: string): object {
  const source = memberOf(who);
  switch (kind) {
    case "service_account":
      return { serviceAccount: email };
    case "impersonated_service_account":
      return { serviceAccount: email, source };
    case "external_account":
      return { subject: who, serviceAccount: email };
    default:
      return { user: who.replace(/^user:/, "") };
  }
}

const NEEDS: Readonly<Record<string, string>> = {
  impersonated_service_account: "developer@example.com",
  authorized_user: "developer@example.com",
  external_account_authorized_user: "developer@example.com",
  external_account: "workload",
};

/** Opens the tab. */
export const openDetails: OpenTab = (place, email) => {
  const name = part(place, HTMLInputElement, "name");
  const kind = part(place, HTMLSelectElement, "kind");
  const who = part(place, HTMLInputElement, "who");
  part(place, HTMLFormElement, "form").onsubmit = (event) => {
    event.preventDefault();
    ask("PATCH", accountPath(email), { displayName: name.value }).then(() => tell(`Renamed ${email}.`), showError);
  };
  kind.onchange = () => {
    const example = NEEDS[kind.value];
    who.disabled = example === undefined;
    who.value = example ?? "";
  };
  part(place, HTMLFormElement, "download").onsubmit = (event) => {
    event.preventDefault();
    const body = { kind: kind.value, options: optionsOf(kind.value, email, who.value.trim()) };
    askText("POST", "credentials", body).then((text) => {
      saveAs(`${kind.value}.${email}.json`, text);
      tell(`Downloaded credentials of kind ${kind.value}.`);
    }, showError);
  };
  return async (account) => {
    name.value = account.displayName;
    const facts: readonly (readonly [string, string])[] = [
      ["Email", account.email],
      ["Unique ID", account.uniqueId],
      ["Project", account.projectId],
      ["Description", account.description],
      ["Keys", `${account.keys.user} user-managed, ${account.keys.system} system-managed`],
    ];
    const rows = facts.map(([term, value]) => make("div", {}, make("dt", {}, term), make("dd", {}, value)));
    part(place, HTMLElement, "facts").replaceChildren(...rows);
    part(place, HTMLElement, "buttons").replaceChildren(accountButtons(account));
  };
};
