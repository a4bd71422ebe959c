// SPDX-License-Identifier: Apache-2.0
// Decides which entries the metadata server has, as a tree of directories and values. Does not know how they are requested.

import { type MetadataDirectory, type MetadataEntry, MetadataList } from "../../../metadata-protocol/metadata-entry.js";
import type { ServiceAccount } from "../../world/accounts/account-book.js";
import type { World } from "../../world/world.js";

/** What the metadata server needs from the world. */
export type MetadataWorld = Pick<
  World,
  "accounts" | "googleKeys" | "logins" | "machine" | "now" | "recentTokens" | "tokens" | "work"
>;

type Machine = MetadataWorld["machine"];
type AccountEntry = MetadataEntry<ServiceAccount>;
type AccountDirectory = MetadataDirectory<ServiceAccount>;

function directory(entries: Readonly<Record<string, AccountEntry>>): AccountDirectory {
  return new Map(Object.entries(entries));
}

function describeAccount({ scopes }: Machine, account: ServiceAccount): AccountDirectory {
  return directory({
    aliases: ["default"],
    email: account.email,
    identity: { endpoint: "identity", account },
    scopes,
    token: { endpoint: "token", account },
  });
}

function describeAccounts(machine: Machine, account: ServiceAccount | undefined): AccountDirectory {
  if (account === undefined) return directory({});
  return directory({ [account.email]: describeAccount(machine, account), default: describeAccount(machine, account) });
}

// The network interface of a machine in a project's default network.
function describeNetwork(project: string): AccountDirectory {
  return directory({
    "access-configs": new MetadataList([directory({ "external-ip": "", type: "ONE_TO_ONE_NAT" })]),
    "dns-servers": ["169.254.169.254"],
    "forwarded-ips": new MetadataList([]),
    gateway: "10.128.0.1",
    ip: "10.128.0.2",
    "ip-aliases": new MetadataList([]),
    mac: "42:01:0a:80:00:02",
    mtu: { digits: "1460" },
    network: `${project}/networks/default`,
    subnetmask: "255.255.240.0",
    "target-instance-ips": new MetadataList([]),
  });
}

function buildTree(machine: Machine, account: ServiceAccount | undefined): AccountDirectory {
  const { projectId, numericProjectId, zone, instanceName, instanceId, attributes, universeDomain, licenseIds } =
    machine;
  const project = `projects/${numericProjectId}`;
  return directory({
    instance: directory({
      attributes: directory(attributes),
      "cpu-platform": "Unknown CPU Platform",
      description: "",
      disks: new MetadataList([
        directory({
          "device-name": "persistent-disk-0",
          index: { digits: "0" },
          interface: "SCSI",
          mode: "READ_WRITE",
          type: "PERSISTENT",
        }),
      ]),
      "guest-attributes": directory({}),
      hostname: `${instanceName}.${zone}.c.${projectId}.internal`,
      id: { digits: instanceId },
      image: "",
      "legacy-endpoint-access": directory({ "0.1": { digits: "0" }, v1beta1: { digits: "0" } }),
      licenses: new MetadataList(licenseIds.map((id) => directory({ id }))),
      "machine-type": `${project}/machineTypes/emulator`,
      "maintenance-event": "NONE",
      name: instanceName,
      "network-interfaces": new MetadataList([describeNetwork(project)]),
      "partner-attributes": directory({}),
      "platform-security": directory({
        // No address, so that clients go on without a session agent (AIP-4115 has the path, S2A its meaning).
        "auto-mtls-configuration": JSON.stringify({ s2a: { plaintext_address: "", mtls_address: "" } }),
      }),
      preempted: "FALSE",
      "remaining-cpu-time": { digits: "-1" },
      scheduling: directory({
        "automatic-restart": "TRUE",
        "on-host-maintenance": "MIGRATE",
        preemptible: "FALSE",
      }),
      "service-accounts": describeAccounts(machine, account),
      tags: { document: [] },
      "virtual-clock": directory({ "drift-token": { digits: "0" } }),
      zone: `${project}/zones/${zone}`,
    }),
    oslogin: directory({ authenticate: directory({ sessions: directory({}) }) }),
    project: directory({
      attributes: directory({}),
      "numeric-project-id": { digits: String(numericProjectId) },
      "project-id": projectId,
    }),
    universe: directory({ "universe-domain": universeDomain }),
  });
}

// The account that the machine runs as, unless it is gone or disabled.
function accountOf({ accounts, machine }: Pick<MetadataWorld, "accounts" | "machine">): ServiceAccount | undefined {
  const { defaultAccount } = machine;
  const account = defaultAccount === undefined ? undefined : accounts.find(defaultAccount);
  return account?.disabled === true ? undefined : account;
}

/** What returns the tree under `/computeMetadata/v1/` as it is now. Built again when the account is another: all else stays. */
export function openMetadataTree(world: Pick<MetadataWorld, "accounts" | "machine">): () => AccountDirectory {
  let last: { readonly account: ServiceAccount | undefined; readonly tree: AccountDirectory } | undefined;
  return () => {
    const account = accountOf(world);
    if (last === undefined || last.account !== account) last = { account, tree: buildTree(world.machine, account) };
    return last.tree;
  };
}
