// SPDX-License-Identifier: Apache-2.0
// Decides what a fault may say, and by name what is wrong with one. Does not know when it strikes.

import { ServiceError, type StatusName, statusCodes } from "../refusals/service-error.js";
import { type EmulatorErrorDetail, type EncodedDetail, encodeErrorDetail } from "./error-detail.js";

/** A refusal that a fault makes. */
export interface EmulatorFaultStatus {
  /** The canonical code, by name or number. Required. */
  readonly code: StatusName | number;
  /** The text. Default: `Injected fault.`. */
  readonly message?: string;
  /** The details, each as JSON with `@type`. Default: none. */
  readonly details?: readonly EmulatorErrorDetail[];
}

/**
 * What happens to the connection in place of an answer: `hang`, nothing is answered; `reset`, RST; `half-close`, the emulator's
 * half is closed; `goaway`, HTTP/2's GOAWAY that accepts no stream, then as half-close; `garbage`, bytes of no protocol;
 * `truncate`, the answer begins and ends in its middle.
 */
export type EmulatorConnectionFault = "hang" | "reset" | "half-close" | "goaway" | "garbage" | "truncate";

/** A fault: which calls it strikes, how often, and what it does to them. */
export interface EmulatorFault {
  /**
   * Which method: its name, `SignBlob` for one, its full name, `google.iam.credentials.v1.IAMCredentials.SignBlob`, or what the
   * log calls an HTTP operation, `oauth2.token` for one. Default: every one.
   */
  readonly method?: string;
  /** Whose calls: an IAM member, or `owner`. Default: everybody's, also when it can't be told whose. */
  readonly principal?: string;
  /**
   * Which attempt at a call, from 1: equal requests of a principal count as attempts at one call until one of them is answered
   * with OK. Default: every one.
   */
  readonly attempt?: number;
  /** How many calls are struck, at least 1. Default: Infinity, until it is removed. */
  readonly times?: number;
  /** Refuses the call. Required, or one of the fields below. */
  readonly status?: EmulatorFaultStatus;
  /** Waits, in milliseconds of real time, before the call is answered or struck otherwise. */
  readonly delayMs?: number;
  /** Does something to the connection in place of an answer. */
  readonly connection?: EmulatorConnectionFault;
  /** Answers as it would, under this content type. */
  readonly contentType?: string;
}

const connectionFaults: readonly EmulatorConnectionFault[] = [
  "hang",
  "reset",
  "half-close",
  "goaway",
  "garbage",
  "truncate",
];
const fields = ["method", "principal", "attempt", "times", "status", "delayMs", "connection", "contentType"];
const MAX_DELAY_MS = 2 ** 31 - 1; // what a timer takes

/** A refusal that was asked for, with details of any type. */
export class InjectedError extends ServiceError {
  /** The details as JSON. */
  readonly details: readonly EmulatorErrorDetail[];
  /** The details as messages. */
  readonly encodedDetails: readonly EncodedDetail[];

  /** @param status what was asked for, already checked */
  constructor(status: EmulatorFaultStatus) {
    super(statusNameOf(status.code) ?? "UNKNOWN", status.message ?? "Injected fault.");
    this.details = status.details ?? [];
    this.encodedDetails = this.details.map(encodeErrorDetail);
  }
}

/** A call whose connection was struck: there is nothing to answer. */
export class ConnectionFaultError extends ServiceError {
  /** @param connection what happened to the connection */
  constructor(readonly connection: EmulatorConnectionFault) {
    super("UNAVAILABLE", "The connection was struck by a fault.");
  }
}

function statusNameOf(code: unknown): StatusName | undefined {
  // The entries are statusCodes' own.
  const entry = Object.entries(statusCodes).find(([name, number]) => name === code || number === code);
  return entry?.[0] as StatusName | undefined;
}

function requireStatus(status: EmulatorFaultStatus, label: string): EmulatorFaultStatus {
  if (typeof status !== "object" || status === null) throw new TypeError(`${label} must be an object`);
  const name = statusNameOf(status.code);
  if (name === undefined || name === "OK") {
    throw new TypeError(`${label}.code must be a canonical code other than OK, not ${JSON.stringify(status.code)}`);
  }
  const { message = "Injected fault.", details = [] } = status;
  if (typeof message !== "string") throw new TypeError(`${label}.message must be a string`);
  if (!Array.isArray(details)) throw new TypeError(`${label}.details must be an array`);
  for (const [index, detail] of details.entries()) {
    if (typeof detail !== "object" || detail === null)
      throw new TypeError(`${label}.details[${index}] must be an object`);
    try {
      encodeErrorDetail(detail);
    } catch (cause) {
      throw new TypeError(`${label}.details[${index}]: ${cause instanceof Error ? cause.message : ""}`, { cause });
    }
  }
  return structuredClone({ code: name, message, details });
}

function requireEffect(fault: EmulatorFault, label: string): void {
  const { status, delayMs, connection, contentType } = fault;
  const endings = [status, connection, contentType].filter((value) => value !== undefined).length;
  if (endings > 1 || (endings === 0 && delayMs === undefined)) {
    throw new TypeError(`${label} must have delayMs, or one of status, connection and contentType, or both`);
  }
  if (delayMs !== undefined && !(Number.isFinite(delayMs) && delayMs >= 0 && delayMs <= MAX_DELAY_MS)) {
    throw new TypeError(`${label}.delayMs must be milliseconds, 0 to ${MAX_DELAY_MS}, not ${JSON.stringify(delayMs)}`);
  }
  if (connection !== undefined && !connectionFaults.includes(connection)) {
    throw new TypeError(
      `${label}.connection must be one of ${connectionFaults.join(", ")}, not ${JSON.stringify(connection)}`,
    );
  }
  if (contentType !== undefined && (typeof contentType !== "string" || !/^[\x20-\x7e]+$/.test(contentType))) {
    throw new TypeError(`${label}.contentType must be printable text, not ${JSON.stringify(contentType)}`);
  }
}

/**
 * Checks a fault.
 *
 * @param label what the errors call it
 * @returns a copy that does not change
 * @throws TypeError naming the field that is wrong
 */
export function requireFault(fault: EmulatorFault, label: string): EmulatorFault {
  if (typeof fault !== "object" || fault === null) throw new TypeError(`${label} must be an object`);
  const unknown = Object.keys(fault).find((key) => !fields.includes(key));
  if (unknown !== undefined) throw new TypeError(`${label}.${unknown} is no field of a fault`);
  for (const field of ["method", "principal"] as const) {
    const value = fault[field];
    if (value === undefined || (typeof value === "string" && value !== "")) continue;
    throw new TypeError(`${label}.${field} must be a string, not ${JSON.stringify(value)}`);
  }
  const { attempt, times } = fault;
  if (attempt !== undefined && !(Number.isInteger(attempt) && attempt >= 1)) {
    throw new TypeError(`${label}.attempt must be an integer from 1 on, not ${JSON.stringify(attempt)}`);
  }
  if (times !== undefined && times !== Number.POSITIVE_INFINITY && !(Number.isInteger(times) && times >= 1)) {
    throw new TypeError(`${label}.times must be an integer from 1 on, or Infinity, not ${JSON.stringify(times)}`);
  }
  requireEffect(fault, label);
  const status = fault.status === undefined ? undefined : requireStatus(fault.status, `${label}.status`);
  return Object.freeze(status === undefined ? { ...fault } : { ...fault, status });
}
