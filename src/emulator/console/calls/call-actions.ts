// SPDX-License-Identifier: Apache-2.0
// What can be done about a call: grant what it lacks, copy the commands for that, turn it into a fault, repeat it.

import { curlCommand, gcloudCommand, iamcredsCommand } from "../chain/command-lines.js";
import { findMissing, give } from "../chain/missing-grants.js";
import { roleTitle } from "../chain/role-titles.js";
import { live } from "../link/live.js";
import type { Call, Grant } from "../link/records.js";
import { copy } from "../page/clipboard.js";
import { button, make } from "../page/element.js";
import { pathOf } from "../page/router.js";
import { showError, tell } from "../page/status-line.js";
import { shortName } from "../page/texts.js";

/** Says what a grant gives. */
function describeGrant({ member, role, serviceAccount, project }: Grant): string {
  return `${roleTitle(role)} to ${shortName(member)} on ${shortName(serviceAccount ?? project ?? "")}`;
}

/** What can be done about any call. */
export function callActions(call: Call): HTMLElement {
  const curl = curlCommand(call, live.info?.url ?? location.origin);
  const query = new URLSearchParams({
    method: call.method,
    ...(call.principal === undefined ? {} : { principal: call.principal }),
  });
  return make(
    "div",
    { class: "bar-of-buttons" },
    make("a", { class: "button", href: `${pathOf("faults")}?${query}` }, "Create a fault from this"),
    curl === undefined
      ? undefined
      : button("Copy as curl", () => copy(curl, "the curl command, with owner as the caller"), {
          title: "Repeats the call as owner, with examples in place of what the log does not keep.",
        }),
  );
}

function fillMissing(place: HTMLElement, grants: readonly Grant[]): void {
  const grantAll = button(
    "Grant what is missing",
    () => {
      grantAll.disabled = true;
      Promise.all(grants.map(give)).then(
        () => tell(`Granted ${grants.map(describeGrant).join("; ")}. Repeat the call.`),
        (error) => {
          grantAll.disabled = false;
          showError(error);
        },
      );
    },
    { class: "primary" },
  );
  const lines = (command: (grant: Grant) => string) => grants.map(command).join("\n");
  place.replaceChildren(
    make("p", {}, "Missing:"),
    make("ul", {}, ...grants.map((grant) => make("li", { title: grant.role }, describeGrant(grant)))),
    make(
      "div",
      { class: "bar-of-buttons" },
      grantAll,
      button("Copy gcloud command", () => copy(lines(gcloudCommand), "the gcloud command")),
      button("Copy iamcreds command", () => copy(lines(iamcredsCommand), "the iamcreds command")),
    ),
  );
}

/** What a call lacked, with the ways to grant it; empty when it lacked nothing that can be granted. */
export function missingPanel({ decision = [] }: Call, signal: AbortSignal): HTMLElement {
  const place = make("div", { class: "missing", hidden: true });
  if (decision.every(({ outcome }) => outcome === "granted")) return place;
  findMissing(decision).then((grants) => {
    if (signal.aborted || grants.length === 0) return;
    fillMissing(place, grants);
    place.hidden = false;
  }, showError);
  return place;
}
