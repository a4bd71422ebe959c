// SPDX-License-Identifier: Apache-2.0
// Waits until the grants of a chain are in effect: who looks, how often, how long. Grants nothing.

import { sleep } from "../../base/clock.js";
import { RpcError } from "../../base/errors.js";
import type { CallOptions } from "../../rpc/call-options.js";
import { Backoff } from "../../rpc/retry/backoff.js";
import { Deadline } from "../../rpc/retry/deadline.js";
import { DEFAULT_RETRY } from "../../rpc/retry/policy.js";
import type { ChainReport, CheckChainRequest } from "./chain-report.js";
import { ChainCheck, type ChainTools } from "./check-chain.js";
import type { ChainGrant } from "./hops.js";

/** How the wait ended. */
interface Effect {
  /** Whether somebody has seen that the grants are in effect. */
  readonly effect: "confirmed" | "unconfirmed";
  /** Why not; `undefined`: somebody has. */
  readonly why: string | undefined;
}

/** What governs the wait. */
interface WaitOptions {
  readonly request: CheckChainRequest & { readonly caller: string };
  readonly callerClient:
    | { checkChain(request: CheckChainRequest, options?: CallOptions): Promise<ChainReport> }
    | undefined;
  /** Milliseconds. */
  readonly timeoutMs: number;
  readonly callOptions: CallOptions;
  /** Called after each look. */
  onLook(report: ChainReport): void;
  /** Makes the error for when the time is up. */
  onTimeout(problem: string, cause: unknown): unknown;
}

/** A look at the chain; `undefined`: nobody can look. */
type Look = (options: CallOptions) => Promise<ChainReport>;

const SERVICE_ACCOUNT = /^serviceAccount:(.+@.+)$/;
/** A look costs a call or two per hop; a change takes seconds at the least. */
const LOOKS = Object.freeze({ ...DEFAULT_RETRY, initialDelay: 1_000, maxDelay: 10_000, multiplier: 1.5 });
/** How long one look may take. */
const LOOK_TIMEOUT_MS = 60_000;
/** Codes that another look may get past. */
const PASSING: readonly string[] = ["UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "UNAUTHENTICATED"];

/** Looks until the whole chain is granted. @throws what `onTimeout` makes; RpcError; the reason of the signal */
export async function waitUntilInEffect(
  tools: ChainTools,
  grants: readonly ChainGrant[],
  options: WaitOptions,
): Promise<Effect> {
  const { clock } = tools.context.runtime;
  const { callOptions } = options;
  const deadline = new Deadline(clock, options.timeoutMs);
  const signals = [callOptions.signal, tools.context.lifetime.closing];
  const look = chooseLook(tools, grants, options);
  if (look === undefined) return unconfirmed(`${options.request.caller} is not a service account; set callerClient`);
  const backoff = new Backoff(LOOKS, clock);
  let last: unknown;
  while (!deadline.isSpent()) {
    const timeout = Math.max(1, Math.min(callOptions.timeout ?? LOOK_TIMEOUT_MS, deadline.remaining()));
    try {
      const report = await look({ ...callOptions, timeout });
      options.onLook(report);
      if (report.isGranted) return { effect: "confirmed", why: undefined };
    } catch (error) {
      if (error instanceof MayNotAct) return unconfirmed(error.message);
      if (!(error instanceof RpcError && PASSING.includes(error.status))) throw error;
      last = error;
    }
    // The delays do not start from 0: there is nothing to spread, and a look too soon is wasted.
    const delay = LOOKS.initialDelay / 2 + backoff.next();
    await sleep(clock, Math.max(0, Math.min(delay, deadline.remaining())), signals);
  }
  throw options.onTimeout(`the grants were written, but were not in effect after ${options.timeoutMs} ms`, last);
}

function unconfirmed(why: string): Effect {
  return { effect: "unconfirmed", why };
}

/** This client may not act as the caller, so it cannot look. */
class MayNotAct extends Error {}

function chooseLook(tools: ChainTools, grants: readonly ChainGrant[], options: WaitOptions): Look | undefined {
  const { request, callerClient } = options;
  if (callerClient !== undefined) return (callOptions) => callerClient.checkChain(request, callOptions);
  if (request.caller === tools.self)
    return (callOptions) => new ChainCheck(tools, grants, undefined, callOptions).run();
  const email = SERVICE_ACCOUNT.exec(request.caller)?.[1];
  if (email === undefined) return undefined;
  return async (callOptions) => {
    let token: string;
    try {
      token = await tools.session.mint({ email, delegates: [] }, callOptions);
    } catch (error) {
      if (!(error instanceof RpcError) || PASSING.includes(error.status)) throw error;
      throw new MayNotAct(`this client cannot check as ${request.caller}: ${error.message}`);
    }
    return new ChainCheck(tools, grants, token, callOptions).run();
  };
}
