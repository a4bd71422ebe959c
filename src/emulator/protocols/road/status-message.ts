// SPDX-License-Identifier: Apache-2.0
// Writes a refusal as google.rpc.Status with its details: what gRPC sends in grpc-status-details-bin, and REST when asked for
// protobuf. Sends nothing.

import { BadRequest, ErrorInfo, Help, PreconditionFailure } from "../../../../generated/google/rpc/error_details.js";
import { Status } from "../../../../generated/google/rpc/status.js";
import { InjectedError } from "../../world/faults/fault.js";
import type { ServiceError } from "../../world/refusals/service-error.js";

/** The details of a refusal as messages, none when it has none. */
export function encodeDetails(error: ServiceError): Status["details"] {
  const details: Status["details"] = [];
  if (error.info !== undefined) {
    const { reason, domain, metadata: facts } = error.info;
    const value = Buffer.from(ErrorInfo.encode({ reason, domain, metadata: { ...facts } }).finish());
    details.push({ typeUrl: "type.googleapis.com/google.rpc.ErrorInfo", value });
  }
  if (error.violations.length > 0) {
    const fieldViolations = error.violations.map((violation) => ({
      reason: "",
      localizedMessage: undefined,
      ...violation,
    }));
    const value = Buffer.from(BadRequest.encode({ fieldViolations }).finish());
    details.push({ typeUrl: "type.googleapis.com/google.rpc.BadRequest", value });
  }
  if (error.preconditions.length > 0) {
    const value = Buffer.from(PreconditionFailure.encode({ violations: [...error.preconditions] }).finish());
    details.push({ typeUrl: "type.googleapis.com/google.rpc.PreconditionFailure", value });
  }
  if (error.links.length > 0) {
    const value = Buffer.from(Help.encode({ links: [...error.links] }).finish());
    details.push({ typeUrl: "type.googleapis.com/google.rpc.Help", value });
  }
  if (error instanceof InjectedError) details.push(...error.encodedDetails);
  return details;
}

/** The whole message. */
export function encodeStatus(error: ServiceError, details = encodeDetails(error)): Buffer {
  return Buffer.from(Status.encode({ code: error.code, message: error.message, details }).finish());
}
