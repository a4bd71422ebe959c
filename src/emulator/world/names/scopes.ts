// SPDX-License-Identifier: Apache-2.0
// Decides which OAuth scopes are well-formed and which ones open this API. Keeps no list of Google's products.

/** The scope that opens every Google Cloud API. */
export const CLOUD_PLATFORM_SCOPE = "https://www.googleapis.com/auth/cloud-platform";

/** The scopes a token may have, any one of them, to call this API. Source: its REST reference. */
export const apiScopes: readonly string[] = [CLOUD_PLATFORM_SCOPE, "https://www.googleapis.com/auth/iam"];

/** The scope for read-only methods. */
export const READ_ONLY_SCOPE = "https://www.googleapis.com/auth/cloud-platform.read-only";

/** The scopes a token may have, any one of them, to read projects, services and organization policies. */
export const readScopes: readonly string[] = [CLOUD_PLATFORM_SCOPE, READ_ONLY_SCOPE];

// Google's only scopes that are not URLs are the words of OpenID Connect.
const words = new Set(["openid", "email", "profile"]);
const googleHost = /(^|\.)(google|googleapis)\.com$/;
const visibleText = /^[\x21-\x2b\x2d-\x7e]+$/; // printable ASCII without space and comma (RFC 6749, section 3.3)

/**
 * Whether a text can be a scope of Google's: an OpenID Connect word or a URL under google.com or googleapis.com. That a
 * well-formed URL names a scope that exists is not checked.
 */
export function isScope(text: string): boolean {
  if (words.has(text)) return true;
  if (!visibleText.test(text) || !URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return (protocol === "https:" || protocol === "http:") && googleHost.test(hostname);
}
