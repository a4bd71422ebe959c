// SPDX-License-Identifier: Apache-2.0
// Grants what acting as a service account takes, directly or along a chain of delegates, and waits until it is in effect. How it is taken
// back is in token-creator-grant.ts.

import { addToPolicy } from "../../access-policy/edit-policy.js";
import type { Policy } from "../../access-policy/policy-message.js";
import { ConfigurationError, RequestError, RpcError } from "../../base/errors.js";
import { tellListener } from "../../base/thenable.js";
import { checkRequestFields } from "../../messages/field-checks.js";
import type { CallOptions } from "../../rpc/call-options.js";
import type { ChainReport, CheckChainRequest } from "./chain-report.js";
import type { ChainTools } from "./check-chain.js";
import { buildChainGrants, type ChainGrant, type ChainRequest } from "./hops.js";
import { Grant, GrantError, isReasonOf, type RemoveBinding, type TokenCreatorGrant } from "./token-creator-grant.js";
import { waitUntilInEffect } from "./wait-until-in-effect.js";

/** Asks for everything that `caller` needs to act as `target`. */
export interface GrantTokenCreatorRequest extends ChainRequest {
  /** Who gets access: `user:{email}`, `serviceAccount:{email}`, `group:{email}`, … Required. */
  readonly caller: string;
}

/** Whatever can check a chain for the identity that it calls as; an IAMAsyncClient is one. */
export interface ChainChecker {
  /** Checks a chain hop by hop. */
  checkChain(request: CheckChainRequest, options?: CallOptions): Promise<ChainReport>;
}

/** How to grant, and how to wait. The call options apply to each policy that is written. */
export interface GrantTokenCreatorOptions extends CallOptions {
  /**
   * How long to wait until everything is in effect, in milliseconds; `false`: do not wait. Default: 420,000, because Google says that a
   * change of a policy usually takes two minutes, and sometimes seven or more.
   */
  readonly waitTimeout?: number | false | undefined;
  /**
   * A client that calls as `caller`, to check whether the grants are in effect; the same client when it grants something to its own
   * identity. Default: this client, if its `credentials` are a key or impersonation of `caller`; else it acts as `caller` for the check, if
   * `caller` is a service account and it may.
   */
  readonly callerClient?: ChainChecker | undefined;
  /**
   * Called after each grant, after one whose answer was lost, and after each check whether they are in effect. What it throws is ignored.
   * Default: not called.
   */
  readonly onProgress?: ((progress: GrantProgress) => void) | undefined;
}

/** How far a call of grantTokenCreator has come. */
export interface GrantProgress {
  /** `"granting"`: policies are being written; `"waiting"`: this client has checked whether they are in effect. */
  readonly stage: "granting" | "waiting";
  /** What was granted so far. It can be taken back even if the call is aborted. */
  readonly grant: TokenCreatorGrant;
  /** How long it has waited until now, in milliseconds. */
  readonly waitedMs: number;
  /** The last check; `undefined`: there was none yet. */
  readonly report: ChainReport | undefined;
}

/** What granting needs from the client. */
export interface GrantTools extends ChainTools {
  readonly calls: ChainTools["calls"] & {
    updatePolicy(resource: string, modify: (policy: Policy) => Policy, options: CallOptions): Promise<Policy>;
    removeBinding: RemoveBinding;
  };
}

const FIELDS: readonly string[] = ["caller", "target", "delegates", "permission"];
const DEFAULT_WAIT_MS = 420_000;
/** Codes of calls whose answer may have been lost, not the request. */
const UNSURE: readonly string[] = ["CANCELLED", "UNKNOWN", "DEADLINE_EXCEEDED", "INTERNAL", "UNAVAILABLE"];

/** Grants, hop by hop, and waits. @throws RequestError; RpcError; GrantError; the reason of the signal */
export async function grantTokenCreator(
  tools: GrantTools,
  request: GrantTokenCreatorRequest,
  options: GrantTokenCreatorOptions = {},
): Promise<TokenCreatorGrant> {
  const wanted = normalizeRequest(request);
  if (typeof options !== "object" || options === null) throw new ConfigurationError("options: must be an object");
  const { waitTimeout = DEFAULT_WAIT_MS, callerClient, onProgress, ...callOptions } = options;
  checkOptions(options);
  const grant = new Grant((...args) => tools.calls.removeBinding(...args));
  const tell = (progress: Partial<GrantProgress>): void => {
    tellListener(() => onProgress?.({ stage: "granting", grant, waitedMs: 0, report: undefined, ...progress }));
  };
  for (const hop of wanted) await grantHop({ tools, grant, options: callOptions, tell }, hop);
  if (waitTimeout === false) {
    grant.why = "waitTimeout is false";
    return grant;
  }
  const { clock } = tools.context.runtime;
  const startedAt = clock.now();
  const onLook = (report: ChainReport): void => tell({ stage: "waiting", waitedMs: clock.now() - startedAt, report });
  const onTimeout = (problem: string, cause: unknown): GrantError => grant.fail(problem, cause);
  try {
    const wait = { request, callerClient, timeoutMs: waitTimeout, callOptions, onLook, onTimeout };
    const { effect, why } = await waitUntilInEffect(tools, wanted, wait);
    grant.effect = effect;
    grant.why = why;
    return grant;
  } catch (error) {
    if (error instanceof GrantError || isReasonOf(callOptions.signal, error)) throw error;
    throw grant.fail("the grants were written, but it could not be checked whether they are in effect", error);
  }
}

interface Granting {
  readonly tools: GrantTools;
  readonly grant: Grant;
  readonly options: CallOptions;
  readonly tell: (progress: Partial<GrantProgress>) => void;
}

async function grantHop(
  { tools, grant, options, tell }: Granting,
  hop: ChainGrant & { readonly member: string },
): Promise<void> {
  const { resource, member, role } = hop;
  let isAdded = false;
  const modify = (policy: Policy): Policy => {
    const changed = addToPolicy(policy, { member, role });
    isAdded = changed !== policy;
    return changed;
  };
  try {
    await tools.calls.updatePolicy(resource, modify, options);
  } catch (error) {
    if (isAdded && mayBeWritten(error)) {
      grant.addUnsure({ ...hop, isAdded });
      tell({});
    }
    if (isReasonOf(options.signal, error) || !grant.hasPendingRemovals) throw error;
    const problem = `granted ${grant.hops.length} of the hops, but failed to grant ${role} to ${member} on ${resource}`;
    throw grant.fail(problem, error);
  }
  grant.add({ ...hop, isAdded });
  tell({});
}

/** Whether a change may have been made although the answer is an error: any error but a plain refusal by the service. */
function mayBeWritten(error: unknown): boolean {
  return !(error instanceof RpcError) || UNSURE.includes(error.status);
}

function normalizeRequest(request: GrantTokenCreatorRequest): (ChainGrant & { readonly member: string })[] {
  checkRequestFields(request, "request", FIELDS);
  const { caller } = request;
  if (caller === undefined) throw new RequestError("caller", "is missing; must be the member that will act as target");
  return buildChainGrants(request, caller).map((hop) => ({ ...hop, member: hop.member ?? caller }));
}

function checkOptions({ waitTimeout, callerClient, onProgress }: GrantTokenCreatorOptions): void {
  if (waitTimeout !== undefined && waitTimeout !== false && !(typeof waitTimeout === "number" && waitTimeout > 0)) {
    throw new ConfigurationError("waitTimeout: must be a positive number of milliseconds, or false");
  }
  if (callerClient !== undefined && typeof callerClient?.checkChain !== "function") {
    throw new ConfigurationError("callerClient: must be a client with checkChain, such as an IAMAsyncClient");
  }
  if (onProgress !== undefined && typeof onProgress !== "function") {
    throw new ConfigurationError("onProgress: must be a function");
  }
}
