// SPDX-License-Identifier: Apache-2.0
// The two services of the emulator as tables of methods that any face can serve: codecs of the wire beside what runs. Knows
// no wire.

import { IAMService } from "../../../generated/google/iam/admin/v1/iam.js";
import { IAMCredentialsService } from "../../../generated/google/iam/credentials/v1/iamcredentials.js";
import type { MethodIdentity } from "../world/refusals/service-error.js";
import { accountMethods } from "./iam-admin/account-methods.js";
import { keyMethods } from "./iam-admin/key-methods.js";
import { policyMethods } from "./iam-admin/policy-methods.js";
import { queryMethods } from "./iam-admin/query-methods.js";
import { roleMethods } from "./iam-admin/role-methods.js";
import { signingMethods } from "./iam-admin/signing-methods.js";
import { iamCredentialsMethods } from "./iam-credentials/credentials-methods.js";
import type { ServiceMethod } from "./method/service-method.js";

/** What is needed of a row of a generated service definition. */
export interface WireRow<Request, Response> {
  /** The path of the method in gRPC. Required. */
  readonly path: string;
  /** Reads a request. Required. */
  readonly requestDeserialize: (bytes: Buffer) => Request;
  /** Writes a response. Required. */
  readonly responseSerialize: (response: Response) => Buffer;
}

/**
 * A method with its codecs. Its messages are opaque to faces: `row` and `method` were bound together when both types were
 * known, so what one reads the other takes.
 */
export interface BoundMethod {
  /** How error details name it. Required. */
  readonly identity: MethodIdentity;
  /** Reads and writes its messages. Required. */
  readonly row: WireRow<unknown, unknown>;
  /** Runs it. Required. */
  readonly method: ServiceMethod<unknown, unknown>;
}

/** A service by its names, with its methods. */
export interface BoundService {
  /** The name in the proto, `google.iam.admin.v1.IAM` for one. Required. */
  readonly fullName: string;
  /** Its default host. Required. */
  readonly host: string;
  /** Its methods. Required. */
  readonly methods: readonly BoundMethod[];
}

type Bind = <Request, Response>(
  row: WireRow<Request, Response>,
  method: ServiceMethod<Request, Response>,
) => BoundMethod;

function defineService(fullName: string, host: string, bindAll: (bind: Bind) => BoundMethod[]): BoundService {
  const bind: Bind = (row, method) => ({
    identity: { method: `${fullName}.${method.name}`, service: host },
    // The types of the messages meet here for the last time; see BoundMethod.
    row: row as unknown as WireRow<unknown, unknown>,
    method: method as unknown as ServiceMethod<unknown, unknown>,
  });
  return { fullName, host, methods: bindAll(bind) };
}

const credentials = IAMCredentialsService;

/** google.iam.credentials.v1.IAMCredentials. */
export const iamCredentials: BoundService = defineService(
  "google.iam.credentials.v1.IAMCredentials",
  "iamcredentials.googleapis.com",
  (bind) => [
    bind(credentials.generateAccessToken, iamCredentialsMethods.generateAccessToken),
    bind(credentials.generateIdToken, iamCredentialsMethods.generateIdToken),
    bind(credentials.signBlob, iamCredentialsMethods.signBlob),
    bind(credentials.signJwt, iamCredentialsMethods.signJwt),
  ],
);

const admin = IAMService;

/** google.iam.admin.v1.IAM. */
export const iamAdmin: BoundService = defineService("google.iam.admin.v1.IAM", "iam.googleapis.com", (bind) => [
  bind(admin.listServiceAccounts, accountMethods.listServiceAccounts),
  bind(admin.getServiceAccount, accountMethods.getServiceAccount),
  bind(admin.createServiceAccount, accountMethods.createServiceAccount),
  bind(admin.updateServiceAccount, accountMethods.updateServiceAccount),
  bind(admin.patchServiceAccount, accountMethods.patchServiceAccount),
  bind(admin.deleteServiceAccount, accountMethods.deleteServiceAccount),
  bind(admin.undeleteServiceAccount, accountMethods.undeleteServiceAccount),
  bind(admin.enableServiceAccount, accountMethods.enableServiceAccount),
  bind(admin.disableServiceAccount, accountMethods.disableServiceAccount),
  bind(admin.listServiceAccountKeys, keyMethods.listServiceAccountKeys),
  bind(admin.getServiceAccountKey, keyMethods.getServiceAccountKey),
  bind(admin.createServiceAccountKey, keyMethods.createServiceAccountKey),
  bind(admin.uploadServiceAccountKey, keyMethods.uploadServiceAccountKey),
  bind(admin.deleteServiceAccountKey, keyMethods.deleteServiceAccountKey),
  bind(admin.disableServiceAccountKey, keyMethods.disableServiceAccountKey),
  bind(admin.enableServiceAccountKey, keyMethods.enableServiceAccountKey),
  bind(admin.signBlob, signingMethods.signBlob),
  bind(admin.signJwt, signingMethods.signJwt),
  bind(admin.getIamPolicy, policyMethods.getIamPolicy),
  bind(admin.setIamPolicy, policyMethods.setIamPolicy),
  bind(admin.testIamPermissions, policyMethods.testIamPermissions),
  bind(admin.queryGrantableRoles, queryMethods.queryGrantableRoles),
  bind(admin.listRoles, roleMethods.listRoles),
  bind(admin.getRole, roleMethods.getRole),
  bind(admin.createRole, roleMethods.createRole),
  bind(admin.updateRole, roleMethods.updateRole),
  bind(admin.deleteRole, roleMethods.deleteRole),
  bind(admin.undeleteRole, roleMethods.undeleteRole),
  bind(admin.queryTestablePermissions, queryMethods.queryTestablePermissions),
  bind(admin.queryAuditableServices, queryMethods.queryAuditableServices),
  bind(admin.lintPolicy, queryMethods.lintPolicy),
]);

/** The services of the emulator. */
export const services: readonly BoundService[] = [iamCredentials, iamAdmin];
