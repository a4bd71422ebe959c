// SPDX-License-Identifier: Apache-2.0
// Builds and takes apart the resource names of this service, exactly as Python's client does: no escaping, no checks, and
// (Python's `$`) one newline at the end of a path that is taken apart does not count.

import { parsePath } from "../client/common-resource-names.js";

/** `projects/{project}/serviceAccounts/{serviceAccount}`. For calls the project must be `-`. */
export function serviceAccountPath(project: string, serviceAccount: string): string {
  return `projects/${project}/serviceAccounts/${serviceAccount}`;
}

/** The parts of a service-account path; `{}` for a path of another form. */
export function parseServiceAccountPath(path: string): { project?: string; serviceAccount?: string } {
  return parsePath(/^projects\/(?<project>[^\n]+?)\/serviceAccounts\/(?<serviceAccount>[^\n]+?)\n?$/, path);
}
