// SPDX-License-Identifier: Apache-2.0
// Turns the errors of the road of a call into those that callers of the original know: grpc-js's form for what the service or the channel
// said, google-gax's for retries that gave up. The one place of the drop-in where errors change their form.

import * as protos from "../../../generated/protobufjs/index.js";
import { Status, statusName } from "../../base/causes/status.js";
import { type ErrorDetail, IAMCredentialsError, RequestError, RpcError } from "../../base/errors.js";
import type { Metadata } from "../stub/channel-library.js";
import type { CallSettings } from "./call-settings.js";
import { type GoogleErrorLike, googleError } from "./google-error.js";

/** What the form of an error depends on. */
export interface ErrorContext {
  readonly settings: CallSettings;
  /** The errors of the attempts, in order. */
  readonly failures: readonly unknown[];
  /** Whether details are decoded: for promises, not for callbacks. */
  readonly decodesDetails: boolean;
  /** Makes metadata of grpc-js. */
  readonly newMetadata: () => Metadata;
  /** The module that the client was given in place of google-gax. */
  readonly gax: unknown;
  /** Whether the caller cancelled the call. */
  readonly isCancelled: boolean;
  /** Why, by the caller's signal, if there is one. */
  readonly cancelReason: unknown;
}

const NOT_TRANSIENT = "Exception occurred in retry method that was not classified as transient";

/** What the caller sees. */
export function explainError(error: unknown, context: ErrorContext): unknown {
  const { settings, gax } = context;
  if (context.isCancelled) return cancelled(context);
  if (isTotalDeadline(error, context)) return explainDeadline(error, context);
  if (error instanceof RequestError) return withCause(googleError(error.message, Status.INVALID_ARGUMENT, gax), error);
  if (error instanceof RpcError) {
    const { retry } = settings;
    if (retry === undefined) return serviceError(error, context);
    if (!retry.codes.includes(error.code)) return noted(serviceError(error, context));
    const before = `Exceeded maximum number of retries retrying error ${asText(error)} before any response was received`;
    return withCause(googleError(before + previousErrors(context), Status.DEADLINE_EXCEEDED, gax), error);
  }
  // Ours alone, such as a certificate that cannot be read: nothing was sent.
  return error instanceof IAMCredentialsError
    ? withCause(googleError(error.message, Status.UNAUTHENTICATED, gax), error)
    : error;
}

/** The error for a request that cannot be serialized. */
export function serializationError(cause: unknown, context: ErrorContext): unknown {
  const text = `Request message serialization failure: ${cause instanceof Error ? cause.message : String(cause)}`;
  const error = serviceError(
    new RpcError({ code: Status.INTERNAL, text, method: "request", transport: "grpc", cause }),
    context,
  );
  return context.settings.retry === undefined ? error : noted(error);
}

/** As the channel reports a call that its caller cancels. */
function cancelled(context: ErrorContext): unknown {
  const text = "Cancelled on client";
  const init = { code: Status.CANCELLED, text, method: "call", transport: "grpc", cause: context.cancelReason };
  const error = serviceError(new RpcError(init), context);
  return context.settings.retry === undefined ? error : noted(error);
}

/** Whether the road of a call made it because the total time is over: no attempt failed with it. */
function isTotalDeadline(error: unknown, { failures }: ErrorContext): error is RpcError {
  return error instanceof RpcError && error.status === "DEADLINE_EXCEEDED" && !failures.includes(error);
}

function explainDeadline(error: RpcError, context: ErrorContext): unknown {
  const { settings, gax } = context;
  const { cause } = error;
  if (settings.retry === undefined && cause instanceof RpcError) return serviceError(cause, context);
  const retrying = cause === undefined ? "" : `retrying error ${asText(cause)} `;
  const total = settings.retry?.settings.totalTimeoutMillis ?? settings.timeoutMillis;
  const text = `Total timeout of API ${settings.apiName} exceeded ${total} milliseconds ${retrying} before any response was received.`;
  return withCause(googleError(text + previousErrors(context), Status.DEADLINE_EXCEEDED, gax), cause);
}

/** As grpc-js makes it: an Error with code, details and metadata; over REST, as google-gax does. */
function serviceError(error: RpcError, context: ErrorContext): GoogleErrorLike {
  const { code } = error;
  const text = textOf(error);
  if (error.transport === "rest") {
    return addDetails(withCause(googleError(text, code, context.gax), error.cause), error);
  }
  const made: GoogleErrorLike = Object.assign(new Error(`${code} ${nameOf(code)}: ${text}`), {
    code,
    details: text,
    metadata: metadataFrom(error, context),
  });
  withCause(made, error.cause);
  return context.decodesDetails ? addDetails(made, error) : made;
}

function metadataFrom(error: RpcError, { newMetadata }: ErrorContext): Metadata {
  const metadata = newMetadata();
  for (const [key, values] of error.trailers) {
    for (const value of values) metadata.add(key, typeof value === "string" ? value : Buffer.from(value));
  }
  return metadata;
}

function addDetails(made: GoogleErrorLike, error: RpcError): GoogleErrorLike {
  if (error.details.length > 0) made.statusDetails = error.details.flatMap(knownDetail);
  if (error.reason !== undefined) {
    made.reason = error.reason;
    made.domain = error.domain;
    made.errorInfoMetadata = error.errorMetadata;
  }
  return made;
}

/** A detail of a known type: one of the usual ones, or a message of the service's own protos; others are left out. */
function knownDetail({ "@type": url, ...fields }: ErrorDetail): readonly object[] {
  const [, type] = /^type\.googleapis\.com\/(.+)$/.exec(url) ?? [];
  if (type === undefined) return [];
  const { value } = fields;
  if (!(value instanceof Uint8Array)) return [fields];
  const message = type.split(".").reduce((parent: object, key) => Object(Reflect.get(parent, key)), protos);
  if (!("decode" in message) || typeof message.decode !== "function") return [];
  try {
    return [message.decode(value)];
  } catch {
    return [];
  }
}

function noted(error: GoogleErrorLike): GoogleErrorLike {
  error.note = NOT_TRANSIENT;
  return error;
}

function asText(error: unknown): string {
  return error instanceof RpcError ? `Error: ${error.code} ${nameOf(error.code)}: ${textOf(error)}` : String(error);
}

/** What google-gax adds from the second failure on. */
function previousErrors({ failures }: ErrorContext): string {
  if (failures.length < 2) return "";
  const each = failures.map((error) => {
    const message = error instanceof RpcError ? `${error.code} ${nameOf(error.code)}: ${textOf(error)}` : String(error);
    return `{message: ${message}, code: ${error instanceof RpcError ? error.code : ""}, details: , note: }`;
  });
  return ` : Previous errors : [${each.join(",")}]`;
}

/** What the service or the channel said, without the prefix of our message. */
function textOf(error: RpcError): string {
  return error.message.slice(`${error.method}: ${error.status}: `.length);
}

/** As grpc-js prints it; it has no name for a number outside the canonical set. */
function nameOf(code: number): string {
  const name = statusName(code);
  return Status[name] === code ? name : "undefined";
}

/** Not enumerable: callers compare own keys. */
function withCause<T extends Error>(error: T, cause: unknown): T {
  if (cause !== undefined) Object.defineProperty(error, "cause", { value: cause, configurable: true, writable: true });
  return error;
}
