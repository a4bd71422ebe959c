// SPDX-License-Identifier: Apache-2.0
// From an HTTP answer that is no success to our error, the same that gRPC would have given. Knows no request.

import * as details from "../../../../generated/google/rpc/error_details.tables.js";
import { type ErrorDetail, RpcError } from "../../../base/errors.js";
import { isStatusName, Status } from "../../../base/status.js";
import { decodeMessage } from "./decode-message.js";

/** The tables of google.rpc.*, by the full names of the messages. */
const DETAIL_TYPES = new Map(Object.values(details).map((type) => [type.typeName, type]));

/** Statuses for HTTP codes whose body names none. Source: google/rpc/code.proto; 502 as gRPC's own mapping has it. */
const STATUS_OF_HTTP: Readonly<Record<number, number>> = {
  400: Status.INVALID_ARGUMENT,
  401: Status.UNAUTHENTICATED,
  403: Status.PERMISSION_DENIED,
  404: Status.NOT_FOUND,
  408: Status.DEADLINE_EXCEEDED,
  409: Status.ABORTED,
  412: Status.FAILED_PRECONDITION,
  416: Status.OUT_OF_RANGE,
  429: Status.RESOURCE_EXHAUSTED,
  499: Status.CANCELLED,
  500: Status.INTERNAL,
  501: Status.UNIMPLEMENTED,
  502: Status.UNAVAILABLE,
  503: Status.UNAVAILABLE,
  504: Status.DEADLINE_EXCEEDED,
};

/** An HTTP answer, its body read as far as the limit for errors allows. */
export interface HttpAnswer {
  readonly httpStatus: number;
  readonly headers: Iterable<readonly [key: string, value: string]>;
  readonly contentType: string;
  readonly text: string;
  /** `host:port`, for messages. */
  readonly host: string;
}

/** The error of an answer other than 2xx. */
export function rpcErrorFromHttp(answer: HttpAnswer, method: string): RpcError {
  const status = parseStatus(answer.text);
  return new RpcError({
    code: statusCodeOf(answer.httpStatus, status?.status),
    text: status?.message ?? describe(answer),
    method,
    transport: "rest",
    details: status?.details ?? [],
    trailers: new Map(Array.from(answer.headers, ([key, value]) => [key, [value]])),
  });
}

function statusCodeOf(httpStatus: number, name: unknown): number {
  if (isStatusName(name) && name !== "OK") return Status[name];
  const code = STATUS_OF_HTTP[httpStatus];
  if (code !== undefined) return code;
  if (httpStatus >= 500) return Status.INTERNAL;
  return httpStatus >= 400 ? Status.FAILED_PRECONDITION : Status.UNKNOWN;
}

interface ErrorBody {
  readonly status: unknown;
  readonly message: string | undefined;
  readonly details: readonly ErrorDetail[];
}

/** The body in Google's form: `{ error: { code, message, status, details } }`. Source: AIP-193. */
function parseStatus(text: string): ErrorBody | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  // A server-streaming method puts its one error into a list.
  const outer: unknown = Array.isArray(json) ? json[0] : json;
  const error = isObject(outer) ? outer["error"] : undefined;
  if (!isObject(error)) return undefined;
  const { status, message, details } = error;
  return {
    status,
    message: typeof message === "string" ? message : undefined,
    details: Array.isArray(details) ? details.filter(isDetail).map(decodeDetail) : [],
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isDetail(value: unknown): value is ErrorDetail {
  return isObject(value) && typeof value["@type"] === "string";
}

/** A detail of an unknown type, or one that is broken, stays as the JSON has it: an error must not be lost over its details. */
function decodeDetail(detail: ErrorDetail): ErrorDetail {
  const type = DETAIL_TYPES.get(detail["@type"].replace(/^.*\//, ""));
  if (type === undefined) return detail;
  try {
    return { "@type": detail["@type"], ...decodeMessage(type.fields, detail) };
  } catch {
    return detail;
  }
}

const LONGEST_QUOTE = 200;

/** What to say of a body that is not Google's: mostly it comes from something between here and there. */
function describe({ httpStatus, contentType, text, host }: HttpAnswer): string {
  const form = contentType.split(";", 1)[0]?.trim() || "no content type";
  const title = /<title[^>]*>([^<]*)/i.exec(text)?.[1];
  const quote = (title ?? (/^text\/html/i.test(contentType) ? "" : text)).replace(/[\s\p{Cc}]+/gu, " ").trim();
  const cut = quote.length > LONGEST_QUOTE ? `${quote.slice(0, LONGEST_QUOTE).toWellFormed()}…` : quote;
  const said = cut === "" ? "" : `: ${cut}`;
  return `${host} answered HTTP ${httpStatus} with a body that is no google.rpc.Status (${form})${said}`;
}
