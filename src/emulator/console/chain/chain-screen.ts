// SPDX-License-Identifier: Apache-2.0
// The simulation of a chain: who could act as whom, with nothing called or logged; its edges are granted and revoked by
// clicking.

import { accountPath, ask, get } from "../link/ask-emulator.js";
import { live } from "../link/live.js";
import type { Account, Hop, PolicyBinding } from "../link/records.js";
import { make, part } from "../page/element.js";
import { updateKeyedList } from "../page/keyed-list.js";
import { pathOf } from "../page/router.js";
import { Screen } from "../page/screen.js";
import { tell } from "../page/status-line.js";
import { memberOf, shortName } from "../page/texts.js";
import { drawChain, type EdgeAction } from "./chain-graph.js";
import { describeChain } from "./hop-words.js";
import { give, grantFor } from "./missing-grants.js";
import { chainPermissions, roleTitle } from "./role-titles.js";

interface Asked {
  readonly principal: string;
  readonly delegates: readonly string[];
  readonly serviceAccount: string;
  readonly permission: string;
}

/** The simulation of a chain. */
export class ChainScreen extends Screen {
  #turn = 0;

  protected override open(): void {
    const form = part(this, HTMLFormElement, "form");
    const query = new URLSearchParams(location.search);
    const permission = part(this, HTMLSelectElement, "permission");
    permission.replaceChildren(
      ...chainPermissions.map((name) => make("option", { value: name }, name.split(".").at(-1))),
    );
    for (const name of ["caller", "delegates", "account"])
      part(this, HTMLInputElement, name).value = query.get(name) ?? "";
    permission.value = query.get("permission") ?? chainPermissions[0];
    form.onsubmit = (event) => event.preventDefault();
    form.oninput = () => this.attempt(() => this.#explain());
    live.on(["state", "reset", "clock", "connection"], () => this.attempt(() => this.#refresh()), this.signal);
    this.attempt(() => this.#refresh());
  }

  async #refresh(): Promise<void> {
    const { accounts } = await get<{ accounts: Account[] }>("accounts");
    const fill = (name: string, texts: readonly string[]) =>
      updateKeyedList(part(this, HTMLElement, name), texts, {
        keyOf: (text) => text,
        create: (text) => make("option", { value: text }),
      });
    const emails = accounts.filter(({ deleted }) => !deleted).map(({ email }) => email);
    fill("principals", [...new Set([...(live.info?.principals ?? []), ...emails.map(memberOf)])]);
    fill("emails", emails);
    await this.#explain();
  }

  #asked(): Asked | undefined {
    const value = (name: string) => part(this, HTMLInputElement, name).value.trim();
    const delegates = value("delegates")
      .split(/[\s,]+/)
      .filter((text) => text !== "");
    const permission = part(this, HTMLSelectElement, "permission").value;
    const [caller, serviceAccount] = [value("caller"), value("account")];
    if (caller === "" || !serviceAccount.includes("@")) return undefined;
    const query = new URLSearchParams({ caller, delegates: delegates.join(","), account: serviceAccount, permission });
    history.replaceState(null, "", `${pathOf("chain")}?${query}`);
    return { principal: memberOf(caller), delegates, serviceAccount, permission };
  }

  async #explain(): Promise<void> {
    const turn = ++this.#turn;
    const asked = this.#asked();
    const graph = part(this, HTMLElement, "graph");
    const words = part(this, HTMLElement, "words");
    if (asked === undefined) {
      graph.replaceChildren(make("p", { class: "quiet" }, "Choose a caller and a service account."));
      words.textContent = "";
      return;
    }
    const { decision } = await ask<{ decision: Hop[] }>("POST", "chain:explain", asked);
    if (turn !== this.#turn || this.signal.aborted) return;
    const edges: readonly unknown[] = [...graph.querySelectorAll("[role=button]")];
    const focused = edges.indexOf(document.activeElement);
    graph.replaceChildren(drawChain(decision, (hop) => this.#actionOf(hop)));
    const again = graph.querySelectorAll("[role=button]")[focused];
    if (again instanceof SVGElement) again.focus();
    const passes = decision.every(({ outcome }) => outcome === "granted");
    words.textContent = `${passes ? "✓ The call would pass." : "✕ The call would be denied."} ${describeChain(decision)}`;
  }

  #actionOf(hop: Hop): EdgeAction | undefined {
    if (hop.from === "owner") return undefined;
    if (hop.outcome === "granted") return { label: "Revoke", run: () => this.attempt(() => this.#revoke(hop)) };
    return { label: "Grant", run: () => this.attempt(() => this.#grant(hop)) };
  }

  async #grant(hop: Hop): Promise<void> {
    const grant = grantFor(hop);
    if (grant === undefined) throw new Error(`No predefined role includes ${hop.permission}.`);
    await give(grant);
    tell(`Granted ${roleTitle(grant.role)} to ${shortName(grant.member)} on ${shortName(hop.to)}.`);
    await this.#explain();
  }

  async #revoke({ to, by }: Hop): Promise<void> {
    const { bindings } = await get<{ bindings: PolicyBinding[] }>(accountPath(to, "/policy"));
    const binding = bindings.find(
      ({ role, member, from, condition }) =>
        role === by?.role && member === by.member && from === by.policy && condition?.expression === by.condition,
    );
    if (binding === undefined) throw new Error("The binding no longer exists.");
    await ask("DELETE", `grants/${binding.id}`);
    tell(`Revoked ${roleTitle(binding.role)} from ${shortName(binding.member)} on ${shortName(to)}.`);
    await this.#explain();
  }
}
