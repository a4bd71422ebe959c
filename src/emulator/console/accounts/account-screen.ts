// SPDX-License-Identifier: Apache-2.0
// One account, with the tabs of Google's console: details, permissions, keys. Each tab decides what it shows.

import { get } from "../link/ask-emulator.js";
import { live } from "../link/live.js";
import type { Account } from "../link/records.js";
import { cloneTemplate, make, part } from "../page/element.js";
import { currentPath, pathOf } from "../page/router.js";
import { Screen } from "../page/screen.js";
import { accountMark } from "./account-state.js";
import type { OpenTab } from "./account-tab.js";
import { openDetails } from "./details-tab.js";
import { openKeys } from "./keys-tab.js";
import { openPermissions } from "./permissions-tab.js";

const tabs: Readonly<Record<string, OpenTab>> = { details: openDetails, permissions: openPermissions, keys: openKeys };

/** One account. */
export class AccountScreen extends Screen {
  #read: (account: Account) => Promise<void> = async () => {};
  #shown = "";

  protected override open(): void {
    this.#shown = "";
    live.on(["state", "reset", "clock", "connection"], () => this.attempt(() => this.#refresh()), this.signal);
    this.pathChanged(currentPath());
  }

  /** Shows the account and the tab that the path names. */
  override pathChanged([, email = "", name = "details"]: readonly string[]): void {
    if (this.#shown === `${email}/${name}`) return;
    this.#shown = `${email}/${name}`;
    part(this, HTMLElement, "email").textContent = email;
    const links = Object.keys(tabs).map((tab) => {
      const text = tab.charAt(0).toUpperCase() + tab.slice(1);
      const href = tab === "details" ? pathOf("accounts", email) : pathOf("accounts", email, tab);
      return make("a", { href, "aria-current": tab === name && "page" }, text);
    });
    part(this, HTMLElement, "tabs").replaceChildren(...links);
    const place = part(this, HTMLElement, "tab");
    const open = tabs[name] ?? openDetails;
    place.replaceChildren(cloneTemplate(`${tabs[name] === undefined ? "details" : name}-tab`));
    this.#read = open(place, email);
    this.attempt(() => this.#refresh());
  }

  async #refresh(): Promise<void> {
    const email = currentPath()[1] ?? "";
    const { accounts } = await get<{ accounts: Account[] }>("accounts");
    const account = accounts.find((each) => each.email === email || each.uniqueId === email);
    if (this.signal.aborted) return;
    if (account === undefined) throw new Error(`There is no service account ${email}.`);
    part(this, HTMLElement, "mark").replaceChildren(accountMark(account));
    await this.#read(account);
  }
}
