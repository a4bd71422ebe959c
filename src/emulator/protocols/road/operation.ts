// SPDX-License-Identifier: Apache-2.0
// What an operation of the emulator is, and what its protocol does for each call. Runs none.

import type { StatusName } from "../../../base/causes/status.js";
import type { CallRecord } from "../../world/calls/call-log.js";
import type { EmulatorConnectionFault } from "../../world/faults/fault.js";
import type { PermissionDecision } from "../../world/policy/decision.js";
import type { ServiceError } from "../../world/refusals/service-error.js";

/** A call's record, filled in along its road. Whoever finds something out notes it at once. */
export interface CallNotes {
  /** Who calls; absent until known. */
  principal?: string;
  /** The target account; absent when there is none. */
  serviceAccount?: string;
  /** The accounts between caller and account. Required. */
  delegates: readonly string[];
  /** Which attempt at the call it is; absent until it is counted. */
  attempt?: number;
  /** The project that the call asks to bill; absent when it names none. */
  readonly quotaProject?: string;
  /** The reason of a refusal; absent when it has none. */
  reason?: string;
  /** What a refusal says; absent when it may repeat what was sent. */
  message?: string;
  /** The permission that was missing; absent when none was. */
  permission?: string;
  /** Set when a permission was missing but the call passed. */
  observed?: true;
  /** What was decided about permissions. Default: nothing. */
  decision?: PermissionDecision[];
  /** The number of the fault that struck; absent when none did. */
  faultId?: number;
  /** The HTTP status of the answer; absent over gRPC. */
  httpStatus?: number;
  /** How the call ended, when the answer itself is a refusal. Default: OK. */
  status?: StatusName;
}

/**
 * One thing that the emulator does for callers, whatever the protocol.
 *
 * @typeParam Call what its protocol has read from a call
 * @typeParam Caller what `identify` finds out and `run` needs
 * @typeParam Answer what it is answered with
 */
export interface Operation<Call, Caller, Answer> {
  /** Its name in the log and in faults, such as `SignBlob` or `oauth2.token`. Required. */
  readonly name: string;
  /** Its full name, which faults can use, too. Default: the name. */
  readonly fullName?: string;
  /** The default host of its service. Required. */
  readonly service: string;
  /**
   * Whether it is one of the emulator's own endpoints, used to set up tests: such a call is not logged, and struck only by
   * a fault that names the operation. Default: false.
   */
  readonly isControl?: boolean;
  /**
   * Finds out who calls. Changes nothing.
   *
   * @param notes receives the principal as soon as it is known, since a fault may be meant for it
   * @throws ServiceError when the caller is refused; the refusal waits until the faults have struck
   */
  identify(call: Call, notes: CallNotes): Promise<Caller>;
  /**
   * Reads the request and answers it.
   *
   * @throws ServiceError when it is refused
   */
  run(call: Call, caller: Caller, notes: CallNotes): Promise<Answer>;
}

/** What a protocol saw of a call besides its operation, for the log; free of secrets. */
export type CallFacts = Pick<
  CallRecord,
  "transport" | "timeoutMs" | "userAgent" | "apiClient" | "requestParams" | "quotaProject" | "metadata"
>;

/** How faults change an answer. */
export interface Delivery {
  /** The content type to send; undefined: the usual one. Required. */
  readonly contentType: string | undefined;
  /** Whether the connection ends in the middle of the answer. Required. */
  readonly isTruncated: boolean;
}

/** What a protocol does for one call. The last three are the ways to end a call; exactly one of them is called, once. */
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
  /** Strikes the connection instead of sending anything. */
  sever(connection: EmulatorConnectionFault): void;
}
