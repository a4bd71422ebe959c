// SPDX-License-Identifier: Apache-2.0
// Decides which texts are project ids, and how an account's e-mail and its project's id follow from each other. Every
// well-formed project exists.

const DEFAULT_PROJECT = "emulator-project"; // for an e-mail that names none
/** A project's id: six to thirty characters, under a domain or not. */
export const projectId = /^(?:[a-z0-9][a-z0-9.-]*\.[a-z]{2,}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/;

/** Whether the text is shaped like a project id. */
export function isProjectId(text: string): boolean {
  return text.length <= 100 && projectId.test(text);
}

/** Whether the text is shaped like a project's id or number. */
export function isProjectReference(text: string): boolean {
  return isProjectId(text) || /^[0-9]{1,20}$/.test(text);
}

/** The project that an account's e-mail names; `emulator-project` when it names none. */
export function projectOf(email: string): string {
  const host = email.slice(email.indexOf("@") + 1);
  const [project, domain] = /^([^.]+)(?:\.(.+))?\.iam\.gserviceaccount\.com$/.exec(host)?.slice(1) ?? [];
  if (project === undefined) return DEFAULT_PROJECT;
  return domain === undefined ? project : `${domain}:${project}`; // a project under a domain
}

/** The e-mail of an account that is created in a project. */
export function emailOf(accountId: string, project: string): string {
  const [last = "", domain] = project.split(":").reverse();
  return `${accountId}@${domain === undefined ? last : `${last}.${domain}`}.iam.gserviceaccount.com`;
}
