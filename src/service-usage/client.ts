// SPDX-License-Identifier: Apache-2.0
// The client of Service Usage: which row of the method table an RPC is.

import { ClientBase } from "../client/client-base.js";
import type { ClientOptions } from "../client/client-options.js";
import type { CallOptions } from "../rpc/call-options.js";
import type { PagedList } from "../rpc/paging.js";
import * as methods from "./methods.js";
import type * as requests from "./requests.js";
import { waitForOperation } from "./wait-for-operation.js";

/**
 * Enables and disables services for a project, and says which are. Its methods throw what those of the other clients throw.
 *
 * Source: google.api.serviceusage.v1.ServiceUsage; Python's `ServiceUsageAsyncClient` is the model.
 *
 * @example
 * const operation = await client.enableService({ name: "projects/my-project/services/iam.googleapis.com" });
 * await client.waitForOperation(operation);
 */
export class ServiceUsageAsyncClient extends ClientBase {
  /** @throws ConfigurationError naming the option or variable that is wrong */
  constructor(options: ClientOptions = {}) {
    super(methods.SERVICE_USAGE, options);
  }

  /** Begins to enable a service. Needs `serviceusage.services.enable` on the project. */
  enableService(request: requests.ServiceRequest, options?: CallOptions): Promise<requests.Operation> {
    return this.call(methods.enableService, request, options);
  }

  /** Begins to enable several services. Needs `serviceusage.services.enable` on the project. */
  batchEnableServices(
    request: requests.BatchEnableServicesRequest,
    options?: CallOptions,
  ): Promise<requests.Operation> {
    return this.call(methods.batchEnableServices, request, options);
  }

  /** Begins to disable a service. Needs `serviceusage.services.disable` on the project. */
  disableService(request: requests.DisableServiceRequest, options?: CallOptions): Promise<requests.Operation> {
    return this.call(methods.disableService, request, options);
  }

  /** Whether a service is enabled. Needs `serviceusage.services.get` on the project. */
  getService(request: requests.ServiceRequest, options?: CallOptions): Promise<requests.Service> {
    return this.call(methods.getService, request, options);
  }

  /** The services that a project can use, fetched page by page while they are read. Needs `serviceusage.services.list` on it. */
  listServices(
    request: requests.ListServicesRequest,
    options?: CallOptions,
  ): PagedList<requests.Service, requests.ListServicesResponse> {
    return this.list(methods.listServices, request, options);
  }

  /** The state of an operation. */
  getOperation(request: requests.GetOperationRequest, options?: CallOptions): Promise<requests.Operation> {
    return this.call(methods.getOperation, request, options);
  }

  /**
   * Waits until an operation has ended. `timeout` is the time of the whole wait, 5 minutes by default.
   *
   * @throws RpcError with the operation's own error; DEADLINE_EXCEEDED when it has not ended in time
   */
  waitForOperation(operation: requests.Operation, options?: CallOptions): Promise<void> {
    return waitForOperation(this.context, operation, options);
  }
}
