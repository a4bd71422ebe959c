// SPDX-License-Identifier: Apache-2.0
// The row of a call. Knows no table.

import type { Call } from "../link/records.js";
import { make } from "../page/element.js";
import { pathOf } from "../page/router.js";
import { formatTime, shortName } from "../page/texts.js";
import { statusMark } from "./status-mark.js";

function name(text: string | undefined, style = ""): HTMLTableCellElement {
  return make("td", { title: text, class: style }, text === undefined ? "" : shortName(text));
}

/** The row of a call; a click anywhere on it is one on its link. */
export function callRow(call: Call, isOpen: boolean): HTMLTableRowElement {
  const { id, at, method, principal, delegates, serviceAccount, reason, attempt, transport, faultId } = call;
  const link = make("a", { href: pathOf("calls", String(id)), title: method }, method);
  const row = make(
    "tr",
    {
      "data-id": id,
      "aria-rowindex": id,
      "aria-current": isOpen && "true",
      class: call.status === "OK" ? "" : "failed",
    },
    make("td", { class: "mono quiet" }, formatTime(at)),
    make("td", { class: "method" }, link),
    name(principal),
    name(delegates.length === 0 ? undefined : delegates.map(shortName).join(" → "), "more"),
    name(serviceAccount, "elsewhere"),
    make("td", { title: call.message }, statusMark(call)),
    name(reason, "more"),
    make(
      "td",
      { class: "number elsewhere" },
      call.durationMs < 10 ? call.durationMs.toFixed(1) : Math.round(call.durationMs),
    ),
    make("td", { class: "number more" }, attempt === undefined ? "" : attempt),
    make("td", { class: "more" }, transport),
    make("td", { class: "more" }, faultId === undefined ? "" : `⚡ ${faultId}`),
  );
  row.addEventListener("click", ({ target }) => {
    if (target instanceof Element && target.closest("a") === null && getSelection()?.isCollapsed !== false)
      link.click();
  });
  return row;
}
