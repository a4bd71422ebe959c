// SPDX-License-Identifier: Apache-2.0
// The list of service accounts: what state they are in, how many keys they have and who has roles on them; and a form for a new one.

import { ask, get } from "../link/ask-emulator.js";
import { live } from "../link/live.js";
import type { Account } from "../link/records.js";
import { make, part } from "../page/element.js";
import { updateKeyedList } from "../page/keyed-list.js";
import { navigate, pathOf } from "../page/router.js";
import { Screen } from "../page/screen.js";
import { tell } from "../page/status-line.js";
import { accountButtons, accountMark } from "./account-state.js";

const MAX_KEYS = 10;

interface State {
  readonly grants?: readonly { readonly serviceAccount?: string; readonly member: string }[];
}

function accountRow(account: Account, members: number): HTMLTableRowElement {
  const { email, displayName, keys, deleted } = account;
  return make(
    "tr",
    { class: deleted ? "failed" : "" },
    make("td", {}, make("a", { href: pathOf("accounts", email) }, email)),
    make("td", {}, displayName),
    make("td", {}, accountMark(account)),
    make(
      "td",
      { class: "number" },
      make("a", { href: pathOf("accounts", email, "keys") }, `${keys.user} of ${MAX_KEYS}`),
    ),
    make("td", { class: "number" }, make("a", { href: pathOf("accounts", email, "permissions") }, members)),
    make("td", {}, accountButtons(account)),
  );
}

/** The list of service accounts. */
export class AccountsScreen extends Screen {
  protected override open(): void {
    const dialog = part(this, HTMLDialogElement, "dialog");
    part(this, HTMLButtonElement, "create").onclick = () => dialog.showModal();
    part(this, HTMLButtonElement, "cancel").onclick = () => dialog.close();
    part(this, HTMLFormElement, "form").onsubmit = (event) => {
      event.preventDefault();
      this.attempt(() => this.#create(dialog));
    };
    part(this, HTMLSelectElement, "project").onchange = () => this.attempt(() => this.#read());
    live.on(["state", "reset"], () => this.attempt(() => this.#read()), this.signal);
    this.attempt(() => this.#read());
  }

  async #create(dialog: HTMLDialogElement): Promise<void> {
    const value = (name: string) => part(this, HTMLInputElement, name).value.trim();
    const email = `${value("id")}@${value("id-project")}.iam.gserviceaccount.com`;
    await ask("POST", "accounts", { email, displayName: value("name"), description: value("description") });
    dialog.close();
    tell(`Created ${email}.`);
    navigate(pathOf("accounts", email));
  }

  async #read(): Promise<void> {
    const [{ accounts }, { grants = [] }] = await Promise.all([
      get<{ accounts: Account[] }>("accounts"),
      get<State>("state"),
    ]);
    if (this.signal.aborted) return;
    const picker = part(this, HTMLSelectElement, "project");
    const projects = [...new Set(accounts.map(({ projectId }) => projectId))].sort();
    updateKeyedList(picker, ["", ...projects], {
      keyOf: (project) => project,
      create: (project) => make("option", { value: project }, project === "" ? "All projects" : project),
    });
    const input = part(this, HTMLInputElement, "id-project");
    if (input.value === "") input.value = picker.value || (projects[0] ?? "");
    const shown = accounts.filter(({ projectId }) => picker.value === "" || projectId === picker.value);
    const membersOf = (email: string) =>
      new Set(grants.flatMap(({ serviceAccount, member }) => (serviceAccount === email ? [member] : []))).size;
    updateKeyedList(part(this, HTMLElement, "rows"), shown, {
      keyOf: (account) => JSON.stringify([account, membersOf(account.email)]),
      create: (account) => accountRow(account, membersOf(account.email)),
    });
    part(this, HTMLElement, "empty").hidden = shown.length > 0;
  }
}
