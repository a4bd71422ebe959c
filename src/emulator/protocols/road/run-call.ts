// SPDX-License-Identifier: Apache-2.0
// The road of a call through the emulator, the same for every face: authenticate, read, run, remember. Knows no wire.

import { parseAccountName } from "../../services/iam-admin/admin-names.js";
import type { RequestTarget } from "../../services/iam-credentials/credentials-methods.js";
import type { BoundMethod } from "../../services/services.js";
import type { CallRecord } from "../../world/calls/call-log.js";
import { projectOf } from "../../world/names/project-ids.js";
import {
  internalError,
  invalidArgument,
  type MethodIdentity,
  ServiceError,
  type StatusName,
} from "../../world/refusals/service-error.js";
import type { EmulatorState } from "../../world/world.js";
import { authenticate, type Caller, requireApiScope } from "./authenticate.js";
import { type Attempt, countAttempt, type Strikable, strikeCall } from "./strike.js";

/** What a face saw of a call besides its method: for the log, and free of secrets. */
export type CallFacts = Pick<
  CallRecord,
  "transport" | "timeoutMs" | "userAgent" | "apiClient" | "requestParams" | "quotaProject" | "metadata"
>;

/** A call as a face hands it in. */
export interface IncomingCall {
  /** Every value of the authorization header. Required. */
  readonly authorization: readonly string[];
  /** What else the log keeps. Required. */
  readonly facts: CallFacts;
  /** Reads the message; throws a ServiceError, or anything else when it can't be read. Required. */
  decode(): unknown;
  /** How the call ended before it was answered; undefined while the caller waits. Required. */
  abandonedAs(): StatusName | undefined;
  /** What faults need of the face. Default: refusals and delays strike, nothing else does. */
  readonly strikable?: Strikable;
}

// What becomes a CallRecord, while it is being found out.
interface CallDraft {
  attempt?: number;
  principal?: string;
  serviceAccount?: string;
  delegates: readonly string[];
}

function describeAccount(state: EmulatorState, name: string): string | undefined {
  const identifier = parseAccountName(name)?.identifier;
  return identifier === undefined ? undefined : (state.findAccount(identifier)?.email ?? identifier);
}

function describeRequest(state: EmulatorState, draft: CallDraft, target: RequestTarget): void {
  const serviceAccount = target.name === undefined ? undefined : describeAccount(state, target.name);
  if (serviceAccount !== undefined) draft.serviceAccount = serviceAccount;
  draft.delegates = Object.freeze(target.delegates.map((name) => describeAccount(state, name) ?? "(malformed)"));
}

function decodeRequest(incoming: IncomingCall): unknown {
  try {
    return incoming.decode();
  } catch (error) {
    throw error instanceof ServiceError ? error : invalidArgument();
  }
}

async function identifyCaller(
  state: EmulatorState,
  identity: MethodIdentity,
  incoming: IncomingCall,
  draft: CallDraft,
): Promise<Caller | ServiceError> {
  try {
    const caller = await authenticate(state, incoming.authorization, identity);
    draft.principal = caller.principal;
    return caller;
  } catch (error) {
    if (error instanceof ServiceError) return error; // kept back: a fault comes first
    throw error;
  }
}

const unstrikable: Strikable = {
  requestBytes: Buffer.alloc(0),
  abandoned: new AbortController().signal,
  setContentType() {},
};

async function strikeByFault(
  state: EmulatorState,
  { method }: MethodIdentity,
  { strikable = unstrikable }: IncomingCall,
  draft: CallDraft,
): Promise<Attempt> {
  const attempt = countAttempt(state, method, draft.principal, strikable.requestBytes);
  draft.attempt = attempt.number;
  const methods = [method.slice(method.lastIndexOf(".") + 1), method];
  await strikeCall(state, methods, draft.principal, attempt.number, strikable);
  return attempt;
}

// The project that the header names, or the caller's.
function chargedProject({ facts }: IncomingCall, principal: string): string {
  return facts.quotaProject ?? projectOf(principal);
}

async function answer(
  state: EmulatorState,
  { identity, method }: BoundMethod,
  incoming: IncomingCall,
  draft: CallDraft,
): Promise<unknown> {
  const caller = await identifyCaller(state, identity, incoming, draft);
  const attempt = await strikeByFault(state, identity, incoming, draft);
  if (caller instanceof ServiceError) throw caller;
  requireApiScope(caller, identity);
  state.quotas.charge(identity.service, method.name, chargedProject(incoming, caller.principal));
  const request = decodeRequest(incoming);
  describeRequest(state, draft, method.target(request));
  const response = await method.run(state, caller.principal, request);
  attempt.succeed();
  return response;
}

/**
 * Answers a call and remembers it.
 *
 * @returns the response
 * @throws ServiceError, and nothing else: a fault of the emulator's own becomes INTERNAL
 */
export async function runCall(state: EmulatorState, bound: BoundMethod, incoming: IncomingCall): Promise<unknown> {
  const at = new Date(state.now());
  const draft: CallDraft = { delegates: [] };
  const remember = (status: StatusName) =>
    state.calls.add({
      service: bound.identity.service,
      method: bound.method.name,
      ...draft,
      status: incoming.abandonedAs() ?? status,
      at,
      ...incoming.facts,
    });
  try {
    const response = await state.track(answer(state, bound, incoming, draft));
    remember("OK");
    return response;
  } catch (error) {
    const refusal = error instanceof ServiceError ? error : internalError();
    remember(refusal.status);
    throw refusal;
  }
}
