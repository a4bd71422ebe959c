// SPDX-License-Identifier: Apache-2.0
// Decides which machine the metadata server describes, and says by name what is wrong with the description. Does not know
// whether the accounts exist.

import { isEmail } from "../names/account-names.js";
import { projectOf } from "../names/project-ids.js";
import { CLOUD_PLATFORM_SCOPE, isScope } from "../names/scopes.js";

/** What the metadata server tells. */
export interface EmulatorMetadataServer {
  /** The e-mail of the account that is called `default`. Default: the first of the emulator's service accounts. */
  readonly defaultAccount?: string;
  /** The scopes that its tokens have when none are asked for. Default: cloud-platform. */
  readonly scopes?: readonly string[];
  /** The project's id. Default: the project of the default account, or `emulator-project`. */
  readonly projectId?: string;
  /** The project's number. Default: 123456789012. */
  readonly numericProjectId?: number;
  /** The universe. Default: `googleapis.com`. */
  readonly universeDomain?: string;
  /** The machine's name. Default: `emulator-instance`. */
  readonly instanceName?: string;
  /** The machine's id. Default: 4520031799277581759. */
  readonly instanceId?: string;
  /** The machine's zone. Default: `us-central1-a`. */
  readonly zone?: string;
  /** The machine's own attributes, each key with its text. Default: none. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** The ids of the licenses of its disks, for ID tokens that ask for them. Default: none. */
  readonly licenseIds?: readonly string[];
  /**
   * A folder for the certificates of mutual TLS to this server. `root.crt` and `client.key`, certificate and key in one, are
   * written there, under the names that Google's agent gives them, and the server can be had over HTTPS at
   * `emulator.metadataServerHost` too, with the client's certificate. Default: none, and then over HTTP only.
   */
  readonly mtlsDirectory?: string;
}

/** The description with nothing left open. */
export interface ResolvedMetadataServer
  extends Required<Omit<EmulatorMetadataServer, "defaultAccount" | "mtlsDirectory">> {
  /** The default account; undefined: the machine has none. */
  readonly defaultAccount: string | undefined;
  /** Where the certificates go; undefined: no mutual TLS. */
  readonly mtlsDirectory: string | undefined;
}

const patterns = {
  projectId: /^[a-z0-9.:-]{1,100}$/,
  universeDomain: /^[a-z0-9-]+(\.[a-z0-9-]+)+$/,
  instanceName: /^[a-z0-9-]{1,63}$/,
  instanceId: /^[0-9]{1,20}$/,
  zone: /^[a-z0-9-]{1,63}$/,
} as const;

function requireTexts(given: EmulatorMetadataServer, label: string): void {
  for (const [field, pattern] of Object.entries(patterns)) {
    const value: unknown = given[field as keyof typeof patterns]; // its own keys
    if (value === undefined || (typeof value === "string" && pattern.test(value))) continue;
    throw new TypeError(`${label}.${field} must match ${pattern.source}, not ${JSON.stringify(value)}`);
  }
}

function requireLists(given: EmulatorMetadataServer, label: string): void {
  const { scopes = [], licenseIds = [], attributes = {} } = given;
  if (!Array.isArray(scopes) || !scopes.every((scope) => typeof scope === "string" && isScope(scope))) {
    throw new TypeError(`${label}.scopes must be an array of scopes`);
  }
  if (!Array.isArray(licenseIds) || !licenseIds.every((id) => typeof id === "string" && /^[0-9]{1,20}$/.test(id))) {
    throw new TypeError(`${label}.licenseIds must be an array of digits`);
  }
  for (const [key, value] of Object.entries(attributes)) {
    if (/^[A-Za-z0-9_-]{1,128}$/.test(key) && typeof value === "string") continue;
    throw new TypeError(`${label}.attributes must map letters, digits, _ and - to strings: ${JSON.stringify(key)}`);
  }
}

/**
 * Settles the description.
 *
 * @param firstAccount the first of the emulator's service accounts; undefined when there is none
 * @param label what the errors call it
 * @throws TypeError naming the field that is wrong or unknown
 */
export function resolveMetadataServer(
  given: EmulatorMetadataServer,
  firstAccount: string | undefined,
  label: string,
): ResolvedMetadataServer {
  if (typeof given !== "object" || given === null) throw new TypeError(`${label} must be an object`);
  const { defaultAccount = firstAccount, numericProjectId = 123_456_789_012, mtlsDirectory } = given;
  if (defaultAccount !== undefined && !(typeof defaultAccount === "string" && isEmail(defaultAccount))) {
    throw new TypeError(`${label}.defaultAccount must be an e-mail address, not ${JSON.stringify(defaultAccount)}`);
  }
  if (!Number.isSafeInteger(numericProjectId) || numericProjectId <= 0) {
    throw new TypeError(
      `${label}.numericProjectId must be a positive integer, not ${JSON.stringify(numericProjectId)}`,
    );
  }
  if (mtlsDirectory !== undefined && (typeof mtlsDirectory !== "string" || mtlsDirectory === "")) {
    throw new TypeError(`${label}.mtlsDirectory must be a path, not ${JSON.stringify(mtlsDirectory)}`);
  }
  requireTexts(given, label);
  requireLists(given, label);
  const settled: ResolvedMetadataServer = {
    defaultAccount,
    numericProjectId,
    mtlsDirectory,
    scopes: [...(given.scopes ?? [CLOUD_PLATFORM_SCOPE])],
    projectId: given.projectId ?? projectOf(defaultAccount ?? ""),
    universeDomain: given.universeDomain ?? "googleapis.com",
    instanceName: given.instanceName ?? "emulator-instance",
    instanceId: given.instanceId ?? "4520031799277581759",
    zone: given.zone ?? "us-central1-a",
    attributes: { ...given.attributes },
    licenseIds: [...(given.licenseIds ?? [])],
  };
  const unknown = Object.keys(given).find((key) => !Object.hasOwn(settled, key));
  if (unknown !== undefined) throw new TypeError(`${label}.${unknown} is no option of the metadata server`);
  return Object.freeze(settled);
}
