// SPDX-License-Identifier: Apache-2.0
// Decides which texts name a service account or a member. Does not know whether what they name exists.

const accountName = /^projects\/-\/serviceAccounts\/([^/]+)$/;
// No more than tells an e-mail from anything else: one @, a dotted host, nothing that breaks a URL path or a header.
const email = /^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$/;
const uniqueId = /^[0-9]{1,30}$/;
const customRoleName = /^(projects\/[a-z0-9.:-]{1,100}|organizations\/[0-9]{1,30})\/roles\/[A-Za-z0-9_.]{3,64}$/;
// An identity of a workload identity pool, as it calls.
const federated = /^principal:\/\/[A-Za-z0-9.-]+\/[\x21-\x7e]{1,1024}$/;
const memberPrefixes = ["user:", "serviceAccount:"] as const;

/** Whether the text is shaped like an e-mail address. */
export function isEmail(text: string): boolean {
  return text.length <= 254 && email.test(text);
}

/** Whether the text is shaped like an e-mail address or a unique id. */
export function isAccountIdentifier(text: string): boolean {
  return isEmail(text) || uniqueId.test(text);
}

/**
 * Reads the e-mail or unique id out of a resource name as the service takes it.
 *
 * @param name `projects/-/serviceAccounts/{email or unique id}`
 * @returns the last segment, or undefined when the name is malformed or has a project id in place of `-`, which the
 * service's documentation calls invalid
 */
export function parseAccountName(name: string): string | undefined {
  const identifier = accountName.exec(name)?.[1];
  if (identifier === undefined) return undefined;
  return isAccountIdentifier(identifier) ? identifier : undefined;
}

/** Whether the text is shaped like the name of a custom role: `projects/{project}/roles/{id}`, or of an organization. */
export function isCustomRoleName(text: unknown): text is string {
  return typeof text === "string" && customRoleName.test(text);
}

/** Whether the text is an IAM member that can call: `user:{email}`, `serviceAccount:{email}` or `principal://{identity}`. */
export function isMember(text: string): boolean {
  const prefix = memberPrefixes.find((candidate) => text.startsWith(candidate));
  return prefix === undefined ? federated.test(text) : isEmail(text.slice(prefix.length));
}
