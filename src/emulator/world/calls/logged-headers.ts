// SPDX-License-Identifier: Apache-2.0
// Decides which headers of a call the log keeps: those with which Google's clients describe the call, except any that is,
// or looks like, a secret. Knows no wire.

const kept = /^(x-goog-|x-allowed-locations$|grpc-previous-rpc-attempts$|x-server-timeout$)/;
const secretName = /key|token|auth|secret|cred|cookie|sign|-bin$/;
const secretValue = /ya29\.|1\/\/0|eyJ[\w-]|bearer|basic |-----BEGIN|AIza/i;
const MAX_LENGTH = 1024;

/**
 * The headers of a call that the log keeps.
 *
 * @param headers names in lower case; a header that came more than once has its values in order
 */
export function keepLoggedHeaders(
  headers: Iterable<readonly [string, string | readonly string[] | undefined]>,
): Readonly<Record<string, string>> {
  const told: Record<string, string> = {};
  for (const [name, value] of headers) {
    if (value === undefined || !kept.test(name) || secretName.test(name)) continue;
    const text = typeof value === "string" ? value : value.join(", ");
    told[name] = secretValue.test(text) ? "(withheld)" : text.slice(0, MAX_LENGTH);
  }
  return Object.freeze(told);
}
