// SPDX-License-Identifier: Apache-2.0
// `iamcreds iam service-accounts list|describe|create|update`: accounts themselves, as in gcloud.

import type { ServiceAccount } from "../../../../iam-admin/index.js";
import { UsageError } from "../../../host/output.js";
import { printDryRun } from "../../../print/dry-run.js";
import { printList, printResult } from "../../../print/result.js";
import { withCaller } from "../../../source/caller.js";
import type { Command, Positional } from "../../../table/command.js";
import { dryRun, listing } from "../../../table/common-flags.js";
import type { GivenFlags } from "../../../table/flags.js";

/** The account that a command is about. */
export const account: Positional = { name: "SA", isAccount: true };

const names = {
  "display-name": { value: "text", text: "human-readable name" },
  description: { value: "text", text: "human-readable description" },
};

/** The project. @throws UsageError when there is none */
export function requireProject(given: GivenFlags): string {
  const project = given.text("project");
  if (project !== undefined) return project;
  throw new UsageError("--project is missing, and neither CLOUDSDK_CORE_PROJECT nor GOOGLE_CLOUD_PROJECT is set");
}

function readNames(given: GivenFlags): { displayName?: string; description?: string } {
  const [displayName, description] = [given.text("display-name"), given.text("description")];
  return {
    ...(displayName === undefined ? {} : { displayName }),
    ...(description === undefined ? {} : { description }),
  };
}

/** `iamcreds iam service-accounts list`. */
export const listAccounts: Command = {
  text: "Lists the service accounts of a project.",
  flags: { Options: listing },
  run: (given, host) =>
    withCaller(given, host, async (caller) => {
      const name = `projects/${requireProject(given)}`;
      await printList<ServiceAccount>(given, host, caller.adminClient().listServiceAccounts({ name }, caller.call), [
        { header: "DISPLAY NAME", cell: ({ displayName }) => displayName },
        { header: "EMAIL", cell: ({ email }) => email },
        { header: "DISABLED", cell: ({ disabled }) => (disabled ? "True" : "False") },
      ]);
      return 0;
    }),
};

/** `iamcreds iam service-accounts describe`. */
export const describeAccount: Command = {
  text: "Describes a service account.",
  positionals: [account],
  run: (given, host) =>
    withCaller(given, host, async (caller) => {
      const [name = ""] = given.positionals;
      printResult(given, host, { json: await caller.adminClient().getServiceAccount({ name }, caller.call) });
      return 0;
    }),
};

/** `iamcreds iam service-accounts create`. */
export const createAccount: Command = {
  text: "Creates a service account in a project.",
  positionals: [{ name: "NAME" }],
  flags: { Options: { ...names, ...dryRun } },
  run: (given, host) =>
    withCaller(given, host, async (caller) => {
      const [accountId = ""] = given.positionals;
      const request = { name: `projects/${requireProject(given)}`, accountId, serviceAccount: readNames(given) };
      if (given.has("dry-run")) return printDryRun(given, host, { method: "IAM.CreateServiceAccount", request });
      const created = await caller.adminClient().createServiceAccount(request, caller.call);
      host.complain(`Created service account [${accountId}].\n`);
      // gcloud prints nothing more unless a format is requested.
      printResult(given, host, { json: created, text: "" });
      return 0;
    }),
};

/** `iamcreds iam service-accounts update`. */
export const updateAccount: Command = {
  text: "Updates the display name or the description of a service account.",
  positionals: [account],
  flags: { Options: { ...names, ...dryRun } },
  run: (given, host) =>
    withCaller(given, host, async (caller) => {
      const [name = ""] = given.positionals;
      const changes = readNames(given);
      if (Object.keys(changes).length === 0) throw new UsageError("set --display-name, --description, or both");
      const request = { serviceAccount: { name, ...changes } };
      if (given.has("dry-run")) return printDryRun(given, host, { method: "IAM.PatchServiceAccount", request });
      const updated = await caller.adminClient().patchServiceAccount(request, caller.call);
      host.complain(`Updated serviceAccount [${name}].\n`);
      printResult(given, host, { json: updated });
      return 0;
    }),
};
