// SPDX-License-Identifier: Apache-2.0
// What a call needs from the client that makes it, resolved. Does not know how the client got it.

import type { Clock } from "../base/clock.js";
import type { TokenProvider } from "../base/token-provider.js";
import type { CallPlan } from "./call-options.js";
import type { Observation } from "./observation.js";
import type { Transport } from "./transport/transport.js";

/** What a client lends to each of its calls. */
export interface CallRuntime {
  readonly transport: Transport;
  /** Whether the transport closes with the client. */
  readonly ownsTransport: boolean;
  /** `undefined`: calls go out without authorization of ours. */
  readonly tokenProvider: TokenProvider | undefined;
  readonly quotaProjectId: string | undefined;
  /** Checks the universe of the credentials before their first token is sent; `undefined`: nothing to check. */
  readonly universeGuard: CredentialsGuard | undefined;
  /** Logging and telemetry of calls. */
  readonly observation: Observation;
  readonly clientTokens: readonly string[];
  readonly clientHeader: string;
  /** The plan of a method for a call without options. */
  planFor(row: { readonly timeoutMs: number; readonly retry: CallPlan["retry"] }): CallPlan;
  readonly clock: Clock;
}

/** Decides once whether the credentials may be asked for a token at all. */
export interface CredentialsGuard {
  /** Whether {@link check} has succeeded. */
  readonly hasPassed: boolean;
  /**
   * Checks the credentials.
   *
   * @throws CredentialsError if their tokens must not be sent
   */
  check(): void | Promise<void>;
}
