// SPDX-License-Identifier: Apache-2.0
// Decides which texts name a service account or a member. Does not know whether what they name exists.

const accountName = /^projects\/-\/serviceAccounts\/([^/]+)$/;
// No more than tells an e-mail from anything else: one @, a dotted host, nothing that breaks a URL path or a header.
const email = /^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$/;
const uniqueId = /^[0-9]{1,30}$/;
const memberPrefixes = ["user:", "serviceAccount:"] as const;

/** Whether the text is shaped like an e-mail address. */
export function isEmail(text: string): boolean {
  return text.length <= 254 && email.test(text);
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
  return isEmail(identifier) || uniqueId.test(identifier) ? identifier : undefined;
}

/**
 * Whether the text is an IAM member that can call: `user:{email}` or `serviceAccount:{email}`. Groups, domains and
 * federated identities are not there yet.
 */
export function isMember(text: string): boolean {
  const prefix = memberPrefixes.find((candidate) => text.startsWith(candidate));
  return prefix !== undefined && isEmail(text.slice(prefix.length));
}
