// SPDX-License-Identifier: Apache-2.0
// Reports calls to a logger and OpenTelemetry: their start, attempts, renewed tokens and end. Never a token, key,
// payload or metadata.

import { RpcError } from "../base/errors.js";
import type { Logger } from "../base/logging.js";
import type { CallTelemetry, Outcome, Telemetry } from "../base/telemetry.js";
import { isThenable } from "../base/thenable.js";
import type { RequestMetadata } from "../base/token-provider.js";
import type { AttemptReport } from "./call-options.js";

const OK: Outcome = { status: "OK", errorType: undefined, message: undefined };

/** Watches the calls of one client. */
export class Observation {
  readonly #logger: Logger | undefined;
  readonly #telemetry: Telemetry;
  #lastAuthorization: string | undefined;

  constructor(logger: Logger | undefined, telemetry: Telemetry) {
    this.#logger = logger;
    this.#telemetry = telemetry;
  }

  /** Begins to watch a call. `undefined`: nobody listens. */
  startCall(row: { readonly label: string; readonly path: string }): CallObservation | undefined {
    const telemetry = this.#telemetry.startCall(row.path);
    if (telemetry === undefined && this.#logger === undefined) return undefined;
    return new CallObservation(row.label, this.#logger, telemetry, (metadata) => this.#isRenewed(metadata));
  }

  /** Whether the token differs from the last one seen, and so has been fetched or signed since. */
  #isRenewed({ authorization }: RequestMetadata): boolean {
    const isRenewed = authorization !== undefined && authorization !== this.#lastAuthorization;
    this.#lastAuthorization = authorization;
    return isRenewed;
  }
}

/** Watches one call. */
export class CallObservation {
  readonly #method: string;
  readonly #logger: Logger | undefined;
  readonly #telemetry: CallTelemetry | undefined;
  readonly #isRenewed: (metadata: RequestMetadata) => boolean;

  constructor(
    method: string,
    logger: Logger | undefined,
    telemetry: CallTelemetry | undefined,
    isRenewed: (metadata: RequestMetadata) => boolean,
  ) {
    this.#method = method;
    this.#logger = logger;
    this.#telemetry = telemetry;
    this.#isRenewed = isRenewed;
  }

  /** Records an attempt that has ended. */
  addAttempt({ attempt, durationMs, error, nextDelayMs }: AttemptReport): void {
    const outcome = error === undefined ? OK : outcomeOf(error);
    this.#telemetry?.addAttempt(attempt, durationMs, outcome, nextDelayMs);
    if (this.#logger === undefined) return;
    const { status, message } = outcome;
    const fields = { rpcName: this.#method, attempt, durationMs: Math.round(durationMs), status, error: message };
    if (nextDelayMs === undefined) this.#logger.debug("attempt ended", fields);
    else this.#logger.warn("attempt failed, will retry", { ...fields, nextDelayMs: Math.round(nextDelayMs) });
  }

  /** Asks the credentials, and records it if the result is a new token or an error. */
  askCredentials(
    ask: () => RequestMetadata | PromiseLike<RequestMetadata>,
  ): RequestMetadata | PromiseLike<RequestMetadata> {
    const watched = this.#telemetry?.runAsToken(() => attempt(ask)) ?? { result: attempt(ask), end: () => undefined };
    const { result, end } = watched;
    const succeed = (metadata: RequestMetadata): RequestMetadata => {
      // Rejecting anything that is not metadata is up to other code.
      if (typeof metadata === "object" && metadata !== null && this.#isRenewed(metadata)) {
        end({ ...OK, status: undefined });
        this.#logger?.debug("new token", { rpcName: this.#method });
      }
      return metadata;
    };
    const fail = (error: unknown): never => {
      end(outcomeOf(error));
      this.#logger?.error("the credentials did not return a token", {
        rpcName: this.#method,
        error: outcomeOf(error).message,
      });
      throw error;
    };
    if ("error" in result) return fail(result.error);
    return isThenable(result.value) ? result.value.then(succeed, fail) : succeed(result.value);
  }

  /** Records the end of the call. @param error `undefined`: it succeeded */
  end(durationMs: number, error: unknown): void {
    const outcome = error === undefined ? OK : outcomeOf(error);
    this.#telemetry?.end(durationMs, outcome);
    const { status, message } = outcome;
    const fields = { rpcName: this.#method, durationMs: Math.round(durationMs), status, error: message };
    if (error === undefined) this.#logger?.debug("call succeeded", fields);
    else this.#logger?.error("call failed", fields);
  }
}

function attempt<T>(run: () => T): { readonly value: T } | { readonly error: unknown } {
  try {
    return { value: run() };
  } catch (error) {
    return { error };
  }
}

/** Keeps the message only if the text is ours or the service's: others could hold anything. */
function outcomeOf(error: unknown): Outcome {
  if (error instanceof RpcError) return { status: error.status, errorType: error.status, message: error.message };
  // Not instanceof: an AbortError may come from another realm.
  const given: unknown = typeof error === "object" && error !== null && "name" in error ? error.name : undefined;
  const name = typeof given === "string" ? given : "unknown";
  return { status: undefined, errorType: name, message: name };
}
