// SPDX-License-Identifier: Apache-2.0
// The start: registers the screens, connects to the emulator, and keeps the page's frame up to date. Does not know what a screen shows.

import { AccountScreen } from "./accounts/account-screen.js";
import { AccountsScreen } from "./accounts/accounts-screen.js";
import { CallsScreen } from "./calls/calls-screen.js";
import { ChainScreen } from "./chain/chain-screen.js";
import { ask } from "./link/ask-emulator.js";
import { live } from "./link/live.js";
import { part } from "./page/element.js";
import { startRouter } from "./page/router.js";
import { showError, tell } from "./page/status-line.js";
import { formatInstant, formatSpan } from "./page/texts.js";
import { ClockScreen } from "./screens/clock-screen.js";
import { ConnectScreen } from "./screens/connect-screen.js";
import { FaultsScreen } from "./screens/faults-screen.js";
import { TokensScreen } from "./screens/tokens-screen.js";

const screens: Readonly<Record<string, CustomElementConstructor>> = {
  "calls-screen": CallsScreen,
  "accounts-screen": AccountsScreen,
  "account-screen": AccountScreen,
  "chain-screen": ChainScreen,
  "tokens-screen": TokensScreen,
  "faults-screen": FaultsScreen,
  "clock-screen": ClockScreen,
  "connect-screen": ConnectScreen,
};
const connectionTexts = { connecting: "◌ Connecting", connected: "● Connected", lost: "✕ Disconnected" } as const;

function showConnection(): void {
  const mark = part(document, HTMLElement, "connected");
  mark.textContent = connectionTexts[live.state];
  mark.className = live.state === "lost" ? "mark denied" : live.state === "connected" ? "mark granted" : "mark";
}

function showClock(): void {
  const ahead = live.offsetMs >= 1000 ? ` (+${formatSpan(live.offsetMs)})` : "";
  part(document, HTMLElement, "clock").textContent = `${formatInstant(live.now).slice(11)} UTC${ahead}`;
}

function showInfo(): void {
  const { info } = live;
  if (info === undefined) return;
  part(document, HTMLElement, "where").textContent = info.url.replace(/^https?:\/\//, "");
  part(document, HTMLElement, "version").textContent = `v${info.version}`;
  const select = part(document, HTMLSelectElement, "enforcement");
  select.value = info.enforcement;
  select.classList.toggle("warned", info.enforcement === "observe");
  showClock();
}

function setEnforcement(enforcement: string): void {
  const words =
    enforcement === "observe" ? "What would be denied is logged, but let through." : "What is denied is refused.";
  ask("PUT", "enforcement", { enforcement }).then(() => tell(words), showError);
}

function start(): void {
  for (const [name, screen] of Object.entries(screens)) customElements.define(name, screen);
  const select = part(document, HTMLSelectElement, "enforcement");
  select.onchange = () => setEnforcement(select.value);
  live.onNews = tell;
  live.on(["connection"], showConnection);
  live.on(["info"], showInfo);
  setInterval(showClock, 1000);
  startRouter(part(document, HTMLElement, "main"));
  live.connect();
}

start();
