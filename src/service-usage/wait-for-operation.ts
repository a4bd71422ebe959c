// SPDX-License-Identifier: Apache-2.0
// Polls an operation until it has ended: how often, how long, and what its end means. Does not know what it does.

import { Status } from "../base/causes/status.js";
import { sleep } from "../base/clock.js";
import { type CallContext, performCall, rpcError, startCall } from "../rpc/call.js";
import { type CallOptions, resolveCallPlan } from "../rpc/call-options.js";
import { Backoff } from "../rpc/retry/backoff.js";
import { DEFAULT_RETRY } from "../rpc/retry/policy.js";
import { getOperation } from "./methods.js";
import type { Operation } from "./requests.js";

/** Enabling takes seconds; some services take minutes. */
const LOOKS = Object.freeze({ ...DEFAULT_RETRY, initialDelay: 1_000, maxDelay: 10_000, multiplier: 1.5 });
const PLAN_OF_WAIT = Object.freeze({ timeoutMs: 300_000, retry: DEFAULT_RETRY });

/** Waits for the end of an operation. @throws RpcError; the reason of the signal */
export async function waitForOperation(
  context: CallContext,
  begun: Operation,
  options: CallOptions | undefined,
): Promise<void> {
  const { clock } = context.runtime;
  const plan = resolveCallPlan(context.runtime.planFor(PLAN_OF_WAIT), options);
  const signals = [plan.signal, context.lifetime.closing];
  const call = startCall(context, { label: getOperation.label, plan, signals });
  const backoff = new Backoff(LOOKS, clock);
  let operation = begun;
  while (!operation.done) {
    // The delays do not start from 0: a look too soon is wasted.
    await sleep(clock, Math.min(LOOKS.initialDelay / 2 + backoff.next(), call.deadline.remaining()), signals);
    if (call.deadline.isSpent()) {
      throw rpcError(call, Status.DEADLINE_EXCEEDED, `${operation.name} did not finish within ${plan.timeoutMs} ms`);
    }
    const timeout = Math.max(1, Math.floor(call.deadline.remaining()));
    operation = await performCall(context, getOperation, { name: operation.name }, { ...options, timeout });
  }
  const { error } = operation;
  if (error !== undefined) throw rpcError(call, error.code, error.message);
}
