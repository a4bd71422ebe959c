// SPDX-License-Identifier: Apache-2.0
// Draws the attempts at one call, one below the other, with the faults that struck. Does not know which calls they are.

import type { Call } from "../link/records.js";
import { make } from "../page/element.js";
import { pathOf } from "../page/router.js";
import { formatTime } from "../page/texts.js";
import { statusMark } from "./status-mark.js";

/** Draws attempts on a time scale, by start and duration. */
export function drawAttempts(attempts: readonly Call[], chosen: Call): HTMLElement {
  const begin = Date.parse(attempts[0]?.at ?? chosen.at);
  const end = Math.max(...attempts.map(({ at, durationMs }) => Date.parse(at) + durationMs));
  const share = (ms: number) => `${Math.min(100, Math.max(0, (100 * ms) / Math.max(1, end - begin)))}%`;
  const rows = attempts.map((call) => {
    const bar = make("span", { class: `bar ${call.status === "OK" ? "granted" : "denied"}` });
    bar.style.marginInlineStart = `min(${share(Date.parse(call.at) - begin)}, 100% - 3px)`;
    bar.style.width = `max(3px, ${share(call.durationMs)})`;
    return make(
      "tr",
      { "aria-current": call.id === chosen.id && "true" },
      make("td", {}, make("a", { href: pathOf("calls", String(call.id)) }, `Attempt ${call.attempt ?? 1}`)),
      make("td", { class: "mono" }, formatTime(call.at)),
      make("td", {}, statusMark(call)),
      make("td", {}, call.faultId === undefined ? "" : `⚡ fault ${call.faultId}`),
      make("td", { class: "lane" }, bar),
      make("td", { class: "number" }, `${call.durationMs.toFixed(0)} ms`),
    );
  });
  const heads = ["Attempt", "Time", "Status", "Fault", "When", "Took"].map((text) =>
    make("th", { scope: "col" }, text),
  );
  return make("table", {}, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows));
}
