// SPDX-License-Identifier: Apache-2.0
// The one line that tells what happened, to eyes and to screen readers. Does not know what can happen.

const line = (): HTMLElement | null => document.getElementById("status-line");

/** Shows a message. */
export function tell(text: string): void {
  const element = line();
  if (element === null) return;
  element.textContent = text;
  element.classList.remove("is-error");
}

/** Shows what went wrong. */
export function showError(error: unknown): void {
  tell(`⚠ ${error instanceof Error ? error.message : String(error)}`);
  line()?.classList.add("is-error");
}
