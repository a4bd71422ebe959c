// SPDX-License-Identifier: Apache-2.0
// Builds and parses the resource names that every Google client has, exactly as Python's clients do: no escaping, no checks,
// and (Python's `$`) one newline at the end of a parsed path is ignored.

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

/** The parts of a billing-account path; `{}` for a path of another form. */
export function parseCommonBillingAccountPath(path: string): { billingAccount?: string } {
  return parsePath(/^billingAccounts\/(?<billingAccount>[^\n]+?)\n?$/, path);
}

/** The parts of a folder path; `{}` for a path of another form. */
export function parseCommonFolderPath(path: string): { folder?: string } {
  return parsePath(/^folders\/(?<folder>[^\n]+?)\n?$/, path);
}

/** The parts of an organization path; `{}` for a path of another form. */
export function parseCommonOrganizationPath(path: string): { organization?: string } {
  return parsePath(/^organizations\/(?<organization>[^\n]+?)\n?$/, path);
}

/** The parts of a project path; `{}` for a path of another form. What follows the project belongs to it, as in Python. */
export function parseCommonProjectPath(path: string): { project?: string } {
  return parsePath(/^projects\/(?<project>[^\n]+?)\n?$/, path);
}

/** The parts of a location path; `{}` for a path of another form. */
export function parseCommonLocationPath(path: string): { project?: string; location?: string } {
  return parsePath(/^projects\/(?<project>[^\n]+?)\/locations\/(?<location>[^\n]+?)\n?$/, path);
}

/** The named groups of a pattern in a path; `{}` for a path of another form. */
export function parsePath(pattern: RegExp, path: string): Record<string, string> {
  return { ...pattern.exec(path)?.groups };
}
