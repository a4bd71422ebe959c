// SPDX-License-Identifier: Apache-2.0
// Whether the key of a key file is one of its account's: its id must be among the public keys that Google publishes for the account. Judges
// nothing.

import { parseJsonObject } from "../../base/http/http-message.js";
import type { Facts } from "./facts.js";
import type { Means } from "./means.js";

/** The id of the key that signed a JWT; `undefined`: it is not one, or names no key. */
function keyIdOf(token: string): string | undefined {
  const header = /^([\w-]+)\.[\w-]+\.[\w-]+$/.exec(token)?.[1];
  const kid = header === undefined ? undefined : parseJsonObject(Buffer.from(header, "base64url").toString())?.["kid"];
  return typeof kid === "string" ? kid : undefined;
}

/**
 * Looks for the key that signed the token among those of the account.
 *
 * @returns `undefined`: the token is not a JWT of an account, or it could not be found out
 */
export async function isKeyPublished(facts: Facts, means: Means): Promise<boolean | undefined> {
  const { type, account } = facts.credentials?.taken ?? {};
  const keyId = keyIdOf(facts.token ?? "");
  if (type !== "service_account" || account === undefined || keyId === undefined) return undefined;
  try {
    const answer = await means.http({ url: `${means.urls.publicKeys}/${encodeURIComponent(account)}` });
    if (answer.status === 404) return false;
    const keys = answer.status === 200 ? parseJsonObject(answer.text) : undefined;
    return keys && Object.hasOwn(keys, keyId);
  } catch {
    facts.options.signal?.throwIfAborted();
    return undefined;
  }
}
