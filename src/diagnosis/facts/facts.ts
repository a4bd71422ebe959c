// SPDX-License-Identifier: Apache-2.0
// What is known in the course of a diagnosis: what was given, and what the steps have found out so far. Sends nothing itself.

import type { CauseId } from "../../base/causes/classify.js";
import { type ErrorExplanation, explainError } from "../../base/causes/explain-error.js";
import { RequestError } from "../../base/errors.js";
import { maskSecrets } from "../../base/secrets/secret-text.js";
import type { EndpointExplanation } from "../../client/endpoint/explain-endpoint.js";
import type { CredentialsExplanation } from "../../client/explain-credentials.js";
import type { ChainHop, ChainReport } from "../../iam-admin/chain/chain-report.js";
import type { ChainPermission } from "../../iam-admin/chain/hops.js";
import type { DiagnoseOptions } from "./diagnose-options.js";
import { fromExplanation, type StepFinding } from "./finding.js";

/** Codes that mean that nobody has answered. */
const UNANSWERED: readonly string[] = ["UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED"];

/** An error, and where it comes from. */
interface SourcedError {
  readonly error: unknown;
  readonly source: string;
}

/** What tokeninfo says about a token. */
export interface TokenFacts {
  readonly email: string | undefined;
  /** The OAuth client or the unique id that it was made for. */
  readonly clientId: string | undefined;
  readonly scopes: readonly string[];
}

/** The outcome of the call itself. */
export interface Trial {
  /** `undefined`: it worked. */
  readonly error: unknown;
}

/** The facts. Each is `undefined` until the step that finds it has run, or if it could not be found. */
export class Facts {
  readonly options: DiagnoseOptions;
  readonly permission: ChainPermission;
  endpoint: EndpointExplanation | undefined;
  credentials: CredentialsExplanation | undefined;
  /** Holds a secret: never part of a finding. */
  token: string | undefined;
  tokenFacts: TokenFacts | undefined;
  /** Who calls, as a member of policies. */
  caller: string | undefined;
  trial: Trial | undefined;
  chain: ChainReport | undefined;
  /** The last hop of the chain in which the account acts as itself. */
  selfHop: ChainHop | undefined;
  /** Whether a step has found what is wrong. */
  hasCause = false;
  /** Milliseconds spent waiting for a grant. */
  waitedMs = 0;

  constructor(options: DiagnoseOptions) {
    this.options = options;
    this.permission = options.permission ?? "iam.serviceAccounts.getAccessToken";
    this.caller = options.caller;
  }

  /** The e-mail address of the target; `undefined`: none was given. */
  get target(): string | undefined {
    const { target } = this.options;
    return target?.slice(target.lastIndexOf("/") + 1);
  }

  /** Whether this machine is not examined: nothing is to be sent, or an error was given, which may be another machine's. */
  get isMachineTaken(): boolean {
    return this.options.offline === true || this.options.error !== undefined;
  }

  /** Whether the service has answered the call, one way or another; `undefined`: nothing was sent. */
  get isAnswered(): boolean | undefined {
    if (this.trial === undefined || this.trial.error instanceof RequestError) return undefined;
    return !UNANSWERED.includes(String(Object(this.trial.error).status));
  }

  /** All hops that were looked at. */
  get hops(): readonly ChainHop[] {
    return [...(this.chain?.hops ?? []), ...(this.selfHop === undefined ? [] : [this.selfHop])];
  }

  /** The errors to read: that of the call itself, and the one that was given. */
  get errors(): readonly SourcedError[] {
    const { error } = this.options;
    return [
      ...(this.trial?.error === undefined ? [] : [{ error: this.trial.error, source: "the call itself" }]),
      ...(error === undefined ? [] : [{ error, source: "the given error" }]),
    ];
  }

  /** What an error means here. */
  explain(error: unknown): ErrorExplanation | undefined {
    return explainError(error, { caller: this.caller, target: this.target });
  }

  /** The first of some causes that an error shows. From an error that was given while everything works by now, it is only a suspicion. */
  findShown(causes: readonly CauseId[]): StepFinding | undefined {
    for (const { error, source } of this.errors) {
      const why = this.explain(error);
      if (why === undefined || !causes.includes(why.cause)) continue;
      const isPast = source !== "the call itself" && this.trial !== undefined && this.trial.error === undefined;
      const evidence = [`${source}: ${messageOf(error)}`, ...(isPast ? ["the same call works now"] : [])];
      return fromExplanation({ ...why, isCertain: why.isCertain && !isPast }, { source, evidence });
    }
    return undefined;
  }
}

/** The message of an error in one line, cut where it stops being one. */
export function messageOf(error: unknown): string {
  const text = typeof error === "string" ? error : error instanceof Error ? error.message : "";
  const line = text.split("\n").find((each) => /[a-z]{3}/i.test(each)) ?? "an error without a message";
  return maskSecrets(line.trim().slice(0, 300));
}
