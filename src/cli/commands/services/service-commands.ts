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
const asynchronous = { async: { text: "do not wait for the operation to finish" } };

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
  text: "Enables APIs for a project, and waits until they are enabled.",
  positionals: services,
  flags: { Options: { ...asynchronous, ...dryRun } },
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
  text: "Disables APIs for a project, and waits until they are disabled.",
  positionals: services,
  flags: {
    Options: {
      force: { text: "also disable the enabled APIs that depend on them" },
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
  text: "Lists the enabled APIs of a project, or with --available all APIs.",
  flags: {
    Options: {
      available: { text: "include APIs that are not enabled" },
      enabled: { text: "only enabled APIs (the default)" },
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
