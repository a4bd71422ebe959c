// SPDX-License-Identifier: Apache-2.0
// A signal that aborts with either of two. An AbortController costs more than all of our own work on a call, so it serves one call after
// another until it has aborted. Knows no call.

import { forwardAbort } from "../../base/abort.js";

/** A signal that is lent. */
interface JoinedSignal {
  readonly signal: AbortSignal;
  /** Gives it back: it belongs to the next call, and does not follow the two any more. */
  release(): void;
}

/** What is kept for later calls: as many as are in flight at a time in a busy program. */
const MAX_IDLE = 256;
const idle: AbortController[] = [];

/** A signal that aborts with whichever of two does first, and with its reason, until it is released. */
export function joinSignals(first: AbortSignal, second: AbortSignal): JoinedSignal {
  const controller = idle.pop() ?? new AbortController();
  const forgetFirst = forwardAbort(first, controller);
  const forgetSecond = forwardAbort(second, controller);
  let isLent = true;
  return {
    signal: controller.signal,
    release: () => {
      if (!isLent) return;
      isLent = false;
      forgetFirst();
      forgetSecond();
      if (!controller.signal.aborted && idle.length < MAX_IDLE) idle.push(controller);
    },
  };
}
