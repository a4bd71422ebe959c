// SPDX-License-Identifier: Apache-2.0
// Decides what a fault may say, and by name what is wrong with one. Does not know when it strikes.

import { Status, type StatusName } from "../../../base/causes/status.js";
import { anyText, integer, listOf, object, oneOf, text, value } from "../../../base/options/checks.js";
import { type Check, declare, type GivenOf, optional, required } from "../../../base/options/declaration.js";
import { ServiceError } from "../refusals/service-error.js";
import { type EmulatorErrorDetail, type EncodedDetail, encodeErrorDetail } from "./error-detail.js";

const DETAIL: Check<EmulatorErrorDetail> = {
  read(given, path, refuse) {
    if (typeof given !== "object" || given === null) throw refuse({ path, text: "must be an object" });
    const detail = structuredClone(given as EmulatorErrorDetail); // as: checked by what follows
    try {
      encodeErrorDetail(detail);
    } catch (cause) {
      throw new TypeError(`${path}: ${cause instanceof Error ? cause.message : ""}`, { cause });
    }
    return detail;
  },
  schema: () => undefined,
};

const CODE: Check<StatusName | number, StatusName> = {
  read(given, path, refuse) {
    const name = statusNameOf(given);
    if (name !== undefined && name !== "OK") return name;
    throw refuse({ path, text: "must be a canonical code other than OK", given });
  },
  schema: () => undefined,
};

const FAULT_STATUS = declare({
  unknown: "is not a field of a status",
  fields: {
    /** The canonical code, by name or number. Required. */
    code: required(CODE),
    /** The message. Default: `Injected fault.`. */
    message: optional(anyText, "Injected fault."),
    /** The details, each as JSON with `@type`. Default: none. */
    details: optional(listOf(DETAIL), []),
  },
});

/** The error that a fault causes. */
export interface EmulatorFaultStatus extends GivenOf<typeof FAULT_STATUS.fields> {}

const CONNECTION_FAULTS = ["hang", "reset", "half-close", "goaway", "garbage", "truncate"] as const;

/**
 * What happens to the connection instead of a response: `hang`, no response; `reset`, RST; `half-close`, the emulator closes its
 * half; `goaway`, an HTTP/2 GOAWAY that accepts no stream (all of them, if other calls are in flight), then as
 * half-close; `garbage`, bytes of no protocol; `truncate`, the response stops in the middle.
 */
export type EmulatorConnectionFault = (typeof CONNECTION_FAULTS)[number];

const MAX_DELAY_MS = 2 ** 31 - 1; // what a timer takes
const NAME = text({ pattern: /./, expected: "a non-empty string" });
const COUNT = value<number>(
  (given) => given === Number.POSITIVE_INFINITY || (Number.isInteger(given) && Number(given) >= 1),
  "an integer of at least 1, or Infinity",
);
const DELAY = value<number>(
  (given) => typeof given === "number" && given >= 0 && given <= MAX_DELAY_MS,
  `a number of milliseconds from 0 to ${MAX_DELAY_MS}`,
);

/** A fault: which calls it applies to, how often, and what it does to them. */
export const FAULT = declare({
  unknown: "is not a field of a fault",
  fields: {
    /**
     * Which method: its name, for example `SignBlob`, its full name, `google.iam.credentials.v1.IAMCredentials.SignBlob`, or what the
     * log calls an HTTP operation, for example `oauth2.token`. Default: every one.
     */
    method: optional(NAME),
    /** Whose calls: an IAM member, or `owner`. Default: everybody's, including callers that can't be determined. */
    principal: optional(NAME),
    /**
     * Which attempt of a call, from 1: identical requests by a principal count as attempts of the same call until one of them
     * succeeds. Default: every one.
     */
    attempt: optional(integer(1)),
    /** How many calls it applies to, at least 1. Default: Infinity, until it is removed. */
    times: optional(COUNT),
    /** Refuses the call. Required, or one of the fields below. */
    status: optional(object(FAULT_STATUS)),
    /** A delay before the response or the fault's other effect, in milliseconds of real time. Default: no delay. */
    delayMs: optional(DELAY),
    /** Does something to the connection instead of responding. Default: the emulator responds. */
    connection: optional(oneOf(CONNECTION_FAULTS)),
    /** Sends the usual response with this content type. Default: the usual one. */
    contentType: optional(text({ pattern: /^[\x20-\x7e]+$/, expected: "printable text" })),
  },
  rule({ status, delayMs, connection, contentType }) {
    const endings = [status, connection, contentType].filter((given) => given !== undefined).length;
    return endings > 1 || (endings === 0 && delayMs === undefined)
      ? { path: "", text: "must have delayMs, or one of status, connection and contentType, or both" }
      : undefined;
  },
});

/** A fault: which calls it applies to, how often, and what it does to them. */
export interface EmulatorFault extends GivenOf<typeof FAULT.fields> {}

/** An injected refusal, with details of any type. */
export class InjectedError extends ServiceError {
  /** The details as JSON. */
  readonly details: readonly EmulatorErrorDetail[];
  /** The details as messages. */
  readonly encodedDetails: readonly EncodedDetail[];

  /** @param status the fault's status, already checked */
  constructor(status: EmulatorFaultStatus) {
    super(statusNameOf(status.code) ?? "UNKNOWN", status.message ?? "Injected fault.");
    this.details = status.details ?? [];
    this.encodedDetails = this.details.map(encodeErrorDetail);
  }

  /** The `reason` of the ErrorInfo among the details; undefined without one. */
  get reason(): string | undefined {
    const reason = this.details.find((detail) => detail["@type"].endsWith("/google.rpc.ErrorInfo"))?.["reason"];
    return typeof reason === "string" ? reason : undefined;
  }
}

/** A call whose connection was struck: there is nothing to answer. */
export class ConnectionFaultError extends ServiceError {
  /** @param connection what happened to the connection */
  constructor(readonly connection: EmulatorConnectionFault) {
    super("UNAVAILABLE", "The connection was broken by a fault.");
  }
}

function statusNameOf(code: unknown): StatusName | undefined {
  const entry = Object.entries(Status).find(([name, number]) => name === code || number === code);
  return entry?.[0] as StatusName | undefined; // as: Object.entries widens keys to string
}
