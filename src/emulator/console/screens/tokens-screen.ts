// SPDX-License-Identifier: Apache-2.0
// Inspects a pasted token, revokes it, and mints one, which is shown once. Tokens go in bodies, never in addresses, and are
// kept nowhere.

import { ask } from "../link/ask-emulator.js";
import { live } from "../link/live.js";
import { copy } from "../page/clipboard.js";
import { make, part } from "../page/element.js";
import { Screen } from "../page/screen.js";
import { tell } from "../page/status-line.js";
import { formatInstant, formatSpan, memberOf } from "../page/texts.js";

interface Inspection {
  readonly kind: string;
  readonly valid: boolean;
  readonly principal?: string;
  readonly scopes?: readonly string[];
  readonly audience?: string;
  readonly expiresAt?: string;
  readonly revoked?: boolean;
  readonly header?: object;
  readonly claims?: object;
  readonly verified?: { readonly keyId: string };
  readonly reason?: string;
}

function describeEnd(expiresAt: string | undefined): string | undefined {
  if (expiresAt === undefined) return undefined;
  const left = Date.parse(expiresAt) - live.now;
  return `${formatInstant(expiresAt)}, ${left > 0 ? `in ${formatSpan(left)}` : `${formatSpan(left)} ago`}`;
}

function show({ valid, ...found }: Inspection): readonly HTMLElement[] {
  const mark = valid
    ? make("p", { class: "mark granted" }, "✓ Valid")
    : make("p", { class: "mark denied" }, `✕ Not valid${found.reason === undefined ? "" : `: ${found.reason}`}`);
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["Kind", found.kind],
    ["Who", found.principal],
    ["Scopes", found.scopes?.join("\n")],
    ["Audience", found.audience],
    ["Until", describeEnd(found.expiresAt)],
    ["Revoked", found.revoked === undefined ? undefined : found.revoked ? "yes" : "no"],
    ["Verified with key", found.verified?.keyId],
  ];
  const rows = facts.flatMap(([term, value]) =>
    value === undefined ? [] : [make("div", {}, make("dt", {}, term), make("dd", {}, value))],
  );
  const json = (title: string, document: object | undefined) =>
    document === undefined
      ? []
      : [make("h3", {}, title), make("pre", { tabindex: 0 }, JSON.stringify(document, undefined, 2))];
  return [
    mark,
    make("dl", { class: "facts" }, ...rows),
    ...json("Header", found.header),
    ...json("Claims", found.claims),
  ];
}

/** The screen of tokens. */
export class TokensScreen extends Screen {
  protected override open(): void {
    const pasted = part(this, HTMLTextAreaElement, "token");
    const result = part(this, HTMLElement, "result");
    const read = async () => {
      const token = pasted.value.trim().replace(/^Bearer\s+/i, "");
      if (token === "") throw new Error("Paste a token first.");
      result.replaceChildren(...show(await ask<Inspection>("POST", "tokens:inspect", { token })));
    };
    part(this, HTMLFormElement, "inspect").onsubmit = (event) => {
      event.preventDefault();
      this.attempt(read);
    };
    part(this, HTMLButtonElement, "revoke").onclick = () =>
      this.attempt(async () => {
        await ask("POST", "tokens:revoke", { token: pasted.value.trim() });
        tell("Revoked the token.");
        await read();
      });
    this.#openMint();
  }

  #openMint(): void {
    const value = (name: string) => part(this, HTMLInputElement, name).value.trim();
    const kind = part(this, HTMLSelectElement, "kind");
    const minted = part(this, HTMLElement, "minted");
    const output = part(this, HTMLOutputElement, "output");
    const isAccess = () => kind.value === "access";
    kind.onchange = () => {
      part(this, HTMLElement, "access-fields").hidden = !isAccess();
      part(this, HTMLElement, "id-fields").hidden = isAccess();
    };
    const mint = async () => {
      const scopes = value("scopes")
        .split(/[\s,]+/)
        .filter((text) => text !== "");
      const own = isAccess() ? { scopes, lifetime: Number(value("lifetime")) } : { audience: value("audience") };
      const body = { kind: kind.value, principal: memberOf(value("principal")), ...own };
      const { token, expiresAt } = await ask<{ token: string; expiresAt: string }>("POST", "tokens", body);
      output.value = token;
      minted.hidden = false;
      tell(`Created a token that is valid until ${formatInstant(expiresAt)}. It is shown only once.`);
    };
    part(this, HTMLFormElement, "mint").onsubmit = (event) => {
      event.preventDefault();
      this.attempt(mint);
    };
    part(this, HTMLButtonElement, "copy").onclick = () => copy(output.value, "the token");
    part(this, HTMLButtonElement, "look").onclick = () => {
      part(this, HTMLTextAreaElement, "token").value = output.value;
      part(this, HTMLFormElement, "inspect").requestSubmit();
    };
  }
}
