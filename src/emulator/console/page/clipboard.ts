// SPDX-License-Identifier: Apache-2.0
// Hands text out of the page: to the clipboard, or as a file.

import { make } from "./element.js";
import { showError, tell } from "./status-line.js";

// The clipboard API works on loopback and over TLS; elsewhere a selection is copied.
async function write(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) return navigator.clipboard.writeText(text);
  const area = make("textarea", { "aria-hidden": "true" });
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

/** Copies text. @param what what it is, for the status line */
export function copy(text: string, what: string): void {
  write(text).then(() => tell(`Copied ${what}.`), showError);
}

/** Saves text as a file. */
export function saveAs(name: string, text: string, type = "application/json"): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = make("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
