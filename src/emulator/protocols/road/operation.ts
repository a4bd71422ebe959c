// SPDX-License-Identifier: Apache-2.0
// What an operation of the emulator is, and what its protocol does for a call of it. Runs none.

import type { CallRecord } from "../../world/calls/call-log.js";
import type { EmulatorConnectionFault } from "../../world/faults/fault.js";
import type { PermissionDecision } from "../../world/policy/decision.js";
import type { ServiceError, StatusName } from "../../world/refusals/service-error.js";

/** What becomes of a call's record while the call is on its road. Whoever finds something out writes it down at once. */
export interface CallNotes {
  /** Who calls; absent while it is not known. */
  principal?: string;
  /** The account that is acted on; absent when there is none. */
  serviceAccount?: string;
  /** The accounts between caller and account. Required. */
  delegates: readonly string[];
  /** Which attempt at the call it is; absent until it is counted. */
  attempt?: number;
  /** The project that the call names as the one to bill; absent when it names none. */
  readonly quotaProject?: string;
  /** The reason of a refusal; absent when it has none. */
  reason?: string;
  /** What a refusal says; absent when it may repeat what was sent. */
  message?: string;
  /** The permission that was missing; absent when none was. */
  permission?: string;
  /** Set where a permission was missing and the call passed all the same. */
  observed?: true;
  /** What was decided about permissions. Default: nothing. */
  decision?: PermissionDecision[];
  /** The number of the fault that struck; absent when none did. */
  faultId?: number;
  /** The HTTP status of the answer; absent over gRPC. */
  httpStatus?: number;
  /** How the call ended, where an answer is a refusal by itself. Default: OK. */
  status?: StatusName;
}

/**
 * One thing that the emulator does for callers, whatever the protocol.
 *
 * @typeParam Call what its protocol has read of a call
 * @typeParam Caller what `identify` finds out and `run` needs
 * @typeParam Answer what it is answered with
 */
export interface Operation<Call, Caller, Answer> {
  /** What log and faults call it, `SignBlob` or `oauth2.token` for some. Required. */
  readonly name: string;
  /** Its full name, which faults know, too. Default: the name. */
  readonly fullName?: string;
  /** The default host of its service. Required. */
  readonly service: string;
  /**
   * Whether it is one of the emulator's own, which tests use to set the stage: such a call is not remembered, and struck only by
   * a fault that names the operation. Default: false.
   */
  readonly isControl?: boolean;
  /**
   * Finds out who calls. Changes nothing.
   *
   * @param notes gets the principal as soon as it is known, since a fault may be meant for it
   * @throws ServiceError when the caller is refused: it is kept back until the faults have struck
   */
  identify(call: Call, notes: CallNotes): Promise<Caller>;
  /**
   * Reads the request and answers it.
   *
   * @throws ServiceError when it is refused
   */
  run(call: Call, caller: Caller, notes: CallNotes): Promise<Answer>;
}

/** What a protocol saw of a call besides its operation: for the log, and free of secrets. */
export type CallFacts = Pick<
  CallRecord,
  "transport" | "timeoutMs" | "userAgent" | "apiClient" | "requestParams" | "quotaProject" | "metadata"
>;

/** What faults change about an answer. */
export interface Delivery {
  /** The content type in place of the usual one; undefined: the usual one. Required. */
  readonly contentType: string | undefined;
  /** Whether the connection ends in the middle of the answer. Required. */
  readonly isTruncated: boolean;
}

/** What a protocol does for one call. The last three are the ways in which a call ends; one of them is called, once. */
export interface Carrier<Answer> {
  /** What the log keeps. Required. */
  readonly facts: CallFacts;
  /** The bytes of the request, to tell attempts apart. Required. */
  readonly requestBytes: Uint8Array;
  /** Aborted when the caller is gone. Required. */
  readonly abandoned: AbortSignal;
  /** The HTTP status of a refusal; absent over gRPC. */
  httpStatusOf?(refusal: ServiceError): number;
  /** How the call ended before it was answered; undefined while the caller waits. */
  abandonedAs(): StatusName | undefined;
  /** Sends an answer. */
  answer(answer: Answer, delivery: Delivery): void;
  /** Sends a refusal. */
  refuse(refusal: ServiceError, delivery: Delivery): void;
  /** Strikes the connection in place of sending anything. */
  sever(connection: EmulatorConnectionFault): void;
}
