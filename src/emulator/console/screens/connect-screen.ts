// SPDX-License-Identifier: Apache-2.0
// How programs connect to this emulator: what listens where, the lines for each language and tool, the CA to trust.

import { live } from "../link/live.js";
import type { Info } from "../link/records.js";
import { copy, saveAs } from "../page/clipboard.js";
import { button, make, part } from "../page/element.js";
import { Screen } from "../page/screen.js";
import { connectionRecipes } from "./connection-recipes.js";

const listenerTexts: Readonly<Record<string, string>> = {
  grpc: "gRPC: IAM Credentials, IAM admin, Resource Manager, Service Usage",
  http: "REST, OAuth, public keys, this console",
  metadataServer: "Metadata server",
  metadataServerMtls: "Metadata server over mutual TLS",
};

/** The screen that tells how to connect. */
export class ConnectScreen extends Screen {
  protected override open(): void {
    live.on(["info"], () => this.#show(), this.signal);
    this.#show();
  }

  #show(): void {
    const { info } = live;
    if (info === undefined) return;
    this.#showListeners(info);
    const blocks = connectionRecipes(info).map(({ title, text, note }) =>
      make(
        "section",
        { class: "recipe" },
        make(
          "header",
          {},
          make("h3", {}, title),
          button("Copy", () => copy(text, title), { "aria-label": `Copy: ${title}` }),
        ),
        note === undefined ? undefined : make("p", { class: "quiet" }, note),
        make("pre", { tabindex: 0 }, text),
      ),
    );
    part(this, HTMLElement, "recipes").replaceChildren(...blocks);
    const authority = part(this, HTMLButtonElement, "authority");
    const { certificateAuthority } = info;
    authority.hidden = certificateAuthority === undefined;
    authority.onclick = () => saveAs("emulator-ca.pem", certificateAuthority ?? "", "application/x-pem-file");
    part(this, HTMLElement, "tls").textContent =
      certificateAuthority === undefined
        ? "Plain text: there is no certificate to trust."
        : "TLS: clients must trust the emulator’s own CA.";
  }

  #showListeners({ listeners }: Info): void {
    const rows = listeners.map(({ name, url }) =>
      make(
        "tr",
        {},
        make("td", {}, listenerTexts[name] ?? name),
        make("td", { class: "mono" }, name === "grpc" ? url.replace(/^https?:\/\//, "") : url),
      ),
    );
    part(this, HTMLElement, "rows").replaceChildren(...rows);
  }
}
