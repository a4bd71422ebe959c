// SPDX-License-Identifier: Apache-2.0
// The row of a fault that is set. Knows no table.

import { ask } from "../link/ask-emulator.js";
import type { Fault } from "../link/records.js";
import { button, make } from "../page/element.js";
import { showError, tell } from "../page/status-line.js";
import { describeFault } from "./fault-presets.js";

/** A fault that is set. */
export interface SetFault {
  readonly id: number;
  readonly fault: Fault;
  readonly remaining?: number;
}

/** The row of a fault. */
export function faultRow({ id, fault, remaining }: SetFault): HTMLTableRowElement {
  const remove = () => void ask("DELETE", `faults/${id}`).then(() => tell(`Removed fault ${id}.`), showError);
  return make(
    "tr",
    {},
    make("td", { class: "mono" }, `⚡ ${id}`),
    make("td", {}, fault.method ?? "every method"),
    make("td", {}, fault.principal ?? "everybody"),
    make("td", {}, fault.attempt === undefined ? "every attempt" : `attempt ${fault.attempt}`),
    make("td", { title: fault.status?.message }, describeFault(fault)),
    make("td", { class: "number" }, remaining === undefined ? "until removed" : `${remaining} left`),
    make("td", {}, button("Remove", remove, { "aria-label": `Remove fault ${id}` })),
  );
}
