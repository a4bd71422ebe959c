// SPDX-License-Identifier: Apache-2.0
// The keys of an account: user-managed ones, created, disabled and deleted here, and system-managed ones, with their rotation times.

import { accountPath, ask, get } from "../link/ask-emulator.js";
import { live } from "../link/live.js";
import type { Key } from "../link/records.js";
import { saveAs } from "../page/clipboard.js";
import { button, make, part } from "../page/element.js";
import { updateKeyedList } from "../page/keyed-list.js";
import { showError, tell } from "../page/status-line.js";
import { formatInstant } from "../page/texts.js";
import type { OpenTab } from "./account-tab.js";

const FOREVER = 4_000_000_000_000; // user keys end in the year 9999

function markOf({ disabled, validBefore }: Key): HTMLElement {
  if (Date.parse(validBefore) < live.now) return make("span", { class: "mark denied" }, "✕ Expired");
  return disabled
    ? make("span", { class: "mark warned" }, "⊘ Disabled")
    : make("span", { class: "mark granted" }, "✓ Active");
}

function keyRow(key: Key, email: string): HTMLTableRowElement {
  const { id, type, validAfter, validBefore, disabled } = key;
  const path = accountPath(email, `/keys/${encodeURIComponent(id)}`);
  const act = (text: string, done: string, run: () => Promise<unknown>) =>
    button(text, () => void run().then(() => tell(`${done} key ${id.slice(0, 8)}.`), showError), {
      "aria-label": `${text} key ${id}`,
    });
  const buttons = [
    disabled
      ? act("Enable", "Enabled", () => ask("PATCH", path, { disabled: false }))
      : act("Disable", "Disabled", () => ask("PATCH", path, { disabled: true })),
    act("Delete", "Deleted", () => ask("DELETE", path)),
  ];
  const isOurs = type === "USER_MANAGED";
  return make(
    "tr",
    {},
    make("td", {}, isOurs ? "User" : "System"),
    make("td", {}, markOf(key)),
    make("td", { class: "mono" }, id),
    make("td", { class: "mono" }, formatInstant(validAfter)),
    make("td", { class: "mono" }, Date.parse(validBefore) > FOREVER ? "never" : formatInstant(validBefore)),
    make("td", {}, isOurs ? make("div", { class: "bar-of-buttons" }, ...buttons) : "rotated automatically"),
  );
}

/** Opens the tab. */
export const openKeys: OpenTab = (place, email) => {
  part(place, HTMLButtonElement, "create").onclick = () => {
    tell("Creating a key.");
    ask<{ key: Key; credentialsFile: object }>("POST", accountPath(email, "/keys"), {}).then(
      ({ key, credentialsFile }) => {
        saveAs(`${email.split("@")[0]}-${key.id.slice(0, 12)}.json`, JSON.stringify(credentialsFile, undefined, 2));
        tell(`Created key ${key.id.slice(0, 8)} and downloaded its file: the emulator keeps no private key.`);
      },
      showError,
    );
  };
  return async () => {
    const { keys } = await get<{ keys: Key[] }>(accountPath(email, "/keys"));
    updateKeyedList(part(place, HTMLElement, "rows"), keys, {
      keyOf: (key) => JSON.stringify(key),
      create: (key) => keyRow(key, email),
    });
    const next = live.info?.nextRotationAt;
    part(place, HTMLElement, "rotation").textContent =
      next === undefined
        ? "A system-managed key is created when it is first needed, and signs for 13 days."
        : `The next system-managed key of the emulator takes over at ${formatInstant(next)}.`;
  };
};
