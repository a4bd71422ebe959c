// SPDX-License-Identifier: Apache-2.0
// A signal that aborts with either of two others. An AbortController costs more than all of our own work on a call, so one serves
// call after call until it has aborted. Knows no call.

import { forwardAbort } from "../../base/abort.js";

/** A signal on loan. */
interface JoinedSignal {
  readonly signal: AbortSignal;
  /** Gives it back: it then belongs to the next call, and no longer follows the two. */
  release(): void;
}

/** How many are kept for later calls: as many as a busy program has in flight at a time. */
const MAX_IDLE = 256;
const idle: AbortController[] = [];

/** A signal that aborts with the first of two to abort, and with its reason, until it is released. */
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
