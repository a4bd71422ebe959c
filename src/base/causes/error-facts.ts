// SPDX-License-Identifier: Apache-2.0
// What an error says, wherever it came from: code, reason, metadata, details, and its text. Does not decide what it means, and does
// not load the error classes: it goes by shape.

import { Status, type StatusName, statusName } from "./status.js";

/** What one error says. */
export interface ErrorFacts {
  /** The canonical code. */
  readonly status: StatusName | undefined;
  /** `reason` of google.rpc.ErrorInfo. */
  readonly reason: string | undefined;
  /** `metadata` of that ErrorInfo. */
  readonly metadata: Readonly<Record<string, string>>;
  /** `error` of an OAuth endpoint (RFC 6749, 5.2): `"invalid_grant"`. */
  readonly oauthError: string | undefined;
  /** The code of Node's or OpenSSL's error: `"ENOTFOUND"`, `"CERT_HAS_EXPIRED"`. */
  readonly systemCode: string | undefined;
  /** `Service.Method`, where the error names it. */
  readonly method: string | undefined;
  /** All of its human-readable text, including the descriptions in its details. */
  readonly text: string;
}

/** The canonical code of an HTTP status, where one follows from it. Source: google/rpc/code.proto. */
const HTTP_STATUS: Readonly<Record<number, StatusName>> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  503: "UNAVAILABLE",
  504: "DEADLINE_EXCEEDED",
};
const SYSTEM_CODE = /^[A-Z][A-Z0-9_]{3,}$/;
/** How many levels of nested errors are examined. */
const DEPTH = 5;

/** A property by name, of any value. */
export function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

/** The value if it is text, else `undefined`. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The canonical code of an HTTP status code. */
export function statusOfHttp(status: unknown): StatusName | undefined {
  return typeof status === "number" ? HTTP_STATUS[status] : undefined;
}

/** What an error says, and what the errors nested in it say, outermost first. */
export function readErrorFacts(error: unknown): readonly ErrorFacts[] {
  const levels: ErrorFacts[] = [];
  let each = error;
  for (let depth = 0; depth < DEPTH && typeof each === "object" && each !== null; depth++) {
    const body = bodyOf(each);
    if (body !== undefined) levels.push(body);
    levels.push(factsOf(each));
    each = memberOf(each, "cause");
  }
  return levels;
}

/** The facts in an HTTP client's error, or in a bare body, that is in Google's or OAuth's form. */
function bodyOf(error: object): ErrorFacts | undefined {
  const data = memberOf(memberOf(error, "response"), "data") ?? error;
  const inner = memberOf(data, "error");
  if (typeof inner === "object" && inner !== null) return factsOf(inner);
  const oauthError = textOf(inner);
  if (oauthError === undefined) return undefined;
  const text = [oauthError, textOf(memberOf(data, "error_description")), textOf(memberOf(data, "error_subtype"))];
  const status = statusOfHttp(memberOf(memberOf(error, "response"), "status"));
  return { ...NOTHING, status, oauthError, text: text.filter((each) => each !== undefined).join(": ") };
}

const NOTHING: ErrorFacts = {
  status: undefined,
  reason: undefined,
  metadata: {},
  oauthError: undefined,
  systemCode: undefined,
  method: undefined,
  text: "",
};

function factsOf(error: object): ErrorFacts {
  const details = detailsOf(error);
  const info = details.findLast((detail) => String(memberOf(detail, "@type") ?? "").endsWith("ErrorInfo"));
  const code = memberOf(error, "code");
  const message = textOf(memberOf(error, "message")) ?? "";
  return {
    status: readStatus(error, code),
    reason: textOf(memberOf(error, "reason")) ?? textOf(memberOf(info, "reason")),
    metadata: readMetadata(
      memberOf(error, "errorMetadata") ?? memberOf(error, "errorInfoMetadata") ?? memberOf(info, "metadata"),
    ),
    oauthError: oauthErrorOf(message),
    systemCode: typeof code === "string" && SYSTEM_CODE.test(code) && !Object.hasOwn(Status, code) ? code : undefined,
    method: textOf(memberOf(error, "method")),
    text: [message, ...details.flatMap(descriptionsOf)].join("\n"),
  };
}

/** In RpcError and REST bodies `details` is an array; in google-gax errors it is text, and the array is `statusDetails`. */
function detailsOf(error: object): readonly unknown[] {
  const own = memberOf(error, "details");
  const details = Array.isArray(own) ? own : memberOf(error, "statusDetails");
  return Array.isArray(details) ? details : [];
}

function readStatus(error: object, code: unknown): StatusName | undefined {
  const status = memberOf(error, "status");
  if (typeof status === "string" && Object.hasOwn(Status, status)) return statusName(Status[status as StatusName]); // as: hasOwn has checked it
  if (typeof code === "number") return code <= 16 ? statusName(code) : statusOfHttp(code);
  return statusOfHttp(status) ?? statusOfHttp(Number(code));
}

function readMetadata(metadata: unknown): Readonly<Record<string, string>> {
  if (typeof metadata !== "object" || metadata === null) return {};
  return Object.fromEntries(Object.entries(metadata).filter(([, value]) => typeof value === "string"));
}

/** What a detail such as QuotaFailure or PreconditionFailure says in words. */
function descriptionsOf(detail: unknown): string[] {
  const violations = memberOf(detail, "violations") ?? memberOf(detail, "fieldViolations");
  if (!Array.isArray(violations)) return [];
  return violations.flatMap((each) =>
    [memberOf(each, "type"), memberOf(each, "description")].map(textOf).filter((text) => text !== undefined),
  );
}

const OAUTH_ERRORS = /\b(invalid_(?:grant|client|scope|request|target|rapt|token)|unauthorized_client)\b/;

/** The OAuth error code that a text mentions. */
export function oauthErrorOf(text: string): string | undefined {
  return OAUTH_ERRORS.exec(text)?.[1];
}
