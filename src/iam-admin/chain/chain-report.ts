// SPDX-License-Identifier: Apache-2.0
// Questions about a chain, and the report on it hop by hop. Sends nothing.

import type { CauseId } from "../../base/causes/classify.js";
import { type ErrorExplanation, explainCause, explainError } from "../../base/causes/explain-error.js";
import type { RpcError } from "../../base/errors.js";
import { type ChainGrant, type ChainRequest, emailOf } from "./hops.js";

/** Asks whether a chain holds for the identity that the client calls as. */
export interface CheckChainRequest extends ChainRequest {
  /**
   * Who the client calls as, for the names in the report: `user:{email}`, `serviceAccount:{email}`, … A token does not tell. Default: the
   * account of the key or impersonation that the client was given as `credentials`; without one it is not named, and a command for the
   * first hop has `CALLER` in its place.
   */
  readonly caller?: string | undefined;
}

/** What was found about a hop. */
export type HopState =
  /** The permission is there, and so is the account. */
  | "granted"
  /** It is not. */
  | "missing"
  /** The policy gives it, and it is not in effect yet: granting it again does not help, waiting does. */
  | "notInEffect"
  /** The account does not exist. */
  | "absent"
  /** The account is disabled. */
  | "disabled"
  /** It could not be found out. */
  | "unknown";

/** How it was found. */
export type HopEvidence =
  /** testIamPermissions said so. */
  | "tested"
  /** A token or signature was asked for, and given or refused. */
  | "tried"
  /**
   * The account or its policy was read. The policy alone is behind `"granted"` and `"missing"` of a hop beyond one that does not hold: what
   * comes through groups or the project's policy is not in it.
   */
  | "read"
  /** It was not checked, because the chain is broken before it. */
  | "notReached";

/** One link of a chain. */
export interface ChainHop extends Omit<ChainGrant, "command"> {
  /** What was found. */
  readonly state: HopState;
  /** How. */
  readonly evidence: HopEvidence;
  /** Why nothing was found out; `undefined` for every other state than `"unknown"`, and for hops that were not reached. */
  readonly error: RpcError | undefined;
  /** What is wrong: a section of docs/troubleshooting.md; `undefined`: nothing, or nothing known. */
  readonly cause: CauseId | undefined;
  /** The gcloud commands that fix it; none for a hop that holds, or for one where only waiting helps. */
  readonly commands: readonly string[];
}

/** A chain, hop by hop. */
export interface ChainReport {
  /** Whether all of it is granted. */
  readonly isGranted: boolean;
  /** The hops, caller's side first. */
  readonly hops: readonly ChainHop[];
  /**
   * The grants that are known to be missing. Beyond the first hop that does not hold, others are known where the caller may act as
   * the account before them directly, or read the policy.
   */
  readonly missing: readonly ChainGrant[];
}

/** What was found about a hop, without its names. */
export type Finding = Pick<ChainHop, "state" | "evidence"> & Partial<Pick<ChainHop, "error">>;

/** The report of what was found, hop by hop. */
export function buildReport(grants: readonly ChainGrant[], findings: readonly Finding[]): ChainReport {
  const hops = grants.map((grant, index) => buildHop(grant, findings[index] ?? NOT_REACHED));
  const missing = grants.filter((_grant, index) => hops[index]?.state === "missing");
  return { isGranted: hops.every(({ state }) => state === "granted"), hops, missing };
}

/** For a hop that was not checked. */
export const NOT_REACHED: Finding = { state: "unknown", evidence: "notReached" };

function buildHop({ command, ...grant }: ChainGrant, finding: Finding): ChainHop {
  const why = explainHop(grant, finding);
  const commands = finding.state === "missing" ? [command] : (why?.commands ?? []);
  return { ...grant, error: undefined, ...finding, cause: why?.cause, commands };
}

const CAUSES: Readonly<Partial<Record<HopState, CauseId>>> = {
  notInEffect: "grant-not-in-effect",
  absent: "account-absent",
  disabled: "account-disabled",
};

function explainHop(grant: Omit<ChainGrant, "command">, { state, error }: Finding): ErrorExplanation | undefined {
  const { member, role, permission } = grant;
  const account = emailOf(grant);
  const situation = { account, caller: member, role, permission };
  if (state === "missing") {
    return explainCause(member === `serviceAccount:${account}` ? "self-grant-missing" : "role-missing", situation);
  }
  const cause = CAUSES[state];
  if (cause !== undefined) return explainCause(cause, situation);
  return error && explainError(error, { caller: member, target: account });
}
