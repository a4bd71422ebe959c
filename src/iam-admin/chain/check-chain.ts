// SPDX-License-Identifier: Apache-2.0
// Finds out hop by hop whether a delegation chain holds: by testIamPermissions in the name of whoever stands before the hop, and
// where that cannot be asked, by trying. Names what is missing. Changes nothing.

import { RpcError } from "../../base/errors.js";
import type { CallContext } from "../../rpc/call.js";
import { type CallOptions, resolveCallPlan } from "../../rpc/call-options.js";
import { normalizeMetadata } from "../../rpc/metadata.js";
import { Deadline } from "../../rpc/retry/deadline.js";
import { DEFAULT_RETRY } from "../../rpc/retry/policy.js";
import { requireFields } from "../request-checks.js";
import type { CredentialsSession } from "./credentials-session.js";
import {
  buildChainGrants,
  type ChainGrant,
  type ChainPermission,
  type ChainRequest,
  DELEGATION,
  emailOf,
} from "./hops.js";

/** Asks whether a chain holds for the identity that the client calls as. */
export interface CheckChainRequest extends ChainRequest {
  /**
   * Who the client calls as, for the names in the report: `user:{email}`, `serviceAccount:{email}`, … It cannot be asked of a token.
   * Default: the account of the key or impersonation that the client was given as `credentials`; without one it is not named, and a
   * command for the first hop has `CALLER` in its place.
   */
  readonly caller?: string | undefined;
}

/** What was found of a hop. */
export type HopState =
  /** The permission is there. */
  | "granted"
  /** It is not. */
  | "missing"
  /** The account does not exist. */
  | "absent"
  /** It could not be found out. */
  | "unknown";

/** How it was found. */
export type HopEvidence =
  /** testIamPermissions said so. */
  | "tested"
  /** A token or signature was asked for, and given or refused. */
  | "tried"
  /** Nobody was asked, because the chain is broken before it. */
  | "notReached";

/** One link of a chain. */
export interface ChainHop extends ChainGrant {
  /** What was found. */
  readonly state: HopState;
  /** How. */
  readonly evidence: HopEvidence;
  /** Why nothing was found out; `undefined` for every other state than `"unknown"`, and for hops that were not reached. */
  readonly error: RpcError | undefined;
}

/** A chain, hop by hop. */
export interface ChainReport {
  /** Whether all of it is granted. */
  readonly isGranted: boolean;
  /** The hops, caller's side first. */
  readonly hops: readonly ChainHop[];
  /** The grants that are known to be missing. Beyond the first of them nothing is known until it is there. */
  readonly missing: readonly ChainGrant[];
}

/** What the check asks of the client that it belongs to. */
export interface TestCalls {
  testIamPermissions(
    request: { readonly resource: string; readonly permissions: readonly string[] },
    options: CallOptions,
  ): Promise<{ readonly permissions: readonly string[] }>;
}

/** What a check works with. */
export interface ChainTools {
  readonly context: CallContext;
  readonly calls: TestCalls;
  readonly session: CredentialsSession;
  /** Who the client calls as, where that is known. */
  readonly self: string | undefined;
}

const FIELDS: readonly string[] = ["target", "delegates", "permission", "caller"];
const PLAN_OF_CHECK = Object.freeze({ timeoutMs: 60_000, retry: DEFAULT_RETRY });
/** What says nothing of permissions: the check itself has failed. */
const BROKEN: readonly string[] = ["UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED"];

/** Checks a chain for the client's own identity. @throws RequestError; RpcError when nothing could be asked */
export async function checkChain(
  tools: ChainTools,
  request: CheckChainRequest,
  options: CallOptions | undefined,
): Promise<ChainReport> {
  requireFields(request, "request", FIELDS);
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

  /** Asks hop by hop until one does not hold. @throws RpcError when nothing could be asked */
  async run(): Promise<ChainReport> {
    const hops: ChainHop[] = [];
    for (const [index, grant] of this.#grants.entries()) {
      const isReached = hops.every(({ state }) => state === "granted");
      const found = isReached ? await this.#check(index, grant) : NOT_REACHED;
      hops.push({ ...grant, error: undefined, ...found });
    }
    const missing = this.#grants.filter((_grant, index) => hops[index]?.state === "missing");
    return { isGranted: hops.every(({ state }) => state === "granted"), hops, missing };
  }

  async #check(index: number, grant: ChainGrant): Promise<Finding> {
    let permissions: readonly string[];
    try {
      const actor = await this.#tokenBefore(index);
      const { resource, permission } = grant;
      const tested = await this.#tools.calls.testIamPermissions(
        { resource, permissions: [permission] },
        this.#as(actor),
      );
      permissions = tested.permissions;
    } catch (error) {
      requireRefusal(error);
      return this.#try(index);
    }
    if (permissions.includes(grant.permission)) return { state: "granted", evidence: "tested" };
    const isThere = await this.#exists(index);
    return { state: isThere ? "missing" : "absent", evidence: isThere ? "tested" : "tried" };
  }

  /** A token of whoever stands before a hop, who can ask for itself. The caller needs none but its own. */
  async #tokenBefore(index: number): Promise<string | undefined> {
    return index === 0 ? this.#base : this.#tools.session.mint(this.#actor(index - 1), this.#as(this.#base));
  }

  /** Asks for what a chain up to here, or one account further, would give. */
  async #try(index: number): Promise<Finding> {
    const isLast = index === this.#grants.length - 1;
    // Nobody can try delegation alone: it shows in what comes of the next account. That permission may be missing; this one is there.
    const tried = isLast ? index : index + 1;
    const isEnd = tried === this.#grants.length - 1;
    const permission: ChainPermission = isEnd ? this.#lastPermission() : "iam.serviceAccounts.getAccessToken";
    try {
      await this.#tools.session.attempt(permission, this.#actor(tried), this.#as(this.#base));
      return { state: "granted", evidence: "tried" };
    } catch (error) {
      const refusal = requireRefusal(error);
      // Of which account it is said that it does not exist, the answer does not tell.
      if (refusal.status === "NOT_FOUND" && !(await this.#exists(index))) return { state: "absent", evidence: "tried" };
      return isLast ? readRefusal(refusal, permission, undefined) : readRefusal(refusal, DELEGATION, permission);
    }
  }

  /** Whether the account of a hop is there at all: testIamPermissions says nothing of one that is not. */
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
    // The published policy of testIamPermissions is to repeat nothing; this is a question, and may be asked again.
    const { retry = {}, metadata } = this.#options;
    const timeout = Math.max(1, Math.floor(this.#deadline.remaining()));
    if (token === undefined) return { ...this.#options, retry, timeout };
    const own = normalizeMetadata(metadata).filter(([key]) => key !== "authorization");
    return { ...this.#options, retry, timeout, metadata: [...own, ["authorization", `Bearer ${token}`]] };
  }
}

type Finding = Pick<ChainHop, "state" | "evidence"> & Partial<Pick<ChainHop, "error">>;

const NOT_REACHED: Finding = { state: "unknown", evidence: "notReached" };

/** A refusal is an answer; anything else ends the check. */
function requireRefusal(error: unknown): RpcError {
  if (error instanceof RpcError && !BROKEN.includes(error.status)) return error;
  throw error;
}

/**
 * What a refused trial says of a hop.
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
