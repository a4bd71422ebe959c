// SPDX-License-Identifier: Apache-2.0
// Files with a bare access token, for programs that read nothing else: rewritten before the token expires. Decides no file's
// form.

import type { Clock } from "../../base/clock.js";
import type { MintedToken, Minter } from "./minter.js";

/** When less than this is left, the next token is written: programs keep what they have read for some minutes. */
const MARGIN_MS = 300_000;
/** How soon to retry when there was none. */
const RETRY_MS = 15_000;
/** No token is requested more often than this, however short-lived it is. */
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
    // A one-hour token is renewed five minutes before it expires, a shorter one in its last quarter.
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
