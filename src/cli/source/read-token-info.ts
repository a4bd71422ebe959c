// SPDX-License-Identifier: Apache-2.0
// What Google, or the emulator, tells the holder about a token. The token goes in a body, never in a URL.

import type { Host } from "../host/host.js";
import { CommandError } from "../host/output.js";
import { emulatorHost } from "./emulator-host.js";
import { postForm } from "./post-form.js";

/** What tokeninfo says about a token, under its own names. */
export type TokenInfo = Readonly<Record<string, unknown>>;

/**
 * Asks what a token is.
 *
 * @returns undefined when it is not a token, or no longer valid
 * @throws CommandError when nobody answers
 */
export async function askTokenInfo(token: string, host: Host, signal: AbortSignal): Promise<TokenInfo | undefined> {
  const emulator = emulatorHost(host.variables);
  const url = emulator === undefined ? "https://oauth2.googleapis.com/tokeninfo" : `http://${emulator}/tokeninfo`;
  const field = /^eyJ[\w-]*\.[\w-]+\.[\w-]+$/.test(token) ? "id_token" : "access_token";
  try {
    const { isOk, document } = await postForm(url, { [field]: token }, signal);
    return isOk ? document : undefined;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw new CommandError(`${url} does not respond`, { cause: error });
  }
}
