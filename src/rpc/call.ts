// SPDX-License-Identifier: Apache-2.0
// The whole course of a unary call, from top to bottom: check, plan, attempt, token, metadata, transport, and back.

import { Status } from "../base/causes/status.js";
import { waitWithin } from "../base/clock.js";
import { CredentialsError, IAMCredentialsError, RpcError, recordAttempts } from "../base/errors.js";
import { causeWithoutSecrets } from "../base/secrets/foreign-error.js";
import { isThenable, tellListener } from "../base/thenable.js";
import type { RequestMetadata, TokenProvider, TokenRequest } from "../base/token-provider.js";
import { type CallOptions, type CallPlan, resolveCallPlan } from "./call-options.js";
import type { CallRuntime } from "./call-runtime.js";
import type { ClientLifetime } from "./lifetime.js";
import {
  authorizationProblem,
  buildMetadata,
  formatRoutingHeader,
  hasOwnAuthorization,
  isAuthorizationAlone,
} from "./metadata.js";
import { IncompleteReply } from "./method/incomplete-reply.js";
import type { MethodRow } from "./method/method.js";
import type { CallObservation } from "./observation.js";
import { Deadline, SHORTEST_TIME_MS } from "./retry/deadline.js";
import { DeadlineSpent, runWithRetry } from "./retry/run-with-retry.js";
import { joinSignals } from "./transport/joined-signal.js";
import type { MetadataPairs, UnaryCall } from "./transport/transport.js";

/** What a client lends to its calls. */
export interface CallContext {
  readonly runtime: CallRuntime;
  readonly lifetime: ClientLifetime;
}

/** A call between its first attempt and its end. */
export interface OngoingCall {
  readonly context: CallContext;
  readonly label: string;
  readonly plan: CallPlan;
  readonly deadline: Deadline;
  readonly signals: readonly (AbortSignal | undefined)[];
  /** Logging and telemetry of this call; `undefined`: none. */
  readonly observation: CallObservation | undefined;
  /** How many attempts have begun. */
  attempts: number;
  /** When the last of them began, in milliseconds from the start of the call. */
  attemptAt: number;
}

/** A call before its first attempt. */
type CallStart = Pick<OngoingCall, "label" | "plan" | "signals"> & Partial<Pick<OngoingCall, "observation">>;

/** Starts a call: its time starts now. */
export function startCall(context: CallContext, { label, plan, signals, observation }: CallStart): OngoingCall {
  const deadline = new Deadline(context.runtime.clock, plan.timeoutMs);
  return { context, label, plan, deadline, signals, observation, attempts: 0, attemptAt: 0 };
}

/** Records the start of an attempt, counted from 1. */
export function beginAttempt(call: OngoingCall, number: number): void {
  call.attempts = number;
  // Only observers need the time.
  if (isWatched(call)) call.attemptAt = call.deadline.elapsed();
}

/** Why a call failed if its credentials took all of its time. */
export const NO_TOKEN_IN_TIME = "the credentials did not return a token in time";

/**
 * Makes one call of a method.
 *
 * @throws RequestError or ConfigurationError before anything is sent; CredentialsError, RpcError or ClientClosedError; the
 *   reason of the caller's signal
 */
export function performCall<Request, Message, Reply, Response>(
  context: CallContext,
  row: MethodRow<Request, Message, Reply, Response>,
  request: Request,
  options: CallOptions | undefined,
): Promise<Response> {
  let message: Message;
  let plan: CallPlan;
  // Not async: wrapping a promise in a promise is a tenth of a call's cost.
  try {
    message = row.normalize(request);
    plan = resolveCallPlan(context.runtime.planFor(row), options);
  } catch (error) {
    return Promise.reject(error);
  }
  return performPlannedCall(context, row, message, plan);
}

/**
 * Makes one call of a method whose request and options are already resolved.
 *
 * @throws CredentialsError, RpcError or ClientClosedError; the reason of the signal
 */
export async function performPlannedCall<Message, Reply, Response>(
  context: CallContext,
  row: MethodRow<never, Message, Reply, Response>,
  message: Message,
  plan: CallPlan,
): Promise<Response> {
  const call = beginCall(context, row, plan);
  // Few variables here: an async function keeps all of its frame as garbage.
  try {
    const reply = await attempts(call, row, message);
    reportAttempt(call, undefined, undefined);
    const response = row.respond(reply);
    call.observation?.end(call.deadline.elapsed(), undefined);
    return response;
  } catch (error) {
    const final = finalError(call, error);
    call.observation?.end(call.deadline.elapsed(), final);
    throw final;
  } finally {
    context.lifetime.end();
  }
}

/** @throws ClientClosedError */
function beginCall(
  context: CallContext,
  row: { readonly label: string; readonly path: string },
  plan: CallPlan,
): OngoingCall {
  const { runtime, lifetime } = context;
  lifetime.begin(row.label);
  const observation = runtime.observation.startCall(row);
  return startCall(context, { label: row.label, plan, signals: [plan.signal, lifetime.closing], observation });
}

/** Makes attempts until one succeeds or none may follow. */
function attempts<Message, Reply>(
  call: OngoingCall,
  row: MethodRow<never, Message, Reply, unknown>,
  message: Message,
): Promise<Reply> {
  const { context, plan, deadline, signals } = call;
  const routingHeader = formatRoutingHeader(row.routing(message));
  const onFailure = isWatched(call) ? failureReporter(call) : undefined;
  const retry = { policy: plan.retry, deadline, clock: context.runtime.clock, signals, onFailure };
  return runWithRetry(retry, (number, timeoutMs) => {
    beginAttempt(call, number);
    const authorization = authorize(call);
    const attempt = { method: row, message, routingHeader, timeoutMs };
    // Available at once, so no time has passed.
    if (!isThenable(authorization)) return send(call, attempt, authorization);
    context.runtime.transport.connectAhead?.();
    return sendAuthorized(call, attempt, authorization);
  });
}

/** What one attempt sends. */
interface Attempt<Message, Reply> {
  readonly method: MethodRow<never, Message, Reply, unknown>;
  readonly message: Message;
  readonly routingHeader: string;
  readonly timeoutMs: number;
}

/** Makes an attempt once its authorization is there. */
async function sendAuthorized<Message, Reply>(
  call: OngoingCall,
  attempt: Attempt<Message, Reply>,
  authorization: PromiseLike<RequestMetadata>,
): Promise<Reply> {
  const metadata = await authorization;
  const leftMs = call.deadline.remaining();
  if (leftMs < SHORTEST_TIME_MS) throw rpcError(call, Status.DEADLINE_EXCEEDED, NO_TOKEN_IN_TIME);
  return send(call, { ...attempt, timeoutMs: Math.min(attempt.timeoutMs, leftMs) }, metadata);
}

/** Makes an attempt. */
function send<Message, Reply>(
  call: OngoingCall,
  { method, message, routingHeader, timeoutMs }: Attempt<Message, Reply>,
  authorization: RequestMetadata | undefined,
): Promise<Reply> {
  const metadata = assembleMetadata(call, routingHeader, authorization);
  const mayRepeat = method.retry.codes.includes("UNAVAILABLE");
  return carry(call, { method, message, metadata, timeoutMs, signal: call.plan.signal, mayRepeat });
}

/** Hands an attempt to the transport. A transport that was passed in outlives the client, so close() must end the calls on it. */
function carry<Message, Reply>(call: OngoingCall, attempt: UnaryCall<Message, Reply>): Promise<Reply> {
  const { transport, ownsTransport } = call.context.runtime;
  if (ownsTransport) return transport.unary(attempt);
  const [first, second] = call.signals.filter((each) => each !== undefined);
  if (first === undefined || second === undefined) return transport.unary({ ...attempt, signal: first });
  const { signal, release } = joinSignals(first, second);
  return transport.unary({ ...attempt, signal }).finally(release);
}

/** The metadata of an attempt. */
export function assembleMetadata(
  { context: { runtime }, plan }: OngoingCall,
  routingHeader: string,
  authorization: RequestMetadata | undefined,
): MetadataPairs {
  const { clientTokens, clientHeader, quotaProjectId } = runtime;
  return buildMetadata({
    clientTokens,
    clientHeader,
    routingHeader,
    quotaProjectId,
    authorization,
    own: plan.metadata,
  });
}

/** What the credentials add; a promise only if it takes time. */
export function authorize(call: OngoingCall): RequestMetadata | undefined | Promise<RequestMetadata> {
  const { tokenProvider } = call.context.runtime;
  if (tokenProvider === undefined || hasOwnAuthorization(call.plan.metadata)) return undefined;
  const request = new LazyTokenRequest();
  try {
    const answer =
      call.observation === undefined
        ? askInUniverse(call, tokenProvider, request)
        : askObserved(call, tokenProvider, request);
    return isThenable(answer) ? waitForAuthorization(call, request, answer) : requireAuthorization(call, answer);
  } catch (error) {
    throw credentialsFailure(call, request, error);
  }
}

type Asked = RequestMetadata | PromiseLike<RequestMetadata>;

/** Credentials of another universe are never asked for a token. */
function askInUniverse({ context }: OngoingCall, provider: TokenProvider, request: TokenRequest): Asked {
  const { universeGuard } = context.runtime;
  const checked = universeGuard?.hasPassed === false ? universeGuard.check() : undefined;
  return isThenable(checked) ? askAfter(checked, provider, request) : provider.getRequestMetadata(request);
}

async function askAfter(checked: PromiseLike<void>, provider: TokenProvider, request: TokenRequest) {
  await checked;
  return provider.getRequestMetadata(request);
}

function askObserved(call: OngoingCall, provider: TokenProvider, request: TokenRequest): Asked {
  const ask = (): Asked => askInUniverse(call, provider, request);
  return call.observation?.askCredentials(ask) ?? ask();
}

async function waitForAuthorization(
  call: OngoingCall,
  request: LazyTokenRequest,
  answer: PromiseLike<RequestMetadata>,
): Promise<RequestMetadata> {
  let metadata: RequestMetadata;
  try {
    metadata = await waitWithin(call.context.runtime.clock, Promise.resolve(answer), {
      timeoutMs: call.deadline.remaining(),
      onTimeout: () => rpcError(call, Status.DEADLINE_EXCEEDED, NO_TOKEN_IN_TIME),
      signals: call.signals,
    });
  } catch (error) {
    throw credentialsFailure(call, request, error);
  }
  return requireAuthorization(call, metadata);
}

/** Why a call has no token; nobody waits for one any more. */
function credentialsFailure(call: OngoingCall, request: LazyTokenRequest, error: unknown): unknown {
  request.abort(error);
  if (error instanceof IAMCredentialsError || call.signals.some((signal) => signal?.aborted)) return error;
  return new CredentialsError(`${call.label}: could not get a token from the credentials: ${String(error)}`, {
    cause: causeWithoutSecrets(error),
  });
}

/** The authorization that last passed the check, by provider: most calls use the same one. */
const lastGood = new WeakMap<object, string>();

function requireAuthorization(call: OngoingCall, metadata: RequestMetadata): RequestMetadata {
  const provider = call.context.runtime.tokenProvider ?? call;
  if (isOnly(metadata, lastGood.get(provider))) return metadata;
  const problem = authorizationProblem(metadata);
  if (problem !== undefined) throw new CredentialsError(`${call.label}: the credentials returned ${problem}`);
  if (metadata["authorization"] !== undefined) lastGood.set(provider, metadata["authorization"]);
  return metadata;
}

/** Whether the metadata consists of this authorization only. */
function isOnly(metadata: RequestMetadata, authorization: string | undefined): boolean {
  return authorization !== undefined && metadata?.["authorization"] === authorization && isAuthorizationAlone(metadata);
}

/** Creates its signal only when a provider reads it: an AbortController costs more than all of our own work on a call. */
class LazyTokenRequest implements TokenRequest {
  #controller: AbortController | undefined;

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller?.abort(reason);
  }
}

function failureReporter(call: OngoingCall) {
  return (_attempt: number, error: unknown, nextDelayMs: number | undefined): void =>
    reportAttempt(call, error, nextDelayMs);
}

function isWatched({ plan, observation }: OngoingCall): boolean {
  return plan.onAttempt !== undefined || observation !== undefined;
}

/** Reports to all observers how an attempt ended. */
export function reportAttempt(call: OngoingCall, error: unknown, nextDelayMs: number | undefined): void {
  if (!isWatched(call)) return;
  const durationMs = call.deadline.elapsed() - call.attemptAt;
  const report = { method: call.label, attempt: call.attempts, durationMs, error, nextDelayMs };
  call.observation?.addAttempt(report);
  tellListener(() => call.plan.onAttempt?.(report));
}

/** An error of this call that did not come from a transport. */
export function rpcError(call: OngoingCall, code: number, text: string, cause?: unknown): RpcError {
  const transport = call.context.runtime.transport.kind;
  return recordAttempts(new RpcError({ code, text, method: call.label, transport, cause }), call.attempts);
}

/** The error that the caller sees. */
export function finalError(call: OngoingCall, error: unknown): unknown {
  const { closing } = call.context.lifetime;
  if (error instanceof DeadlineSpent) {
    const last = error.lastStatusError;
    const spent = describeSpent(call, error.attempts);
    const text =
      last instanceof RpcError ? `${spent}; the last status was ${last.message.slice(call.label.length + 2)}` : spent;
    return rpcError(call, Status.DEADLINE_EXCEEDED, text, error.cause);
  }
  if (error instanceof IncompleteReply) return rpcError(call, Status.INTERNAL, error.message);
  if (!(error instanceof RpcError)) return error;
  if (error.status === "CANCELLED" && closing.aborted) return closing.reason;
  // The error was made in a callback of the channel; a stack captured here leads to the caller.
  Error.captureStackTrace(error, finalError);
  return recordAttempts(error, call.attempts);
}

/** By how much a channel's timer may fire before our clock says that the time is over. */
const TIMER_SLACK_MS = 5;

/** The deadline passed, or was too near for the delay before another attempt. */
function describeSpent({ plan, deadline }: OngoingCall, attempts: number): string {
  const isPassed = deadline.remaining() < TIMER_SLACK_MS;
  if (isPassed) return `the deadline of ${plan.timeoutMs} ms passed after ${countAttempts(attempts)}`;
  const elapsedMs = Math.round(deadline.elapsed());
  return `the deadline of ${plan.timeoutMs} ms leaves no time for another attempt after ${countAttempts(attempts)} in ${elapsedMs} ms`;
}

function countAttempts(attempts: number): string {
  return attempts === 1 ? "1 attempt" : `${attempts} attempts`;
}
