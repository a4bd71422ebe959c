// SPDX-License-Identifier: Apache-2.0
// Decides which machine the metadata server describes, and says by name what is wrong with the description. Does not know
// whether the accounts exist.

import { anyText, integer, listOf, mapOf, text } from "../../../base/options/checks.js";
import { declare, type GivenOf, optional, type SettledOf } from "../../../base/options/declaration.js";
import { digits, EMAIL, SCOPES } from "../names/name-checks.js";
import { projectOf } from "../names/project-ids.js";
import { CLOUD_PLATFORM_SCOPE } from "../names/scopes.js";
import type { EmulatorProject } from "../projects/project-options.js";

const NAME = text({ pattern: /^[a-z0-9-]{1,63}$/, expected: "lowercase letters, digits and hyphens" });

/** What the metadata server reports, in a seed. */
export const SEEDED_MACHINE = declare({
  unknown: "is not an option of the metadata server",
  fields: {
    /** The e-mail of the account named `default`. Default: the first of the emulator's service accounts. */
    defaultAccount: optional(EMAIL),
    /** The scopes of its tokens if a request names none. Default: cloud-platform. */
    scopes: optional(SCOPES, [CLOUD_PLATFORM_SCOPE]),
    /** The project's id. Default: the project of the default account, or `emulator-project`. */
    projectId: optional(text({ pattern: /^[a-z0-9.:-]{1,100}$/, expected: "a project ID" })),
    /** The project's number. Default: the one that the option `projects` gives it, or 123456789012. */
    numericProjectId: optional(integer(1), 123_456_789_012),
    /** The universe. Default: `googleapis.com`. */
    universeDomain: optional(text({ pattern: /^[a-z0-9-]+(\.[a-z0-9-]+)+$/, expected: "a domain" }), "googleapis.com"),
    /** The machine's name. Default: `emulator-instance`. */
    instanceName: optional(NAME, "emulator-instance"),
    /** The machine's id. Default: 4520031799277581759. */
    instanceId: optional(digits(20), "4520031799277581759"),
    /** The machine's zone. Default: `us-central1-a`. */
    zone: optional(NAME, "us-central1-a"),
    /** The machine's attributes, by key. Default: none. */
    attributes: optional(mapOf(/^[A-Za-z0-9_-]{1,128}$/, anyText), {}),
    /** The license ids of its disks, for ID tokens that request them. Default: none. */
    licenseIds: optional(listOf(digits(20)), []),
  },
});

/** What the metadata server reports. */
export const METADATA_SERVER = declare({
  unknown: SEEDED_MACHINE.unknown,
  fields: {
    ...SEEDED_MACHINE.fields,
    /**
     * A folder for the certificates of mutual TLS to this server. `root.crt` and `client.key`, certificate and key in one, are
     * written there, under the names that Google's agent gives them, and the server is also reached over HTTPS at
     * `emulator.metadataServerHost`, with the client's certificate. Default: none, and then over HTTP only.
     */
    mtlsDirectory: optional(text({ pattern: /./, expected: "a path" })),
  },
});

/** What the metadata server reports. */
export interface EmulatorMetadataServer extends GivenOf<typeof METADATA_SERVER.fields> {}

/** The description, checked; the default account and the project may be left open. */
type DescribedMachine = SettledOf<typeof METADATA_SERVER.fields>;

/** The description with all defaults filled in. */
export interface ResolvedMetadataServer extends DescribedMachine {
  /** The project's id. */
  readonly projectId: string;
}

/**
 * Settles what depends on accounts and projects.
 *
 * @param firstAccount the first of the emulator's service accounts; undefined when there is none
 * @param projects the projects whose numbers are given
 */
export function resolveMetadataServer(
  given: DescribedMachine,
  firstAccount: string | undefined,
  projects: readonly EmulatorProject[],
): ResolvedMetadataServer {
  const { defaultAccount = firstAccount, projectId = projectOf(defaultAccount ?? "") } = given;
  const number = projects.find(({ id }) => id === projectId)?.number;
  const numericProjectId = number === undefined ? given.numericProjectId : Number(number);
  return Object.freeze({ ...given, defaultAccount, projectId, numericProjectId });
}
