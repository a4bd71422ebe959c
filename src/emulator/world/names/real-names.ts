// SPDX-License-Identifier: Apache-2.0
// Knows the names and addresses under which Google's own services are found, and refuses them: no client may take the emulator
// for the real thing, or the real thing for the emulator.

// googleapis.com, accounts.google.com, metadata.google.internal and all below them; *.goog has the metadata server's other name
// and the endpoints of other universes.
const REAL_NAMES = /(^|\.)(googleapis\.com|google\.com|google\.internal|googleusercontent\.com|gcr\.io|goog)$/;
// The metadata server's addresses on every Google machine.
const REAL_ADDRESSES = ["169.254.169.254", "fd20:ce::254"];

/** Whether a host name or address is one of Google's own. */
function isRealName(name: string): boolean {
  const bare = name
    .toLowerCase()
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "");
  return REAL_NAMES.test(bare) || REAL_ADDRESSES.includes(bare);
}

/**
 * Refuses a name that is Google's.
 *
 * @param label its name in the error
 * @throws TypeError when it is
 */
export function refuseRealName(name: string, label: string): void {
  if (!isRealName(name)) return;
  throw new TypeError(`${label} must not be the name of a real Google endpoint: ${name}`);
}
