// SPDX-License-Identifier: Apache-2.0
// Finds out hop by hop whether a delegation chain holds: by calling testIamPermissions as the identity before the hop, by reading the
// account and its policy, and where the caller may do neither, by trying. Changes nothing.

import type { Policy } from "../../access-policy/policy-message.js";
import { RpcError } from "../../base/errors.js";
import { checkRequestFields } from "../../messages/field-checks.js";
import type { CallContext } from "../../rpc/call.js";
import { type CallOptions, resolveCallPlan } from "../../rpc/call-options.js";
import { normalizeMetadata } from "../../rpc/metadata.js";
import { Deadline } from "../../rpc/retry/deadline.js";
import { DEFAULT_RETRY } from "../../rpc/retry/policy.js";
import { buildReport, type ChainReport, type CheckChainRequest, type Finding, NOT_REACHED } from "./chain-report.js";
import type { CredentialsSession } from "./credentials-session.js";
import { buildChainGrants, type ChainGrant, type ChainPermission, DELEGATION, emailOf } from "./hops.js";
import { findGivenRole } from "./written-grant.js";

/** What the check needs from the client that it belongs to. */
interface TestCalls {
  testIamPermissions(
    request: { readonly resource: string; readonly permissions: readonly string[] },
    options: CallOptions,
  ): Promise<{ readonly permissions: readonly string[] }>;
  getServiceAccount(request: { readonly name: string }, options: CallOptions): Promise<{ readonly disabled: boolean }>;
  getIamPolicy(
    request: { readonly resource: string; readonly options: { readonly requestedPolicyVersion: 3 } },
    options: CallOptions,
  ): Promise<Policy>;
}

/** What a check works with. */
export interface ChainTools {
  readonly context: CallContext;
  readonly calls: TestCalls;
  readonly session: CredentialsSession;
  /** Who the client calls as, if that is known. */
  readonly self: string | undefined;
}

const FIELDS: readonly string[] = ["target", "delegates", "permission", "caller"];
const PLAN_OF_CHECK = Object.freeze({ timeoutMs: 60_000, retry: DEFAULT_RETRY });
/** Codes that say nothing about permissions: the check itself has failed. */
const BROKEN: readonly string[] = ["UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED"];

/** Checks a chain for the client's own identity. @throws RequestError; RpcError when nothing could be asked */
export async function checkChain(
  tools: ChainTools,
  request: CheckChainRequest,
  options: CallOptions | undefined,
): Promise<ChainReport> {
  checkRequestFields(request, "request", FIELDS);
  const grants = buildChainGrants(request, request.caller ?? tools.self);
  return new ChainCheck(tools, grants, undefined, options).run();
}

/** One run along a chain. */
export class ChainCheck {
  readonly #tools: ChainTools;
  readonly #grants: readonly ChainGrant[];
  readonly #base: string | undefined;
  readonly #options: CallOptions;
  readonly #deadline: Deadline;

  /** @param base a token of the caller; `undefined`: the client itself is the caller */
  constructor(
    tools: ChainTools,
    grants: readonly ChainGrant[],
    base: string | undefined,
    options: CallOptions | undefined,
  ) {
    const { runtime } = tools.context;
    this.#tools = tools;
    this.#grants = grants;
    this.#base = base;
    this.#options = options ?? {};
    this.#deadline = new Deadline(
      runtime.clock,
      resolveCallPlan(runtime.planFor(PLAN_OF_CHECK), this.#options).timeoutMs,
    );
  }

  /** Asks hop by hop, also beyond the first that does not hold, where that can be asked. @throws RpcError when nothing could be asked */
  async run(): Promise<ChainReport> {
    const findings: Finding[] = [];
    for (const [index, grant] of this.#grants.entries()) {
      const isReached = findings.every(({ state }) => state === "granted");
      // An account that does not exist has no grants, and can be given none.
      const isNobody = findings[index - 1]?.state === "absent";
      if (isReached) findings.push(await this.#check(index, grant));
      else findings.push(isNobody ? NOT_REACHED : await this.#judgeBeyond(index, grant));
    }
    return buildReport(this.#grants, findings);
  }

  async #check(index: number, grant: ChainGrant): Promise<Finding> {
    let actor: string | undefined;
    let isGranted: boolean;
    try {
      actor = await this.#tokenBefore(index);
      isGranted = await this.#test(grant, actor);
    } catch (error) {
      requireRefusal(error);
      return this.#try(index);
    }
    if (isGranted) return this.#judgeAccount(index, grant, actor);
    if (!(await this.#exists(index))) return { state: "absent", evidence: "tried" };
    const isWritten = (await this.#readGrant(grant)) === true;
    return isWritten ? { state: "notInEffect", evidence: "read" } : { state: "missing", evidence: "tested" };
  }

  async #test({ resource, permission }: ChainGrant, actor: string | undefined): Promise<boolean> {
    const request = { resource, permissions: [permission] };
    const { permissions } = await this.#tools.calls.testIamPermissions(request, this.#as(actor));
    return permissions.includes(permission);
  }

  /** What testIamPermissions does not know: whether the account is disabled. */
  async #judgeAccount(index: number, grant: ChainGrant, actor: string | undefined): Promise<Finding> {
    const isDisabled = await this.#isDisabled(grant, actor);
    if (isDisabled !== undefined) return { state: isDisabled ? "disabled" : "granted", evidence: "tested" };
    // A delegate that gives nothing shows at the hop after it.
    if (index < this.#grants.length - 1) return { state: "granted", evidence: "tested" };
    return this.#try(index);
  }

  /** Whether an account is disabled; `undefined`: the caller may not ask. */
  async #isDisabled({ resource }: ChainGrant, actor: string | undefined): Promise<boolean | undefined> {
    try {
      return (await this.#tools.calls.getServiceAccount({ name: resource }, this.#as(actor))).disabled;
    } catch (error) {
      requireRefusal(error);
      return undefined;
    }
  }

  /** Looks at a hop beyond one that does not hold: as the account before it, if the caller may act as that account directly. */
  async #judgeBeyond(index: number, grant: ChainGrant): Promise<Finding> {
    const before = this.#grants[index - 1];
    try {
      const email = before === undefined ? "" : emailOf(before);
      const actor = await this.#tools.session.mint({ email, delegates: [] }, this.#as(this.#base));
      if (await this.#test(grant, actor)) {
        return { state: (await this.#isDisabled(grant, actor)) === true ? "disabled" : "granted", evidence: "tested" };
      }
    } catch (error) {
      requireRefusal(error);
    }
    if ((await this.#isDisabled(grant, this.#base)) === true) return { state: "disabled", evidence: "read" };
    const isWritten = await this.#readGrant(grant);
    if (isWritten === undefined) return NOT_REACHED;
    return { state: isWritten ? "granted" : "missing", evidence: "read" };
  }

  /**
   * Whether the account's own policy gives what a hop needs, without a condition; `undefined`: it may not be read, or does not decide it.
   */
  async #readGrant({ resource, member, permission }: ChainGrant): Promise<boolean | undefined> {
    if (member === undefined) return undefined;
    try {
      const request = { resource, options: { requestedPolicyVersion: 3 } } as const;
      const policy = await this.#tools.calls.getIamPolicy(request, this.#as(this.#base));
      return findGivenRole(policy, member, permission) !== undefined;
    } catch (error) {
      requireRefusal(error);
      return undefined;
    }
  }

  /** A token of the account before a hop, which can ask for itself. The caller needs only its own. */
  async #tokenBefore(index: number): Promise<string | undefined> {
    return index === 0 ? this.#base : this.#tools.session.mint(this.#actor(index - 1), this.#as(this.#base));
  }

  /** Asks for what a chain up to here, or one account further, would give. */
  async #try(index: number): Promise<Finding> {
    const isLast = index === this.#grants.length - 1;
    // Delegation cannot be tried alone: it shows in the result for the next account. That permission may be missing; this one is there.
    const tried = isLast ? index : index + 1;
    const isEnd = tried === this.#grants.length - 1;
    const permission: ChainPermission = isEnd ? this.#lastPermission() : "iam.serviceAccounts.getAccessToken";
    try {
      await this.#tools.session.attempt(permission, this.#actor(tried), this.#as(this.#base));
      return { state: "granted", evidence: "tried" };
    } catch (error) {
      const refusal = requireRefusal(error);
      // The answer does not tell which account does not exist or is disabled.
      if (refusal.status === "NOT_FOUND" && !(await this.#exists(index))) return { state: "absent", evidence: "tried" };
      const grant = this.#grants[index];
      if (refusal.status === "FAILED_PRECONDITION" && grant && (await this.#isDisabled(grant, this.#base)) === true) {
        return { state: "disabled", evidence: "read" };
      }
      const found = isLast ? readRefusal(refusal, permission, undefined) : readRefusal(refusal, DELEGATION, permission);
      const isWritten = found.state === "missing" && grant && (await this.#readGrant(grant)) === true;
      return isWritten ? { state: "notInEffect", evidence: "read" } : found;
    }
  }

  /** Whether the account of a hop exists at all: testIamPermissions says nothing about one that does not. */
  async #exists(index: number): Promise<boolean> {
    try {
      await this.#tools.session.mint(this.#actor(index), this.#as(this.#base));
      return true;
    } catch (error) {
      return requireRefusal(error).status !== "NOT_FOUND";
    }
  }

  #lastPermission(): ChainPermission {
    return this.#grants.at(-1)?.permission as ChainPermission; // as: the end of a chain has what was asked for
  }

  #actor(index: number) {
    const [email = "", ...between] = this.#grants
      .slice(0, index + 1)
      .map(emailOf)
      .reverse();
    return { email, delegates: between.reverse() };
  }

  #as(token: string | undefined): CallOptions {
    // The published policy of testIamPermissions is not to retry; but this only reads, and may be repeated.
    const { retry = {}, metadata } = this.#options;
    const timeout = Math.max(1, Math.floor(this.#deadline.remaining()));
    if (token === undefined) return { ...this.#options, retry, timeout };
    const own = normalizeMetadata(metadata).filter(([key]) => key !== "authorization");
    return { ...this.#options, retry, timeout, metadata: [...own, ["authorization", `Bearer ${token}`]] };
  }
}

/** A refusal is an answer; anything else ends the check. */
function requireRefusal(error: unknown): RpcError {
  if (error instanceof RpcError && !BROKEN.includes(error.status)) return error;
  throw error;
}

/**
 * What a refused trial says about a hop.
 *
 * @param wanted the permission of the hop
 * @param further the one after it, whose lack shows that this one is there; `undefined`: there is none after it
 */
function readRefusal(refusal: RpcError, wanted: string, further: string | undefined): Finding {
  const evidence = "tried";
  const denied = refusal.status === "PERMISSION_DENIED" ? refusal.errorMetadata?.["permission"] : undefined;
  if (denied === wanted) return { state: "missing", evidence };
  if (denied !== undefined && denied === further) return { state: "granted", evidence };
  return { state: "unknown", evidence, error: refusal };
}
