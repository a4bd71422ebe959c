// SPDX-License-Identifier: Apache-2.0
// The grants that the calls so far needed, as commands or as Terraform: what is wanted after a test run. The emulator writes them.

import { askText } from "../link/ask-emulator.js";
import { copy, saveAs } from "../page/clipboard.js";
import { cloneTemplate, part } from "../page/element.js";
import { showError } from "../page/status-line.js";

const formats = ["gcloud", "iamcreds", "terraform"] as const;

/** Opens the dialog over `owner`. */
export async function showNeededGrants(owner: HTMLElement): Promise<void> {
  const fragment = cloneTemplate("needed-grants");
  const dialog = part(fragment, HTMLDialogElement, "dialog");
  const output = part(fragment, HTMLElement, "output");
  const form = part(fragment, HTMLSelectElement, "format");
  const read = async () => {
    const format = formats.find((name) => name === form.value) ?? "gcloud";
    const text = await askText("GET", `needed-grants?format=${format}`);
    output.textContent = text.trim() === "" ? "# No call has needed a grant so far." : text;
  };
  form.onchange = () => void read().catch(showError);
  part(fragment, HTMLButtonElement, "copy").onclick = () => copy(output.textContent ?? "", "the grants");
  part(fragment, HTMLButtonElement, "save").onclick = () => {
    const name = form.value === "terraform" ? "grants.tf" : "grants.sh";
    saveAs(name, output.textContent ?? "", "text/plain");
  };
  part(fragment, HTMLButtonElement, "close").onclick = () => dialog.close();
  dialog.onclose = () => dialog.remove();
  await read();
  owner.append(dialog);
  dialog.showModal();
}
