// SPDX-License-Identifier: Apache-2.0
// The detail of a call: its chain with what is missing, the error as it was sent, the attempts, the facts and headers that the log
// keeps.

import { drawChain } from "../chain/chain-graph.js";
import { live } from "../link/live.js";
import type { Call } from "../link/records.js";
import { make } from "../page/element.js";
import { pathOf } from "../page/router.js";
import { formatTime } from "../page/texts.js";
import { drawAttempts } from "./attempts-table.js";
import { callActions, missingPanel } from "./call-actions.js";
import { findAttempts } from "./call-attempts.js";
import { statusMark } from "./status-mark.js";

type Fact = readonly [name: string, value: string | number | undefined | Node];

function facts(list: readonly Fact[]): HTMLElement {
  const rows = list.flatMap(([name, value]) =>
    value === undefined ? [] : [make("div", {}, make("dt", {}, name), make("dd", {}, value))],
  );
  return make("dl", { class: "facts" }, ...rows);
}

function section(title: string, ...children: readonly (Node | undefined)[]): HTMLElement {
  return make("section", {}, make("h3", {}, title), ...children);
}

function errorOf({ status, reason, message, permission }: Call): HTMLElement | undefined {
  if (status === "OK") return undefined;
  const lines = [
    message ?? "The text is not kept: it may repeat the request.",
    ...(reason === undefined ? [] : [`reason: ${reason}`]),
    ...(permission === undefined ? [] : [`permission: ${permission}`]),
  ];
  return section("Error as sent", make("pre", {}, `${status}: ${lines.join("\n")}`));
}

function factsOf(call: Call): HTMLElement {
  const { faultId, metadata = {} } = call;
  const fault = faultId === undefined ? undefined : make("a", { href: pathOf("faults") }, `⚡ fault ${faultId}`);
  const list: readonly Fact[] = [
    ["Call", call.id],
    ["Arrived", `${call.at.slice(0, 10)} ${formatTime(call.at)}`],
    ["Took", `${call.durationMs.toFixed(1)} ms`],
    ["Service", call.service],
    ["Transport", call.transport],
    ["HTTP status", call.httpStatus],
    ["Principal", call.principal ?? "unknown"],
    ["Delegates", call.delegates.length === 0 ? undefined : call.delegates.join(" → ")],
    ["Service account", call.serviceAccount],
    ["Attempt", call.attempt],
    ["Fault applied", fault],
    ["Deadline", call.timeoutMs === undefined ? undefined : `${call.timeoutMs} ms`],
    ["Quota project", call.quotaProject],
    ["User agent", call.userAgent],
  ];
  const headers = Object.entries(metadata).map(([name, value]) => [name, value] as const);
  return make(
    "div",
    {},
    section("Facts", facts(list)),
    headers.length > 0 ? section("Headers kept", facts(headers)) : undefined,
  );
}

/** The place where the detail of a call is shown. */
export class CallDetail {
  readonly #place: HTMLElement;
  readonly #signal: AbortSignal;
  #shown: Call | undefined;

  /** @param signal aborted when the place is left */
  constructor(place: HTMLElement, signal: AbortSignal) {
    this.#place = place;
    this.#signal = signal;
    // Another attempt may arrive while one is shown.
    live.store.listen((added) => {
      const call = this.#shown;
      if (call !== undefined && added.some(({ method }) => method === call.method)) this.#showAttempts(call);
    }, signal);
  }

  /** Shows a call; undefined: says that no call has that number, or shows nothing when no number is given. */
  show(call: Call | undefined, id: string | undefined): void {
    if (call !== undefined && call === this.#shown) return;
    this.#shown = call;
    this.#place.hidden = id === undefined;
    if (id === undefined) this.#place.replaceChildren();
    else if (call === undefined)
      this.#place.replaceChildren(make("p", { class: "quiet" }, `Call ${id} is not in the log.`));
    else this.#fill(call);
  }

  #fill(call: Call): void {
    const hops = call.decision ?? [];
    const close = make("a", { href: pathOf("calls"), class: "close", "aria-label": "Close the details (Escape)" }, "✕");
    const error = errorOf(call);
    this.#place.replaceChildren(
      make("header", {}, make("h2", { tabindex: -1 }, call.method), statusMark(call), close),
      callActions(call),
      missingPanel(call, this.#signal),
      section("Chain", make("div", { class: "chain-place" }, drawChain(hops))),
      ...(error === undefined ? [] : [error]),
      make("section", { "data-part": "attempts" }),
      factsOf(call),
    );
    this.#place.scrollTop = 0;
    this.#showAttempts(call);
  }

  #showAttempts(call: Call): void {
    const attempts = findAttempts(live.store.calls, call);
    const place = this.#place.querySelector("[data-part=attempts]");
    if (place === null) return;
    const isOne = attempts.length < 2 && (call.attempt ?? 1) === 1 && call.faultId === undefined;
    place.replaceChildren(...(isOne ? [] : [make("h3", {}, "Attempts of this call"), drawAttempts(attempts, call)]));
  }
}
