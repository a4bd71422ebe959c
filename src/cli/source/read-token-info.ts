// SPDX-License-Identifier: Apache-2.0
// What Google, or the emulator, says of a token to whoever has it. The token goes in a body, never in a URL.

import type { Host } from "../host/host.js";
import { CommandError } from "../host/output.js";
import { emulatorHost } from "./emulator-host.js";

/** What is told of a token, by the names of the answer. */
export type TokenInfo = Readonly<Record<string, unknown>>;

/**
 * Asks what a token is.
 *
 * @returns undefined when it is none, or none any more
 * @throws CommandError when nobody answers
 */
export async function askTokenInfo(token: string, host: Host, signal: AbortSignal): Promise<TokenInfo | undefined> {
  const emulator = emulatorHost(host.variables);
  const url = emulator === undefined ? "https://oauth2.googleapis.com/tokeninfo" : `http://${emulator}/tokeninfo`;
  const field = /^eyJ[\w-]*\.[\w-]+\.[\w-]+$/.test(token) ? "id_token" : "access_token";
  let answer: Response;
  try {
    answer = await fetch(url, {
      method: "POST",
      body: new URLSearchParams({ [field]: token }),
      redirect: "error",
      signal,
    });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw new CommandError(`${url} does not answer`, { cause: error });
  }
  const document: unknown = await answer.json().catch(() => undefined);
  return answer.ok && typeof document === "object" && document !== null ? (document as TokenInfo) : undefined; // as: it is one
}
