// SPDX-License-Identifier: Apache-2.0
// Builds and takes apart the resource names of this service, exactly as Python's client does: no escaping, no checks, and
// (Python's `$`) one newline at the end of a path that is taken apart does not count.

import { parsePath } from "../client/common-resource-names.js";

/** `projects/{project}/serviceAccounts/{serviceAccount}`. The project may be `-`: the one that the account is in. */
export function serviceAccountPath(project: string, serviceAccount: string): string {
  return `projects/${project}/serviceAccounts/${serviceAccount}`;
}

/** `projects/{project}/serviceAccounts/{serviceAccount}/keys/{key}`. The project may be `-`. */
export function keyPath(project: string, serviceAccount: string, key: string): string {
  return `projects/${project}/serviceAccounts/${serviceAccount}/keys/${key}`;
}

/** The parts of a service-account path; `{}` for a path of another form. */
export function parseServiceAccountPath(path: string): { project?: string; serviceAccount?: string } {
  return parsePath(/^projects\/(?<project>[^\n]+?)\/serviceAccounts\/(?<serviceAccount>[^\n]+?)\n?$/, path);
}

/** The parts of a key's path; `{}` for a path of another form. */
export function parseKeyPath(path: string): { project?: string; serviceAccount?: string; key?: string } {
  return parsePath(
    /^projects\/(?<project>[^\n]+?)\/serviceAccounts\/(?<serviceAccount>[^\n]+?)\/keys\/(?<key>[^\n]+?)\n?$/,
    path,
  );
}
