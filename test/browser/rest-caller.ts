// SPDX-License-Identifier: Apache-2.0
// Calls the emulator over REST as a principal, as any client would. Looks at no page.

import type { Emulator } from "../../src/emulator/index.js";

const bodies = {
  generateAccessToken: { scope: ["https://www.googleapis.com/auth/cloud-platform"] },
  generateIdToken: { audience: "https://example.com" },
  signBlob: { payload: "aGVsbG8=" },
  signJwt: { payload: '{"sub":"hello"}' },
} as const;

/** The four ways to credentials. */
export type CredentialsVerb = keyof typeof bodies;

/** Makes a call. @returns the HTTP status */
export async function callAs(
  emulator: Emulator,
  member: string,
  verb: CredentialsVerb,
  account: string,
  delegates: readonly string[] = [],
): Promise<number> {
  const names = delegates.map((email) => `projects/-/serviceAccounts/${email}`);
  const response = await fetch(`${emulator.url}/v1/projects/-/serviceAccounts/${account}:${verb}`, {
    method: "POST",
    headers: { authorization: `Bearer ${await emulator.accessToken(member)}`, "content-type": "application/json" },
    body: JSON.stringify({ ...bodies[verb], ...(names.length === 0 ? {} : { delegates: names }) }),
  });
  await response.arrayBuffer();
  return response.status;
}
