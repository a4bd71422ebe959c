// SPDX-License-Identifier: Apache-2.0
// Files that hold an access token as it is, for programs that read nothing else: written anew before the token ends. Decides no file's
// form.

import type { Clock } from "../../base/clock.js";
import type { MintedToken, Minter } from "./minter.js";

/** When less than this is left, the next token is written: programs keep what they have read for some minutes. */
const MARGIN_MS = 300_000;
/** How soon it is tried again when there was none. */
const RETRY_MS = 15_000;
/** No token is asked for more often, however short it lives. */
const LEAST_MS = 1_000;

/**
 * Keeps files written.
 *
 * @param write writes a token into the files
 * @returns stops it
 * @throws (the first time) what the token was refused with
 */
export async function keepWritten(minter: Minter, clock: Clock, write: (token: string) => void): Promise<() => void> {
  let cancel = (): void => undefined;
  let isStopped = false;
  const writeNext = async (token: Promise<MintedToken>): Promise<void> => {
    const { value, expiresAt } = await token;
    if (isStopped) return;
    write(value);
    const leftMs = expiresAt - clock.wallNow();
    // A token of an hour is renewed five minutes before its end, a short one in its last quarter.
    schedule(Math.max(LEAST_MS, leftMs - Math.min(MARGIN_MS, leftMs / 4)));
  };
  const schedule = (ms: number): void => {
    cancel = clock.schedule(
      ms,
      () => void writeNext(minter.renew()).catch(() => isStopped || schedule(RETRY_MS)),
      false,
    );
  };
  await writeNext(minter.accessToken(undefined));
  return () => {
    isStopped = true;
    cancel();
  };
}
