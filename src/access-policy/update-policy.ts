// SPDX-License-Identifier: Apache-2.0
// Runs a read-modify-write of a policy until it gets through: which conflict starts it over, for how long, and what is kept of a policy.
// Does not know what is changed.

import { Status } from "../base/causes/status.js";
import { waitWithin } from "../base/clock.js";
import { RequestError } from "../base/errors.js";
import { beginAttempt, type CallContext, finalError, type OngoingCall, rpcError, startCall } from "../rpc/call.js";
import { type CallOptions, type CallPlan, resolveCallPlan } from "../rpc/call-options.js";
import { Deadline } from "../rpc/retry/deadline.js";
import { NO_RETRY, type RetryPolicy } from "../rpc/retry/policy.js";
import { runWithRetry } from "../rpc/retry/run-with-retry.js";
import { checkMember } from "./member.js";
import type { NewBinding, NewPolicy, Policy } from "./policy-message.js";

/** The two calls that it is made of. */
export interface PolicyCalls {
  getIamPolicy(
    request: { readonly resource: string; readonly options: { readonly requestedPolicyVersion: 3 } },
    options: CallOptions | undefined,
  ): Promise<Policy>;
  setIamPolicy(
    request: { readonly resource: string; readonly policy: NewPolicy; readonly updateMask?: readonly string[] },
    options: CallOptions | undefined,
  ): Promise<Policy>;
}

/**
 * Changes a policy: gets its own copy of it, as it stands at the service, and returns what it should become. It is called again, with a
 * newly read policy, whenever another writer was faster. The version and etag of what it returns are ignored.
 */
export type PolicyModifier = (policy: Policy) => NewPolicy | PromiseLike<NewPolicy>;

/** What an update works with. */
export interface PolicyTools {
  /** What its errors and reports call it: `IAM.SetIamPolicy`. */
  readonly label: string;
  /** The name of the resource, from any of its forms. Throws RequestError. */
  normalizeResource(resource: unknown, field: string): string;
  readonly context: CallContext;
  readonly calls: PolicyCalls;
}

/** A requested update. */
interface PolicyChange {
  /** The resource, in any of its forms. */
  readonly resource: string;
  readonly modify: PolicyModifier;
  readonly options: CallOptions | undefined;
}

/** How an update ended. */
interface PolicyUpdate {
  /** The policy as it stands now. */
  readonly policy: Policy;
  /** Whether it was written; `false`: it was as it should be. */
  readonly isWritten: boolean;
}

/** The one version that can hold conditions. A policy that was read as an older one would lose them. */
const CONDITIONAL_VERSION = 3;
/** What to add to the default mask of setIamPolicy when the logging of access was changed. */
const WHOLE_POLICY: readonly string[] = ["bindings", "etag", "version", "auditConfigs"];

/**
 * Delays after a conflict with another writer. The service asks for "exponential backoff". Somebody always gets through, so a crowd takes
 * as long as its reads and writes one after another, about half a minute for fifty writers far from the service; a bound of 3 s keeps the
 * last of them from sleeping through their turn.
 */
const CONFLICT_RETRY: RetryPolicy = Object.freeze({
  initialDelay: 100,
  maxDelay: 3_000,
  multiplier: 1.3,
  codes: Object.freeze(["ABORTED"] as const),
  maxAttempts: Number.POSITIVE_INFINITY,
  attemptTimeout: Number.POSITIVE_INFINITY,
});

/** What a client's `callDefaults` are laid over. */
const PLAN_OF_UPDATE = Object.freeze({ timeoutMs: 60_000, retry: CONFLICT_RETRY });

/**
 * Reads a policy, has it changed, and writes it; on a conflict with another writer, it does all of that again, starting with the read, so
 * that no etag is ever sent twice.
 *
 * @throws RequestError when what `modify` returns is not a policy; RpcError; the reason of the caller's signal; what `modify` throws
 */
export async function updatePolicy(tools: PolicyTools, change: PolicyChange): Promise<PolicyUpdate> {
  const { context, label } = tools;
  const resource = tools.normalizeResource(change.resource, "resource");
  const { modify, options } = change;
  if (typeof modify !== "function")
    throw new RequestError("modify", "must be a function that takes and returns a policy");
  const { clock } = context.runtime;
  const plan = resolveCallPlan(context.runtime.planFor(PLAN_OF_UPDATE), options);
  const call = startCall(context, { label, plan, signals: [plan.signal, context.lifetime.closing] });
  const { deadline, signals } = call;
  const policy = conflictPolicyOf(plan);
  try {
    return await runWithRetry({ policy, deadline, clock, signals }, (number, timeoutMs) => {
      beginAttempt(call, number);
      return attempt(tools, { ...change, resource }, call, new Deadline(clock, timeoutMs));
    });
  } catch (error) {
    throw finalError(call, error);
  }
}

/** The caller's retry policy, which says what else starts it over; a conflict always does, unless nothing may. */
function conflictPolicyOf({ retry }: CallPlan): RetryPolicy {
  if (retry === NO_RETRY || retry.codes.includes("ABORTED")) return retry;
  return { ...retry, codes: ["ABORTED", ...retry.codes] };
}

async function attempt(
  { calls }: PolicyTools,
  { resource, modify, options }: PolicyChange,
  call: OngoingCall,
  deadline: Deadline,
): Promise<PolicyUpdate> {
  // Each call is made once: only the whole is worth repeating.
  const step = (): CallOptions => ({
    ...options,
    retry: false,
    timeout: Math.max(1, Math.floor(deadline.remaining())),
  });
  const request = { resource, options: { requestedPolicyVersion: CONDITIONAL_VERSION } } as const;
  const read = await calls.getIamPolicy(request, step());
  const changed = await waitWithin(call.context.runtime.clock, Promise.resolve(modify(copyPolicy(read))), {
    timeoutMs: deadline.remaining(),
    onTimeout: () => rpcError(call, Status.DEADLINE_EXCEEDED, "modify did not finish in time"),
    signals: call.signals,
  });
  const bindings = requireBindings(changed, read);
  const auditConfigs = changed.auditConfigs ?? read.auditConfigs;
  const keepsLogging = isSame(auditConfigs, read.auditConfigs);
  if (keepsLogging && isSame(bindings, read.bindings)) return { policy: read, isWritten: false };
  // Whatever etag the caller's policy has, it is the one just read that must still hold.
  const policy = { version: CONDITIONAL_VERSION, bindings, auditConfigs, etag: read.etag };
  const written = { resource, policy, ...(keepsLogging ? {} : { updateMask: WHOLE_POLICY }) };
  return { policy: await calls.setIamPolicy(written, step()), isWritten: true };
}

function copyPolicy(policy: Policy): Policy {
  return {
    ...policy,
    bindings: policy.bindings.map((binding) => ({
      ...binding,
      members: [...binding.members],
      condition: binding.condition && { ...binding.condition },
    })),
    auditConfigs: policy.auditConfigs.map((config) => structuredClone(config)),
    etag: Buffer.from(policy.etag),
  };
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/**
 * The bindings that the caller made, without those that have no members. Members that came from the service are its own business; new ones
 * are checked.
 */
function requireBindings(policy: NewPolicy, read: Policy): readonly NewBinding[] {
  const bindings: unknown = typeof policy === "object" && policy !== null ? policy.bindings : undefined;
  if (!Array.isArray(bindings)) throw new RequestError("policy", "modify must return the policy, with its bindings");
  const known = new Set(read.bindings.flatMap(({ members }) => members));
  for (const [index, binding] of bindings.entries()) {
    const field = `policy.bindings[${index}]`;
    if (typeof binding !== "object" || binding === null || !Array.isArray(binding.members)) {
      throw new RequestError(field, "must be an object with a role and an array of members");
    }
    for (const [at, member] of binding.members.entries()) {
      if (!known.has(member)) checkMember(member, `${field}.members[${at}]`);
    }
  }
  return bindings.filter(({ members }) => members.length > 0);
}
