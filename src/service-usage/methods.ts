// SPDX-License-Identifier: Apache-2.0
// The rows of the service: what the protos cannot say about each RPC. The only file here that knows the generated rows.

import {
  ServiceUsageRows as rows,
  ServiceUsageNames,
} from "../../generated/google/api/serviceusage/v1/serviceusage.tables.js";
import type { Operation as WireOperation } from "../../generated/google/longrunning/operations.js";
import { OperationsRows } from "../../generated/google/longrunning/operations.tables.js";
import { EMULATOR_VARIABLE } from "../base/environment.js";
import { CLOUD_PLATFORM_SCOPE } from "../base/options/google-names.js";
import { normalizePageSize, normalizeProjectName, requireText } from "../messages/field-checks.js";
import { fromPlain, toPlain } from "../messages/plain-messages.js";
import type { ServiceDescription } from "../rpc/method/method.js";
import { rowFromStub } from "../rpc/method/row-from-stub.js";
import { DEFAULT_RETRY } from "../rpc/retry/policy.js";
import type * as requests from "./requests.js";
import { normalizeServiceName, requireServiceIds } from "./service-names.js";

/** The service, for the runtime. */
export const SERVICE_USAGE: ServiceDescription = {
  ...ServiceUsageNames,
  scopes: [CLOUD_PLATFORM_SCOPE], // the others are read-only, or for producers
  // The emulator serves all services on one port, so one variable points at it.
  emulatorVariable: EMULATOR_VARIABLE,
  logName: "service-usage",
};

const serviceName = { name: normalizeServiceName };
const projectName = { parent: normalizeProjectName };
const retry = DEFAULT_RETRY; // for what only reads: Google publishes no policy for this service

function operationFrom({ name, done, error }: WireOperation): requests.Operation {
  return { name, done, error: error && { code: error.code, message: error.message } };
}

/** RPC EnableService. */
export const enableService = rowFromStub(rows.enableService, {
  normalize: fromPlain<requests.ServiceRequest>(serviceName),
  respond: operationFrom,
});

/** RPC DisableService. */
export const disableService = rowFromStub(rows.disableService, {
  normalize: fromPlain<requests.DisableServiceRequest>(serviceName),
  respond: operationFrom,
});

/** RPC GetService. */
export const getService = rowFromStub(rows.getService, {
  normalize: fromPlain<requests.ServiceRequest>(serviceName),
  respond: toPlain<requests.Service>,
  retry,
});

/** RPC ListServices. */
export const listServices = rowFromStub(rows.listServices, {
  normalize: fromPlain<requests.ListServicesRequest>({ ...projectName, pageSize: normalizePageSize }),
  respond: toPlain<requests.ListServicesResponse>,
  retry,
});

/** RPC BatchEnableServices. */
export const batchEnableServices = rowFromStub(rows.batchEnableServices, {
  normalize: fromPlain<requests.BatchEnableServicesRequest>({ ...projectName, serviceIds: requireServiceIds }),
  respond: operationFrom,
});

/** RPC GetOperation, of google.longrunning.Operations at the host of this service. */
export const getOperation = rowFromStub(OperationsRows.getOperation, {
  normalize: fromPlain<requests.GetOperationRequest>({
    name: (value, field) => requireText(value, field, "an operation name such as operations/acat.p2-1"),
  }),
  respond: operationFrom,
  retry,
});
