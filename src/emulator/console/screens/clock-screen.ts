// SPDX-License-Identifier: Apache-2.0
// The emulator's clock, which is advanced here, and its state: exported, reset or imported.

import { ask, askText } from "../link/ask-emulator.js";
import { live } from "../link/live.js";
import { copy, saveAs } from "../page/clipboard.js";
import { part } from "../page/element.js";
import { Screen } from "../page/screen.js";
import { tell } from "../page/status-line.js";
import { formatInstant, formatSpan } from "../page/texts.js";

const SECOND = 1000;

/** The screen of clock and state. */
export class ClockScreen extends Screen {
  protected override open(): void {
    for (const toggle of this.querySelectorAll("button[data-ms]")) {
      toggle.addEventListener("click", () => this.attempt(() => this.#advance(Number(toggle.getAttribute("data-ms")))));
    }
    part(this, HTMLButtonElement, "rotation").onclick = () => this.attempt(() => this.#toRotation());
    const state = part(this, HTMLTextAreaElement, "state");
    const on = (name: string, run: () => Promise<void>) => {
      part(this, HTMLButtonElement, name).onclick = () => this.attempt(run);
    };
    on("reset", async () => {
      await ask("POST", "reset", {});
      tell("The emulator is back in the state that it started with.");
    });
    on("export", async () => {
      state.value = await askText("GET", "state");
      this.#check();
    });
    on("download", async () => saveAs("emulator-state.json", await askText("GET", "state")));
    on("copy", async () => copy(state.value, "the state"));
    on("import", () => this.#import());
    state.oninput = () => this.#check();
    const file = part(this, HTMLInputElement, "file");
    file.onchange = () =>
      this.attempt(async () => {
        state.value = (await file.files?.[0]?.text()) ?? "";
        this.#check();
      });
    live.on(["info", "clock", "reset"], () => this.#show(), this.signal);
    const timer = setInterval(() => this.#show(), SECOND);
    this.signal.addEventListener("abort", () => clearInterval(timer));
    this.#show();
  }

  #show(): void {
    const { now, offsetMs, info } = live;
    part(this, HTMLElement, "now").textContent = `${formatInstant(now)} UTC`;
    const isAhead = offsetMs >= SECOND;
    part(this, HTMLElement, "offset").textContent = isAhead
      ? `${formatSpan(offsetMs)} ahead`
      : "same as this machine’s clock";
    const next = info?.nextRotationAt;
    part(this, HTMLElement, "next").textContent =
      next === undefined
        ? "no key has been needed yet"
        : `${formatInstant(next)}, in ${formatSpan(Date.parse(next) - now)}`;
    part(this, HTMLButtonElement, "rotation").disabled = next === undefined;
  }

  async #advance(advanceMs: number): Promise<void> {
    const { now } = await ask<{ now: string }>("POST", "clock", { advanceMs });
    await live.readInfo();
    tell(`The time is now ${formatInstant(now)}.`);
  }

  async #toRotation(): Promise<void> {
    const { nextRotationAt, now } = await live.readInfo();
    if (nextRotationAt !== undefined) await this.#advance(Math.max(0, Date.parse(nextRotationAt) - Date.parse(now)));
  }

  // The form is checked as it is typed; the emulator checks the names.
  #check(): boolean {
    const text = part(this, HTMLTextAreaElement, "state").value;
    const verdict = part(this, HTMLElement, "verdict");
    try {
      const { serviceAccounts = [], grants = [] } = JSON.parse(text) as { serviceAccounts?: []; grants?: [] }; // checked by the emulator
      verdict.textContent = `✓ JSON, ${serviceAccounts.length} accounts and ${grants.length} grants`;
      return true;
    } catch (error) {
      verdict.textContent = text === "" ? "" : `✕ ${error instanceof Error ? error.message : ""}`;
      return false;
    }
  }

  async #import(): Promise<void> {
    if (!this.#check()) throw new Error("The state is not JSON.");
    await ask("PUT", "state", JSON.parse(part(this, HTMLTextAreaElement, "state").value));
    tell("Imported the state.");
  }
}
