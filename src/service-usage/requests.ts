// SPDX-License-Identifier: Apache-2.0
// What a caller may write for each method, and what it reads of services and operations. The rows of methods.ts say which checks hold.

import type { NewerValue } from "../messages/plain-messages.js";

/** Whether a project uses a service. Source: google.api.serviceusage.v1.State. */
type ServiceState = "STATE_UNSPECIFIED" | "DISABLED" | "ENABLED";

/** What to do with a service that was used recently. Source: google.api.serviceusage.v1.DisableServiceRequest.CheckIfServiceHasUsage. */
type UsageCheck = "CHECK_IF_SERVICE_HAS_USAGE_UNSPECIFIED" | "SKIP" | "CHECK";

/** A service, as a project sees it. Source: google.api.serviceusage.v1.Service. */
export interface Service {
  /** `projects/{number}/services/{service}`. */
  readonly name: string;
  /** `projects/{number}`. */
  readonly parent: string;
  /** What it is. */
  readonly config: ServiceConfig | undefined;
  /** Whether the project uses it. */
  readonly state: ServiceState | NewerValue;
}

/** What a service is. Source: google.api.serviceusage.v1.ServiceConfig. */
interface ServiceConfig {
  /** `iam.googleapis.com`. */
  readonly name: string;
  /** A name for people. */
  readonly title: string;
}

/** A request for one service of a project. */
export interface ServiceRequest {
  /** `projects/{id or number}/services/{service}`, where the service is a name such as `iam.googleapis.com`. Required. */
  readonly name: string;
}

/** Disables a service. Source: google.api.serviceusage.v1.DisableServiceRequest. */
export interface DisableServiceRequest extends ServiceRequest {
  /** Whether the services that depend on it are disabled too; otherwise they are a reason to refuse. Default: false. */
  readonly disableDependentServices?: boolean | undefined;
  /** What to do if it was used recently. Default: the service's. */
  readonly checkIfServiceHasUsage?: UsageCheck | undefined;
}

/** Asks for the services of a project. Source: google.api.serviceusage.v1.ListServicesRequest. */
export interface ListServicesRequest {
  /** `projects/{id or number}`, the id or the number. Required. */
  readonly parent: string;
  /** `state:ENABLED` or `state:DISABLED`. Default: all. */
  readonly filter?: string | undefined;
  /** The most items a page may have. Default: the service's. */
  readonly pageSize?: number | undefined;
  /** Where to continue: the `nextPageToken` of a page of the same list. Default: at the start. */
  readonly pageToken?: string | undefined;
}

/** A page of services. Source: google.api.serviceusage.v1.ListServicesResponse. */
export interface ListServicesResponse {
  /** The services. */
  readonly services: readonly Service[];
  /** Asks for the next page; empty: there is none. */
  readonly nextPageToken: string;
}

/** Enables several services, all or none. Source: google.api.serviceusage.v1.BatchEnableServicesRequest. */
export interface BatchEnableServicesRequest {
  /** `projects/{id or number}`, the id or the number. Required. */
  readonly parent: string;
  /** The services: `["iam.googleapis.com"]`, at most 20. Required. */
  readonly serviceIds: readonly string[];
}

/** Asks for the state of an operation. Source: google.longrunning.GetOperationRequest. */
export interface GetOperationRequest {
  /** The operation's name. Required. */
  readonly name: string;
}

/** Something that takes time. Its result is read with getService. Source: google.longrunning.Operation. */
export interface Operation {
  /** `operations/…`. */
  readonly name: string;
  /** Whether it has ended. */
  readonly done: boolean;
  /** Why it failed; `undefined`: it did not. */
  readonly error: OperationError | undefined;
}

/** Why an operation failed. Source: google.rpc.Status. */
interface OperationError {
  /** The code of the status, as a number. */
  readonly code: number;
  /** What it says. */
  readonly message: string;
}
