// SPDX-License-Identifier: Apache-2.0
// `iamcreds services enable|disable|list`: APIs of a project, as in gcloud.

import type * as Door from "../../../service-usage/index.js";
import type { ServiceUsageAsyncClient } from "../../../service-usage/index.js";
import type { Host } from "../../host/host.js";
import { printDryRun } from "../../print/dry-run.js";
import { printList } from "../../print/result.js";
import { type Caller, withCaller } from "../../source/caller.js";
import type { Command, Given } from "../../table/command.js";
import { dryRun, listing } from "../../table/common-flags.js";
import { requireProject } from "../iam/service-accounts/account-commands.js";

const services = [{ name: "SERVICE", isList: true }];
const asynchronous = { async: { text: "does not wait until it is done" } };

function openClient(caller: Caller): ServiceUsageAsyncClient {
  const { ServiceUsageAsyncClient: Client } = require("../../../service-usage/index.js") as typeof Door; // its own type
  return caller.keep(new Client(caller.clientOptions));
}

const nameOf = (project: string, service: string): string => `projects/${project}/services/${service}`;

async function finish(
  given: Given,
  host: Host,
  { client, caller, operation }: { client: ServiceUsageAsyncClient; caller: Caller; operation: Door.Operation },
): Promise<void> {
  if (operation.done && operation.error === undefined) return; // nothing to change; gcloud prints nothing either
  if (!given.has("async")) await client.waitForOperation(operation, caller.call);
  const how = given.has("async") ? "in progress" : "finished successfully";
  host.complain(`Operation "${operation.name}" ${how}.\n`);
}

/** `iamcreds services enable`. */
export const enableServices: Command = {
  text: "Switches APIs on for a project, and waits until they are.",
  positionals: services,
  flags: { "The services": { ...asynchronous, ...dryRun } },
  run: (given, host) =>
    withCaller(given, host, async (caller) => {
      const project = requireProject(given);
      const [first = "", ...more] = given.positionals;
      const one = { name: nameOf(project, first) };
      const batch = { parent: `projects/${project}`, serviceIds: given.positionals };
      const isOne = more.length === 0;
      if (given.has("dry-run")) {
        const method = isOne ? "ServiceUsage.EnableService" : "ServiceUsage.BatchEnableServices";
        return printDryRun(given, host, { method, request: isOne ? one : batch });
      }
      const client = openClient(caller);
      const operation = isOne
        ? await client.enableService(one, caller.call)
        : await client.batchEnableServices(batch, caller.call);
      await finish(given, host, { client, caller, operation });
      return 0;
    }),
};

/** `iamcreds services disable`. */
export const disableServices: Command = {
  text: "Switches APIs off for a project, and waits until they are.",
  positionals: services,
  flags: {
    "The services": {
      force: { text: "with those that need it, and those that were used lately" },
      ...asynchronous,
      ...dryRun,
    },
  },
  run: (given, host) =>
    withCaller(given, host, async (caller) => {
      const project = requireProject(given);
      const client = openClient(caller);
      for (const service of given.positionals) {
        const request = { name: nameOf(project, service), disableDependentServices: given.has("force") };
        if (given.has("dry-run")) printDryRun(given, host, { method: "ServiceUsage.DisableService", request });
        else
          await finish(given, host, { client, caller, operation: await client.disableService(request, caller.call) });
      }
      return 0;
    }),
};

/** `iamcreds services list`. */
export const listServices: Command = {
  text: "Lists the APIs that are switched on for a project, or with --available all that could be.",
  flags: {
    "The list": {
      available: { text: "with those that are not" },
      enabled: { text: "those that are; this is the default" },
      ...listing,
    },
  },
  run: (given, host) =>
    withCaller(given, host, async (caller) => {
      const filter = given.has("available") ? {} : { filter: "state:ENABLED" };
      const list = openClient(caller).listServices(
        { parent: `projects/${requireProject(given)}`, ...filter },
        caller.call,
      );
      await printList<Door.Service>(given, host, list, [
        { header: "NAME", cell: ({ name }) => name.split("/").at(-1) ?? "" },
        { header: "TITLE", cell: ({ config }) => config?.title ?? "" },
      ]);
      return 0;
    }),
};
