// SPDX-License-Identifier: Apache-2.0
// The faults that are set, with what is left of each, and a form for one more.

import { ask, get } from "../link/ask-emulator.js";
import { live } from "../link/live.js";
import type { Fault } from "../link/records.js";
import { make, part } from "../page/element.js";
import { updateKeyedList } from "../page/keyed-list.js";
import { Screen } from "../page/screen.js";
import { tell } from "../page/status-line.js";
import { detailsOf, faultPresets, reasonOf } from "./fault-presets.js";
import { faultRow, type SetFault } from "./fault-row.js";

/** The screen of faults. */
export class FaultsScreen extends Screen {
  protected override open(): void {
    const preset = part(this, HTMLSelectElement, "preset");
    preset.append(...[...faultPresets.keys()].map((name) => make("option", { value: name }, name)));
    preset.onchange = () => this.#fill(faultPresets.get(preset.value) ?? {});
    const ending = part(this, HTMLSelectElement, "ending");
    ending.onchange = () => this.#showFields();
    part(this, HTMLFormElement, "form").onsubmit = (event) => {
      event.preventDefault();
      this.attempt(() => this.#add());
    };
    part(this, HTMLButtonElement, "clear").onclick = () => this.attempt(() => this.#clear());
    const query = new URLSearchParams(location.search);
    this.#fill(faultPresets.get("Permission denied") ?? {});
    this.#set("method", query.get("method") ?? "");
    this.#set("principal", query.get("principal") ?? "");
    if (query.has("method")) part(this, HTMLSelectElement, "preset").focus();
    live.on(["fault", "reset"], () => this.attempt(() => this.#read()), this.signal);
    live.store.listen((calls) => {
      if (calls.some(({ faultId }) => faultId !== undefined)) this.attempt(() => this.#read());
    }, this.signal);
    this.attempt(() => this.#read());
  }

  #field(name: string): HTMLInputElement | HTMLSelectElement {
    const found = this.querySelector(`[data-part="${name}"]`);
    if (found instanceof HTMLSelectElement) return found;
    return part(this, HTMLInputElement, name);
  }

  #set(name: string, value: string | number | undefined): void {
    this.#field(name).value = String(value ?? "");
  }

  #fill(fault: Fault): void {
    const { status, connection, delayMs, times } = fault;
    this.#set("ending", status !== undefined ? "status" : connection !== undefined ? "connection" : "delay");
    this.#set("code", status?.code ?? "UNAVAILABLE");
    this.#set("message", status?.message);
    this.#set("reason", reasonOf(fault));
    this.#set("connection", connection ?? "hang");
    this.#set("delay", delayMs);
    this.#set("times", times);
    this.#showFields();
  }

  #showFields(): void {
    for (const name of ["status", "connection"]) {
      part(this, HTMLElement, `${name}-fields`).hidden = this.#field("ending").value !== name;
    }
  }

  async #add(): Promise<void> {
    const text = (name: string) => this.#field(name).value.trim();
    const number = (name: string) => (text(name) === "" ? undefined : Number(text(name)));
    const ending = text("ending");
    const status = {
      code: text("code"),
      message: text("message") || "Injected fault.",
      details: detailsOf(text("reason")),
    };
    const fault = {
      method: text("method") || undefined,
      principal: text("principal") || undefined,
      attempt: number("attempt"),
      times: number("times"),
      delayMs: number("delay"),
      ...(ending === "status" ? { status } : {}),
      ...(ending === "connection" ? { connection: text("connection") } : {}),
    };
    const { id } = await ask<{ id: number }>("POST", "faults", fault);
    tell(`Added fault ${id}.`);
    await this.#read();
  }

  async #clear(): Promise<void> {
    await ask("DELETE", "faults");
    tell("Removed all faults.");
    await this.#read();
  }

  async #read(): Promise<void> {
    const { faults } = await get<{ faults: SetFault[] }>("faults");
    if (this.signal.aborted) return;
    updateKeyedList(part(this, HTMLElement, "rows"), faults, {
      keyOf: (fault) => JSON.stringify(fault),
      create: faultRow,
    });
    part(this, HTMLElement, "empty").hidden = faults.length > 0;
  }
}
