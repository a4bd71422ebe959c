// SPDX-License-Identifier: Apache-2.0
// Turns what a server or its connection said into a status. Source: gRPC over HTTP2, "Responses" and "Errors". The one place where errors
// of this transport are made.

import { Status } from "../../../base/causes/status.js";
import { type ErrorDetail, RpcError } from "../../../base/errors.js";
import { maskDeep, maskOf, type SentRequest } from "../../../base/secrets/mask-sent.js";
import { ErrorCode, errorCodeName } from "../http2/frames/frames.js";
import { fieldValue } from "../http2/hpack/field-rules.js";
import type { GoAway, StreamFailure } from "../http2/stream.js";

/** A status other than OK, before it becomes an error. */
export interface Problem {
  readonly code: number;
  readonly text: string;
  /** Header fields that came with it. Default: none, because it was made here. */
  readonly fields?: readonly string[] | undefined;
  readonly cause?: unknown;
  /** After how many attempts it is final. Default: it may go away. */
  readonly finalAfter?: number | undefined;
}

/** The error for a problem, without anything that was sent. */
export function rpcErrorFromProblem(problem: Problem, method: string, sent: SentRequest): RpcError {
  const { code, text: said, fields = [], cause, finalAfter } = problem;
  const mask = maskOf(sent);
  const text = mask(said);
  const given = trailersFromFields(fields);
  const trailers = new Map([...given].map(([key, values]) => [key, maskDeep(values, mask)]));
  const statusBytes = given.get("grpc-status-details-bin")?.[0];
  const details = statusBytes instanceof Uint8Array ? maskDeep(decodeDetails(statusBytes), mask) : [];
  return new RpcError({ code, text, method, transport: "grpc", details, trailers, cause, finalAfter });
}

function decodeDetails(statusBytes: Uint8Array): readonly ErrorDetail[] {
  // require, not import: codecs of ten messages, which programs without errors never need.
  const { decodeErrorDetails } =
    require("../../../messages/error-details.js") as typeof import("../../../messages/error-details.js");
  return decodeErrorDetails(statusBytes);
}

/** The service's own fields, without those of the status itself. */
function trailersFromFields(fields: readonly string[]): Map<string, (string | Uint8Array)[]> {
  const trailers = new Map<string, (string | Uint8Array)[]>();
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] ?? "";
    if (name.startsWith(":") || name === "grpc-status" || name === "grpc-message") continue;
    const values = trailers.get(name) ?? [];
    const value = fields[at + 1] ?? "";
    // One field may hold several binary values. Invalid base64 loses octets but causes no error.
    if (name.endsWith("-bin")) values.push(...value.split(",").map((each) => Buffer.from(each, "base64")));
    else values.push(value);
    trailers.set(name, values);
  }
  return trailers;
}

/**
 * The end of a response as a problem; `undefined`: it is OK.
 *
 * @param fields trailers, or the headers of a headers-only response
 */
export function problemOfEnd(fields: readonly string[] | undefined): Problem | undefined {
  const status = fields === undefined ? undefined : fieldValue(fields, "grpc-status");
  if (fields === undefined || status === undefined) {
    const refusal = fields?.[0] === ":status" ? problemOfResponse(fields) : undefined;
    return (
      refusal ?? {
        code: Status.INTERNAL,
        text: "the server ended the call without a gRPC status",
        fields,
      }
    );
  }
  if (status === "0") return undefined;
  const code = /^[1-9]\d{0,8}$/.test(status) ? Number(status) : Status.UNKNOWN;
  return { code, text: decodeText(fieldValue(fields, "grpc-message") ?? ""), fields };
}

/** What is wrong with response headers that are not gRPC's; `undefined`: nothing. `grpc-status` takes precedence over the HTTP status. */
export function problemOfResponse(fields: readonly string[]): Problem | undefined {
  const status = fields[1] ?? "";
  const type = fieldValue(fields, "content-type");
  const isGrpc = type?.startsWith("application/grpc") ?? false;
  if ((status === "200" && isGrpc) || fieldValue(fields, "grpc-status") !== undefined) return undefined;
  const printable = type?.replace(/[^\x20-\x7e]/g, "?").slice(0, 100);
  const what = isGrpc ? "" : ` with ${printable === undefined ? "no content type" : `content type ${printable}`}`;
  return {
    code: HTTP_STATUSES[status] ?? Status.UNKNOWN,
    text: `the server answered HTTP ${status}${what}, which is not gRPC`,
    fields,
  };
}

/** Source: gRPC, "HTTP to gRPC Status Code Mapping". */
const HTTP_STATUSES: Readonly<Record<string, number>> = {
  400: Status.INTERNAL,
  401: Status.UNAUTHENTICATED,
  403: Status.PERMISSION_DENIED,
  404: Status.UNIMPLEMENTED,
  429: Status.UNAVAILABLE,
  431: Status.INTERNAL,
  502: Status.UNAVAILABLE,
  503: Status.UNAVAILABLE,
  504: Status.UNAVAILABLE,
};

/** A broken escape must not lose the message. */
function decodeText(text: string): string {
  if (!text.includes("%")) return text;
  const octets = Buffer.from(
    text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  );
  return octets.toString("utf8");
}

/**
 * What a stream's failure means for its call, if it is not retried.
 *
 * @param host `host:port`
 * @param isCulprit whether its stream was the last that the server processed before it went away
 */
export function problemOfFailure(failure: StreamFailure, host: string, isCulprit: boolean): Problem {
  switch (failure.kind) {
    case "reset":
      return problemOfReset(failure.code);
    case "broken":
      return { code: Status.INTERNAL, text: `the server violated the HTTP/2 protocol: ${failure.text}` };
    case "tooLarge":
      return { code: Status.RESOURCE_EXHAUSTED, text: "the server's header fields are larger than 64 KiB" };
    case "unprocessed":
      return problemOfGoAway(failure.goAway, host);
    case "lost": {
      const { error, goAway } = failure;
      const text = `the connection to ${host} was lost: ${textOf(error)}`;
      return { code: isCulprit ? codeOfCulprit(goAway) : Status.UNAVAILABLE, text, cause: error };
    }
  }
}

/**
 * A call that made the server drop the connection, and all other calls on it, must not be retried: it would end the next one too.
 * Proxies react to too much metadata that way.
 */
function codeOfCulprit(goAway: GoAway | undefined): number {
  if (goAway === undefined || BLAMELESS.has(goAway.code) || goAway.debugText === TOO_MANY_PINGS)
    return Status.UNAVAILABLE;
  return goAway.code === ErrorCode.ENHANCE_YOUR_CALM ? Status.RESOURCE_EXHAUSTED : Status.INTERNAL;
}

/** With these a server goes away of its own accord: CANCEL is what Node's servers say when they are stopped. */
const BLAMELESS: ReadonlySet<number> = new Set([ErrorCode.NO_ERROR, ErrorCode.CANCEL]);

/** What an error says: OpenSSL's full message names its source files. */
export function textOf(error: unknown): string {
  const { reason, message } = Object(error);
  return String(typeof reason === "string" ? reason : message);
}

/** The GOAWAY text of a server that wants fewer PINGs. Source: gRFC A8. */
export const TOO_MANY_PINGS = "too_many_pings";

function problemOfGoAway(goAway: GoAway, host: string): Problem {
  const said = goAway.debugText === "" ? "" : ` (${goAway.debugText})`;
  const text = `${host} sent GOAWAY with ${errorCodeName(goAway.code)}${said} before it accepted the call`;
  // A server that asks for calm again on another connection means this call.
  return { code: goAway.code === ErrorCode.ENHANCE_YOUR_CALM ? Status.RESOURCE_EXHAUSTED : Status.UNAVAILABLE, text };
}

function problemOfReset(code: number): Problem {
  const text = `the server reset the stream with ${errorCodeName(code)}`;
  switch (code) {
    case ErrorCode.REFUSED_STREAM:
      return { code: Status.UNAVAILABLE, text: `${text}, before it accepted the call` };
    case ErrorCode.CANCEL:
      return { code: Status.CANCELLED, text };
    case ErrorCode.ENHANCE_YOUR_CALM:
      return { code: Status.RESOURCE_EXHAUSTED, text: `${text}: it is overloaded` };
    case ErrorCode.INADEQUATE_SECURITY:
      return { code: Status.PERMISSION_DENIED, text: `${text}: the connection is not secure enough` };
    default:
      return { code: Status.INTERNAL, text };
  }
}
