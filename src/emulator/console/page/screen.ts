// SPDX-License-Identifier: Apache-2.0
// What every screen is: a custom element with a template of the same name, which listens to the emulator while it is shown.

import { cloneTemplate } from "./element.js";
import { showError } from "./status-line.js";

/** A screen. Whatever it starts with {@link signal} ends when it is left. */
export abstract class Screen extends HTMLElement {
  #ending = new AbortController();

  /** Aborted when the screen is left. */
  protected get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** Called by the browser when the screen is shown. */
  connectedCallback(): void {
    this.#ending = new AbortController();
    this.replaceChildren(cloneTemplate(this.localName));
    this.open();
  }

  /** Called by the browser when the screen is left. */
  disconnectedCallback(): void {
    this.#ending.abort();
  }

  /** Fills the screen and starts listening. */
  protected abstract open(): void;

  /** The rest of the path has changed while the screen is shown. */
  pathChanged(_rest: readonly string[]): void {}

  /** Runs a request to the emulator; a refusal is shown in the status line. */
  protected attempt(run: () => Promise<void>): void {
    run().catch((error) => {
      if (!this.signal.aborted) showError(error);
    });
  }
}
