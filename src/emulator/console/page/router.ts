// SPDX-License-Identifier: Apache-2.0
// Which screen a path shows. A path is /console/ and words; links within the console change it without a request.

import { Screen } from "./screen.js";

const screens: Readonly<Record<string, string>> = {
  calls: "calls-screen",
  accounts: "accounts-screen",
  chain: "chain-screen",
  tokens: "tokens-screen",
  faults: "faults-screen",
  clock: "clock-screen",
  connect: "connect-screen",
};

/** The words of the path, percent-decoded. */
export function currentPath(): readonly string[] {
  const words = location.pathname.replace(/^\/console/, "").split("/");
  return words.filter((word) => word !== "").map(decodeURIComponent);
}

/** The path of words, percent-encoded. */
export function pathOf(...words: readonly string[]): string {
  return `/console/${words.map(encodeURIComponent).join("/")}`;
}

function screenOf([first = "calls", second]: readonly string[]): string {
  if (first === "accounts" && second !== undefined) return "account-screen";
  return screens[first] ?? "calls-screen";
}

function show(main: HTMLElement): void {
  const path = currentPath();
  const name = screenOf(path);
  for (const link of document.querySelectorAll("nav a")) {
    const isHere = link.getAttribute("href") === pathOf(path[0] ?? "calls");
    if (isHere) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const shown = main.firstElementChild;
  if (shown instanceof Screen && shown.localName === name) {
    shown.pathChanged(path);
    return;
  }
  main.replaceChildren(document.createElement(name));
  const heading = main.querySelector("h1");
  document.title = `${heading?.textContent ?? "Console"} · IAM emulator`;
  main.scrollTop = 0;
}

let showNow: () => void = () => {};

/** Goes to a path of the console. */
export function navigate(path: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, "", path);
  else history.pushState(null, "", path);
  showNow();
}

function followLink(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (link === null || event.defaultPrevented || event.button !== 0 || link.hasAttribute("download")) return;
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (link.origin !== location.origin || !link.pathname.startsWith("/console/")) return;
  event.preventDefault();
  navigate(link.pathname + link.search);
}

/** Shows what the path says, now and whenever it changes. */
export function startRouter(main: HTMLElement): void {
  showNow = () => show(main);
  addEventListener("popstate", showNow);
  document.addEventListener("click", followLink);
  showNow();
}
