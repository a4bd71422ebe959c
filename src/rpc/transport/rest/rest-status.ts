// SPDX-License-Identifier: Apache-2.0
// Turns an unsuccessful HTTP response into our error, the same as over gRPC. Knows no request.

import * as details from "../../../../generated/google/rpc/error_details.tables.js";
import { isStatusName, Status } from "../../../base/causes/status.js";
import { type ErrorDetail, RpcError } from "../../../base/errors.js";
import { type HttpAnswer, headerOf } from "../../../base/http/http-message.js";
import { maskDeep, maskOf, type SentRequest } from "../../../base/secrets/mask-sent.js";
import { decodeMessage } from "./decode-message.js";

/** The tables of google.rpc.*, by the full names of the messages. */
const DETAIL_TYPES = new Map(Object.values(details).map((type) => [type.typeName, type]));

/** Statuses for HTTP codes if the body names none. Source: google/rpc/code.proto; 502 as in gRPC's own mapping. */
const STATUS_OF_HTTP: Readonly<Record<number, number>> = {
  400: Status.INVALID_ARGUMENT,
  401: Status.UNAUTHENTICATED,
  403: Status.PERMISSION_DENIED,
  404: Status.NOT_FOUND,
  408: Status.DEADLINE_EXCEEDED,
  409: Status.ABORTED,
  412: Status.FAILED_PRECONDITION,
  413: Status.RESOURCE_EXHAUSTED,
  416: Status.OUT_OF_RANGE,
  429: Status.RESOURCE_EXHAUSTED,
  499: Status.CANCELLED,
  500: Status.INTERNAL,
  501: Status.UNIMPLEMENTED,
  502: Status.UNAVAILABLE,
  503: Status.UNAVAILABLE,
  504: Status.DEADLINE_EXCEEDED,
};

/** An HTTP response, and the request that it answers. */
interface RestFailure {
  readonly answer: HttpAnswer;
  /** `host:port`, for messages. */
  readonly host: string;
  readonly sent: SentRequest;
}

/** The error for a response other than 2xx. */
export function rpcErrorFromHttp({ answer, host, sent }: RestFailure, method: string): RpcError {
  const status = parseStatus(answer.text);
  const mask = maskOf(sent);
  return new RpcError({
    code: statusCodeOf(answer.status, status?.status),
    text: mask(status?.message ?? describe(answer, host)),
    method,
    transport: "rest",
    details: (status?.details ?? []).map((detail) => maskDeep(detail, mask)),
    trailers: new Map(Object.keys(answer.headers).map((key) => [key, [mask(headerOf(answer, key))]])),
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
  // A server-streaming method wraps its one error in a list.
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

/** A detail of an unknown type, or one that is broken, stays as it is in the JSON: an error must not be lost because of its details. */
function decodeDetail(detail: ErrorDetail): ErrorDetail {
  const type = DETAIL_TYPES.get(detail["@type"].replace(/^.*\//, ""));
  if (type === undefined) return detail;
  try {
    return { "@type": detail["@type"], ...decodeMessage(type.fields, detail) };
  } catch {
    return detail;
  }
}

/** The title of the page with which Google's front ends answer unknown requests. */
const GOOGLES_PAGE = /<title>(Error \d{3} \([^<()]{1,100}\)!{0,2}\d{0,2})<\/title>/i;

/** What to say about a body that is not Google's: it mostly comes from a proxy in between, and may hold what we sent. */
function describe(answer: HttpAnswer, host: string): string {
  const form = /^[\w.+-]+\/[\w.+-]+/.exec(headerOf(answer, "content-type"))?.[0] ?? "no content type";
  const title = GOOGLES_PAGE.exec(answer.text)?.[1];
  const said = title === undefined ? "" : `: ${title}`;
  return `${host} answered HTTP ${answer.status} with a body that is not a google.rpc.Status (${form})${said}`;
}
