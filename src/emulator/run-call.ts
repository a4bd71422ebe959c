// SPDX-License-Identifier: Apache-2.0
// The road of a call through the emulator, the same for every face: authenticate, read, run, remember. Knows no wire.

import { authenticate, requireApiScope } from "./authentication.js";
import type { CallRecord } from "./call-log.js";
import { parseAccountName } from "./resource-name.js";
import type { AccountRequest, ServiceMethod } from "./service.js";
import { internalError, invalidArgument, type MethodIdentity, ServiceError, type StatusName } from "./service-error.js";
import type { EmulatorState } from "./state.js";

/** What a face saw of a call besides its method: for the log, and free of secrets. */
export type CallFacts = Pick<CallRecord, "timeoutMs" | "userAgent" | "apiClient" | "requestParams" | "quotaProject">;

/** A call as a face hands it in. */
export interface IncomingCall<Request> {
  /** Every value of the authorization header. Required. */
  readonly authorization: readonly string[];
  /** What else the log keeps. Required. */
  readonly facts: CallFacts;
  /** Reads the message; throws anything when it can't be read. Required. */
  decode(): Request;
  /** How the call ended before it was answered; undefined while the caller waits. Required. */
  abandonedAs(): StatusName | undefined;
}

// What becomes a CallRecord, while it is being found out.
interface CallDraft {
  principal?: string;
  serviceAccount?: string;
  delegates: readonly string[];
}

function describeAccount(state: EmulatorState, name: string): string | undefined {
  const identifier = parseAccountName(name);
  return identifier === undefined ? undefined : (state.findAccount(identifier)?.email ?? identifier);
}

function describeRequest(state: EmulatorState, draft: CallDraft, request: AccountRequest): void {
  const serviceAccount = describeAccount(state, request.name);
  if (serviceAccount !== undefined) draft.serviceAccount = serviceAccount;
  draft.delegates = Object.freeze(request.delegates.map((name) => describeAccount(state, name) ?? "(malformed)"));
}

function decodeRequest<Request>(incoming: IncomingCall<Request>): Request {
  try {
    return incoming.decode();
  } catch {
    throw invalidArgument();
  }
}

async function answer<Request extends AccountRequest, Response>(
  state: EmulatorState,
  method: ServiceMethod<Request, Response>,
  incoming: IncomingCall<Request>,
  draft: CallDraft,
): Promise<Response> {
  const identity: MethodIdentity = {
    method: `google.iam.credentials.v1.IAMCredentials.${method.name}`,
    service: "iamcredentials.googleapis.com",
  };
  const caller = await authenticate(state, incoming.authorization, identity);
  draft.principal = caller.principal;
  requireApiScope(caller, identity);
  const request = decodeRequest(incoming);
  describeRequest(state, draft, request);
  return method.run(state, caller.principal, request);
}

/**
 * Answers a call and remembers it.
 *
 * @returns the response
 * @throws ServiceError, and nothing else: a fault of the emulator's own becomes INTERNAL
 */
export async function runCall<Request extends AccountRequest, Response>(
  state: EmulatorState,
  method: ServiceMethod<Request, Response>,
  incoming: IncomingCall<Request>,
): Promise<Response> {
  const at = new Date(state.now());
  const draft: CallDraft = { delegates: [] };
  const remember = (status: StatusName) =>
    state.calls.add({
      method: method.name,
      ...draft,
      status: incoming.abandonedAs() ?? status,
      at,
      ...incoming.facts,
    });
  try {
    const response = await state.track(answer(state, method, incoming, draft));
    remember("OK");
    return response;
  } catch (error) {
    const refusal = error instanceof ServiceError ? error : internalError();
    remember(refusal.status);
    throw refusal;
  }
}
