// SPDX-License-Identifier: Apache-2.0
// Builds the messages about service changes: what an operation carries while it runs and at the end. Decides no change.

import { OperationMetadata, type Service } from "../../../../generated/google/api/serviceusage/v1/resources.js";
import {
  BatchEnableServicesResponse,
  DisableServiceResponse,
  EnableServiceResponse,
} from "../../../../generated/google/api/serviceusage/v1/serviceusage.js";
import type { Operation } from "../../../../generated/google/longrunning/operations.js";
import type { ServiceOperation } from "../../world/projects/service-book.js";

/** The name of an operation with nothing to do; from memory. */
export const NOTHING_TO_DO = "operations/noop.DONE_OPERATION";

const PACKAGE = "type.googleapis.com/google.api.serviceusage.v1.";

/** What else is known about an operation. */
interface OperationState {
  /** The number of its project. Required. */
  readonly number: string;
  /** Whether it has ended. Required. */
  readonly isDone: boolean;
  /** A service as it is now. */
  read(service: string): Service;
}

type Packed = NonNullable<Operation["response"]>;

function pack(name: string, bytes: Uint8Array): Packed {
  return { typeUrl: PACKAGE + name, value: Buffer.from(bytes) };
}

function packResponse(
  { isBatch, isEnabled, services }: Omit<ServiceOperation, "doneAt">,
  read: OperationState["read"],
) {
  const all = services.map(read);
  if (isBatch) {
    const message = { services: all, failures: [] };
    return pack("BatchEnableServicesResponse", BatchEnableServicesResponse.encode(message).finish());
  }
  const message = { service: all[0] };
  return isEnabled
    ? pack("EnableServiceResponse", EnableServiceResponse.encode(message).finish())
    : pack("DisableServiceResponse", DisableServiceResponse.encode(message).finish());
}

/** An operation as a message. */
export function formatOperation(
  operation: Omit<ServiceOperation, "doneAt">,
  { number, isDone, read }: OperationState,
): Operation {
  const resourceNames = operation.services.map((service) => `projects/${number}/services/${service}`);
  return {
    name: operation.name,
    metadata: pack("OperationMetadata", OperationMetadata.encode({ resourceNames }).finish()),
    done: isDone,
    error: undefined,
    response: isDone ? packResponse(operation, read) : undefined,
  };
}
