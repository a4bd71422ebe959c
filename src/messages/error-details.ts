// SPDX-License-Identifier: Apache-2.0
// Decodes the google.rpc.* details of an error from protobuf. Knows no transport.

import {
  BadRequest,
  DebugInfo,
  ErrorInfo,
  Help,
  LocalizedMessage,
  PreconditionFailure,
  QuotaFailure,
  RequestInfo,
  ResourceInfo,
  RetryInfo,
} from "../../generated/google/rpc/error_details.js";
import { Status as StatusMessage } from "../../generated/google/rpc/status.js";
import type { ErrorDetail } from "../base/errors.js";

const DECODERS: ReadonlyMap<string, { decode(bytes: Uint8Array): object }> = new Map(
  Object.entries({
    BadRequest,
    DebugInfo,
    ErrorInfo,
    Help,
    LocalizedMessage,
    PreconditionFailure,
    QuotaFailure,
    RequestInfo,
    ResourceInfo,
    RetryInfo,
  }),
);

/**
 * The details in the bytes of a `google.rpc.Status`, as `grpc-status-details-bin` carries it. Bytes that are not one give no
 * details: an error must not be lost because its details are broken. A detail of an unknown type keeps its bytes.
 *
 * Source: google/rpc/status.proto, google/rpc/error_details.proto.
 */
export function decodeErrorDetails(statusBytes: Uint8Array): readonly ErrorDetail[] {
  try {
    return StatusMessage.decode(statusBytes).details.map(({ typeUrl, value }) => decodeDetail(typeUrl, value));
  } catch {
    return [];
  }
}

function decodeDetail(typeUrl: string, value: Uint8Array): ErrorDetail {
  const decoder = DECODERS.get(/\/google\.rpc\.(\w+)$/.exec(typeUrl)?.[1] ?? "");
  try {
    return { "@type": typeUrl, ...(decoder?.decode(value) ?? { value }) };
  } catch {
    return { "@type": typeUrl, value };
  }
}
