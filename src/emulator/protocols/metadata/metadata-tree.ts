// SPDX-License-Identifier: Apache-2.0
// Decides which entries the metadata server has, as a tree of directories and values. Does not know how they are asked for.

import type { MetadataDirectory, MetadataEntry } from "../../../metadata-protocol/metadata-entry.js";
import type { ServiceAccount } from "../../world/accounts/account-book.js";
import type { World } from "../../world/world.js";

/** What the metadata server takes of the world. */
export type MetadataWorld = Pick<
  World,
  "accounts" | "googleKeys" | "logins" | "machine" | "now" | "recentTokens" | "tokens" | "work"
>;

/** What the tree is made of. */
export type MachineWorld = Pick<MetadataWorld, "accounts" | "machine">;

type AccountEntry = MetadataEntry<ServiceAccount>;
type AccountDirectory = MetadataDirectory<ServiceAccount>;

function directory(entries: Readonly<Record<string, AccountEntry>>): AccountDirectory {
  return new Map(Object.entries(entries));
}

function describeAccount(world: MachineWorld, account: ServiceAccount): AccountDirectory {
  return directory({
    aliases: ["default"],
    email: account.email,
    identity: { endpoint: "identity", account },
    scopes: world.machine.scopes,
    token: { endpoint: "token", account },
  });
}

function describeAccounts(world: MachineWorld): AccountDirectory {
  const { defaultAccount } = world.machine;
  const account = defaultAccount === undefined ? undefined : world.accounts.find(defaultAccount);
  if (account === undefined || account.disabled) return directory({});
  return directory({ [account.email]: describeAccount(world, account), default: describeAccount(world, account) });
}

/** The tree under `/computeMetadata/v1/`, as it is now. */
export function buildMetadataTree(world: MachineWorld): AccountDirectory {
  const { projectId, numericProjectId, zone, instanceName, instanceId, attributes, universeDomain } = world.machine;
  const project = `projects/${numericProjectId}`;
  return directory({
    instance: directory({
      attributes: directory(attributes),
      "cpu-platform": "Unknown CPU Platform",
      description: "",
      disks: directory({}),
      hostname: `${instanceName}.${zone}.c.${projectId}.internal`,
      id: { digits: instanceId },
      image: "",
      licenses: directory({}),
      "machine-type": `${project}/machineTypes/emulator`,
      "maintenance-event": "NONE",
      name: instanceName,
      "network-interfaces": directory({}),
      "platform-security": directory({
        // No address: clients go on without a session agent (AIP-4115 has the path, S2A its meaning).
        "auto-mtls-configuration": JSON.stringify({ s2a: { plaintext_address: "", mtls_address: "" } }),
      }),
      preempted: "FALSE",
      "service-accounts": describeAccounts(world),
      tags: [],
      zone: `${project}/zones/${zone}`,
    }),
    project: directory({
      attributes: directory({}),
      "numeric-project-id": { digits: String(numericProjectId) },
      "project-id": projectId,
    }),
    universe: directory({ "universe-domain": universeDomain }),
  });
}
