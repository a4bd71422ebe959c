// SPDX-License-Identifier: Apache-2.0
// The class of the errors that the original's runtime makes itself: that of google-gax if the program has loaded it, so that its
// instanceof holds, else one of the same shape. Never loads google-gax.

import type { Metadata } from "../stub/channel-library.js";

/** What a caller of the drop-in sees of an error, with the fields of google-gax's `GoogleError`. */
export interface GoogleErrorLike extends Error {
  /** The numeric status code. */
  code?: number | undefined;
  /** Why it was not retried. */
  note?: string | undefined;
  /** Trailing metadata, as grpc-js has it. */
  metadata?: Metadata | undefined;
  /** Decoded `google.rpc.*` details of known types. */
  statusDetails?: unknown;
  /** From `google.rpc.ErrorInfo`. */
  reason?: string | undefined;
  /** From `google.rpc.ErrorInfo`. */
  domain?: string | undefined;
  /** From `google.rpc.ErrorInfo`. */
  errorInfoMetadata?: Readonly<Record<string, string>> | undefined;
}

/** A class of such errors. */
type GoogleErrorClass = new (message?: string) => GoogleErrorLike;

/** The same own keys, in the same order, as google-gax's. */
class GoogleError extends Error implements GoogleErrorLike {
  code: number | undefined = undefined;
  note: string | undefined = undefined;
  metadata: Metadata | undefined = undefined;
  statusDetails: unknown = undefined;
  reason: string | undefined = undefined;
  domain: string | undefined = undefined;
  errorInfoMetadata: Readonly<Record<string, string>> | undefined = undefined;
}

/** The file of google-gax that has the class, in every major so far. */
const GAX_FILE = /[\\/]google-gax[\\/]build[\\/](?:cjs[\\/])?src[\\/]googleError\.[cm]?js$/;

/** Makes an error of the class that the program knows. @param gax the module that the client was given, if any */
export function googleError(message: string, code: number | undefined, gax: unknown): GoogleErrorLike {
  const error = new (googleErrorClass(gax))(message);
  if (code !== undefined) error.code = code;
  return error;
}

function googleErrorClass(gax: unknown): GoogleErrorClass {
  const given: unknown = Object(gax).GoogleError;
  if (isErrorClass(given)) return given;
  // A lookup, not a require: a program that has not loaded google-gax has nothing to compare with.
  const path = Object.keys(require.cache).find((each) => GAX_FILE.test(each));
  const loaded: unknown = path === undefined ? undefined : require.cache[path]?.exports?.GoogleError;
  return isErrorClass(loaded) ? loaded : GoogleError;
}

function isErrorClass(value: unknown): value is GoogleErrorClass {
  return typeof value === "function" && value.prototype instanceof Error;
}
