// SPDX-License-Identifier: Apache-2.0
// From grpc-js's status to our error. The one place where errors of the gRPC channel come in.

import type { Metadata, StatusObject } from "@grpc/grpc-js";
import { type ErrorDetail, RpcError } from "../../../base/errors.js";
import { Status } from "../../../base/status.js";

const DETAILS_KEY = "grpc-status-details-bin";

/** The error for a status other than OK, with the details that came beside it. */
export function rpcErrorFromGrpcStatus(status: StatusObject, method: string): RpcError {
  const statusBytes = status.metadata.get(DETAILS_KEY)[0];
  return new RpcError({
    // grpc-js reports none for a compressed reply whose encoding it does not know.
    code: status.code ?? Status.INTERNAL,
    text: status.details,
    method,
    transport: "grpc",
    details: statusBytes instanceof Uint8Array ? decodeDetails(statusBytes) : [],
    trailers: trailersFromMetadata(status.metadata),
  });
}

function decodeDetails(statusBytes: Uint8Array): readonly ErrorDetail[] {
  // require, not import: the codecs of ten messages, for programs that may never meet an error.
  const { decodeErrorDetails } =
    require("../../../messages/error-details.js") as typeof import("../../../messages/error-details.js");
  return decodeErrorDetails(statusBytes);
}

function trailersFromMetadata(metadata: Metadata): ReadonlyMap<string, readonly (string | Uint8Array)[]> {
  return new Map(Object.keys(metadata.getMap()).map((key) => [key, metadata.get(key)]));
}
