// SPDX-License-Identifier: Apache-2.0
// The screen of calls: the table as they come, filtered, counted, paused and cleared; and beside it the detail of the one that the
// path names.

import { ask } from "../link/ask-emulator.js";
import { live } from "../link/live.js";
import type { Call } from "../link/records.js";
import { isPressed, part, setPressed } from "../page/element.js";
import { currentPath, navigate, pathOf } from "../page/router.js";
import { Screen } from "../page/screen.js";
import { tell } from "../page/status-line.js";
import { CallDetail } from "./call-detail.js";
import { stepOf } from "./call-keys.js";
import { callRow } from "./call-row.js";
import { CallWindow } from "./call-window.js";
import { showNeededGrants } from "./needed-grants-dialog.js";
import { ShownCalls } from "./shown-calls.js";
import { showCounts } from "./status-counts.js";

const kept = { filter: "" }; // kept while the page is open

/** The screen of calls. */
export class CallsScreen extends Screen {
  readonly #shown = new ShownCalls();
  #window: CallWindow<Call> | undefined;
  #detail: CallDetail | undefined;

  protected override open(): void {
    this.#window = new CallWindow<Call>({
      scroller: part(this, HTMLElement, "scroller"),
      body: part(this, HTMLElement, "rows"),
      create: (call) => callRow(call, String(call.id) === currentPath()[1]),
      onFollow: (isOn) => setPressed(part(this, HTMLButtonElement, "follow"), isOn),
    });
    this.#detail = new CallDetail(part(this, HTMLElement, "detail"), this.signal);
    part(this, HTMLButtonElement, "follow").onclick = () =>
      this.#window?.follow(!isPressed(part(this, HTMLButtonElement, "follow")));
    part(this, HTMLButtonElement, "pause").onclick = () =>
      this.#pause(!isPressed(part(this, HTMLButtonElement, "pause")));
    part(this, HTMLButtonElement, "clear").onclick = () => this.attempt(() => this.#clear());
    part(this, HTMLButtonElement, "needed").onclick = () => this.attempt(() => showNeededGrants(this));
    const box = part(this, HTMLInputElement, "filter");
    box.oninput = () => this.#setFilter(box.value);
    this.onkeydown = (event) => this.#key(event);
    live.store.listen((added, isAnew) => this.#take(added, isAnew), this.signal);
    this.#setFilter(kept.filter);
    this.pathChanged(currentPath());
  }

  /** Shows the detail of the call that the path names, or none. */
  override pathChanged([, id]: readonly string[]): void {
    const call = id === undefined ? undefined : live.store.find(Number(id));
    this.classList.toggle("has-detail", id !== undefined);
    this.#detail?.show(call, id);
    for (const row of this.querySelectorAll("tbody[data-part=rows] tr")) {
      if (row.getAttribute("data-id") === id) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
    const index = call === undefined ? -1 : this.#shown.fitting.findIndex((other) => other.id === call.id);
    if (index >= 0 && !isPressed(part(this, HTMLButtonElement, "follow"))) this.#window?.reveal(index);
  }

  #setFilter(text: string): void {
    kept.filter = text;
    part(this, HTMLInputElement, "filter").value = text;
    part(this, HTMLElement, "mistake").textContent = this.#shown.filter(text, live.store.calls) ?? "";
    setPressed(part(this, HTMLButtonElement, "pause"), false);
    this.#show();
  }

  #take(added: readonly Call[], isAnew: boolean): void {
    const path = currentPath();
    if (added.some(({ id }) => String(id) === path[1])) this.pathChanged(path);
    if (isAnew) this.#shown.begin(live.store.calls);
    else this.#shown.add(added, live.store.calls[0]?.id ?? 0);
    this.#show();
  }

  #show(): void {
    const { fitting, counts, missed } = this.#shown;
    this.#window?.show(fitting);
    showCounts(part(this, HTMLElement, "counts"), counts, (status) => {
      this.#setFilter(kept.filter === `status=${status}` ? "" : `status=${status}`);
    });
    part(this, HTMLElement, "empty").hidden = fitting.length > 0;
    part(this, HTMLElement, "missed").textContent = missed === undefined ? "" : `Paused: ${missed} more since`;
  }

  #pause(isOn: boolean): void {
    setPressed(part(this, HTMLButtonElement, "pause"), isOn);
    if (isOn) this.#shown.pause();
    else this.#shown.begin(live.store.calls);
    this.#show();
  }

  async #clear(): Promise<void> {
    await ask("DELETE", "calls");
    live.store.clear();
    navigate(pathOf("calls"), { replace: true });
    tell("Cleared the calls.");
  }

  #key(event: KeyboardEvent): void {
    const [, id] = currentPath();
    const step = stepOf(event);
    if (step === "close" && id !== undefined) {
      navigate(pathOf("calls"));
      part(this, HTMLElement, "scroller").focus();
    }
    if (step === undefined || step === "close") return;
    const next = this.#shown.neighbor(id === undefined ? undefined : Number(id), step);
    if (next === undefined) return;
    event.preventDefault();
    this.#window?.follow(false);
    navigate(pathOf("calls", String(next.id)), { replace: true });
  }
}
