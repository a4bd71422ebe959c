// SPDX-License-Identifier: Apache-2.0
// Builds and takes apart the resource names of this service, exactly as Python's client does: no escaping, no checks, and
// (Python's `$`) one newline at the end of a path that is taken apart does not count.

/** `projects/{project}/serviceAccounts/{serviceAccount}`. For calls the project must be `-`. */
export function serviceAccountPath(project: string, serviceAccount: string): string {
  return `projects/${project}/serviceAccounts/${serviceAccount}`;
}

/** `billingAccounts/{billingAccount}`. */
export function commonBillingAccountPath(billingAccount: string): string {
  return `billingAccounts/${billingAccount}`;
}

/** `folders/{folder}`. */
export function commonFolderPath(folder: string): string {
  return `folders/${folder}`;
}

/** `organizations/{organization}`. */
export function commonOrganizationPath(organization: string): string {
  return `organizations/${organization}`;
}

/** `projects/{project}`. */
export function commonProjectPath(project: string): string {
  return `projects/${project}`;
}

/** `projects/{project}/locations/{location}`. */
export function commonLocationPath(project: string, location: string): string {
  return `projects/${project}/locations/${location}`;
}

/** The parts of a service-account path; `{}` for a path of another form. */
export function parseServiceAccountPath(path: string): { project?: string; serviceAccount?: string } {
  return parse(/^projects\/(?<project>[^\n]+?)\/serviceAccounts\/(?<serviceAccount>[^\n]+?)\n?$/, path);
}

/** The parts of a billing-account path; `{}` for a path of another form. */
export function parseCommonBillingAccountPath(path: string): { billingAccount?: string } {
  return parse(/^billingAccounts\/(?<billingAccount>[^\n]+?)\n?$/, path);
}

/** The parts of a folder path; `{}` for a path of another form. */
export function parseCommonFolderPath(path: string): { folder?: string } {
  return parse(/^folders\/(?<folder>[^\n]+?)\n?$/, path);
}

/** The parts of an organization path; `{}` for a path of another form. */
export function parseCommonOrganizationPath(path: string): { organization?: string } {
  return parse(/^organizations\/(?<organization>[^\n]+?)\n?$/, path);
}

/** The parts of a project path; `{}` for a path of another form. What follows the project belongs to it, as in Python. */
export function parseCommonProjectPath(path: string): { project?: string } {
  return parse(/^projects\/(?<project>[^\n]+?)\n?$/, path);
}

/** The parts of a location path; `{}` for a path of another form. */
export function parseCommonLocationPath(path: string): { project?: string; location?: string } {
  return parse(/^projects\/(?<project>[^\n]+?)\/locations\/(?<location>[^\n]+?)\n?$/, path);
}

function parse(pattern: RegExp, path: string): Record<string, string> {
  return { ...pattern.exec(path)?.groups };
}
