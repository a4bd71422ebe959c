// SPDX-License-Identifier: Apache-2.0
// The emulator's services, as tables of methods that any protocol can serve: codecs next to handlers. Knows
// no wire.

import {
  ServiceUsageNames,
  ServiceUsageRows,
} from "../../../generated/google/api/serviceusage/v1/serviceusage.tables.js";
import { ProjectsNames, ProjectsRows } from "../../../generated/google/cloud/resourcemanager/v3/projects.tables.js";
import { IAMNames, IAMRows } from "../../../generated/google/iam/admin/v1/iam.tables.js";
import {
  IAMCredentialsNames,
  IAMCredentialsRows,
} from "../../../generated/google/iam/credentials/v1/iamcredentials.tables.js";
import { OperationsNames, OperationsRows } from "../../../generated/google/longrunning/operations.tables.js";
import type { MethodTables } from "../../messages/tables.js";
import { apiScopes, READ_ONLY_SCOPE, readScopes } from "../world/names/scopes.js";
import type { MethodIdentity } from "../world/refusals/service-error.js";
import { accountMethods } from "./iam-admin/account-methods.js";
import { policyMethods } from "./iam-admin/account-policies.js";
import { keyMethods } from "./iam-admin/key-methods.js";
import { queryMethods } from "./iam-admin/query-methods.js";
import { roleMethods } from "./iam-admin/role-methods.js";
import { signingMethods } from "./iam-admin/signing-methods.js";
import { iamCredentialsMethods } from "./iam-credentials/credentials-methods.js";
import type { ServiceMethod } from "./method/service-method.js";
import { projectMethods } from "./resource-manager/project-methods.js";
import { operationMethods, serviceMethods } from "./service-usage/service-methods.js";

/** The part of a generated row that is needed. */
interface WireRow<Request, Response> extends Pick<MethodTables, "request" | "reply" | "bindings"> {
  /** The path of the method in gRPC. Required. */
  readonly path: string;
  /** Reads a request. Required. */
  readonly requestDeserialize: (bytes: Buffer) => Request;
  /** Writes a response. Required. */
  readonly responseSerialize: (response: Response) => Buffer;
}

/**
 * A method with its codecs. Its messages are opaque to the protocols: `row` and `method` were bound together when both types were
 * known, so one takes what the other reads.
 */
export interface BoundMethod {
  /** How error details name it. Required. */
  readonly identity: MethodIdentity;
  /** The scopes, any one of which suffices. Required. */
  readonly scopes: readonly string[];
  /** Reads and writes its messages, and says where it is found over HTTP. Required. */
  readonly row: WireRow<unknown, unknown>;
  /** Runs it. Required. */
  readonly method: ServiceMethod<unknown, unknown>;
}

/** A service: its names and methods. */
export interface BoundService {
  /** The name in the proto, for example `google.iam.admin.v1.IAM`. Required. */
  readonly fullName: string;
  /** Its default host. Required. */
  readonly host: string;
  /** Its methods. Required. */
  readonly methods: readonly BoundMethod[];
}

/** The handler for each generated row. */
type MethodsOf<Rows> = {
  readonly [Key in keyof Rows]: Rows[Key] extends WireRow<infer Request, infer Response>
    ? ServiceMethod<Request, Response>
    : never;
};

interface Names {
  readonly fullName: string;
  readonly hostPrefix: string;
}

// The read-only scope suffices for methods that only read.
function scopesOf(method: string, scopes: readonly string[]): readonly string[] {
  return /^(Get|List|Search|Test)/.test(method) ? scopes : scopes.filter((scope) => scope !== READ_ONLY_SCOPE);
}

function defineService<Rows extends object>(
  { fullName, hostPrefix }: Names,
  rows: Rows,
  methods: MethodsOf<Rows>,
  scopes: readonly string[] = apiScopes,
): BoundService {
  const host = `${hostPrefix}.googleapis.com`;
  // The types of the messages meet here for the last time; see BoundMethod.
  const untyped = methods as unknown as Readonly<Record<string, ServiceMethod<unknown, unknown>>>;
  const bind = ([key, row]: [string, WireRow<unknown, unknown>]): BoundMethod[] => {
    const method = untyped[key];
    if (method === undefined) return [];
    const identity = { method: `${fullName}.${method.name}`, service: host };
    return [{ identity, scopes: scopesOf(method.name, scopes), row, method }];
  };
  return { fullName, host, methods: Object.entries(rows).flatMap(bind) };
}

/** google.iam.credentials.v1.IAMCredentials. */
export const iamCredentials: BoundService = defineService(
  IAMCredentialsNames,
  IAMCredentialsRows,
  iamCredentialsMethods,
);

/** google.iam.admin.v1.IAM. */
export const iamAdmin: BoundService = defineService(IAMNames, IAMRows, {
  ...accountMethods,
  ...keyMethods,
  ...signingMethods,
  ...policyMethods,
  ...roleMethods,
  ...queryMethods,
});

/** google.cloud.resourcemanager.v3.Projects. */
export const projects: BoundService = defineService(ProjectsNames, ProjectsRows, projectMethods, readScopes);

/** google.api.serviceusage.v1.ServiceUsage. */
const serviceUsage: BoundService = defineService(ServiceUsageNames, ServiceUsageRows, serviceMethods, [
  ...readScopes,
  "https://www.googleapis.com/auth/service.management",
]);

/** google.longrunning.Operations, at the host of Service Usage. */
const operations: BoundService = defineService(
  { ...OperationsNames, hostPrefix: ServiceUsageNames.hostPrefix },
  { getOperation: OperationsRows.getOperation },
  operationMethods,
  readScopes,
);

/** The services of the emulator. */
export const services: readonly BoundService[] = [iamCredentials, iamAdmin, projects, serviceUsage, operations];
