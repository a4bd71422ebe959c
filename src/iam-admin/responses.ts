// SPDX-License-Identifier: Apache-2.0
// What the methods return that is not a resource itself: pages, and objects around a list.

import type { ServiceAccountKey } from "./keys/service-account-key.js";
import type { AuditableService, LintResult, Permission, Role, ServiceAccount } from "./resources.js";

/** A page of accounts. Source: google.iam.admin.v1.ListServiceAccountsResponse. */
export interface ListServiceAccountsResponse {
  /** The accounts. */
  readonly accounts: readonly ServiceAccount[];
  /** Asks for the next page; empty: there is none. */
  readonly nextPageToken: string;
}

/** What was brought back. Source: google.iam.admin.v1.UndeleteServiceAccountResponse. */
export interface UndeleteServiceAccountResponse {
  /** The account. */
  readonly restoredAccount: ServiceAccount | undefined;
}

/** All keys of an account. Source: google.iam.admin.v1.ListServiceAccountKeysResponse. */
export interface ListServiceAccountKeysResponse {
  /** The keys, without their public halves. */
  readonly keys: readonly ServiceAccountKey[];
}

/** A signature. Source: google.iam.admin.v1.SignBlobResponse. */
export interface SignBlobResponse {
  /** Which of the account's keys signed. */
  readonly keyId: string;
  /** RSASSA-PKCS1-v1_5 with SHA-256 over the bytes. */
  readonly signature: Buffer;
}

/** A signed JSON Web Token. Source: google.iam.admin.v1.SignJwtResponse. */
export interface SignJwtResponse {
  /** Which of the account's keys signed. */
  readonly keyId: string;
  /** The token in JWS compact form, RS256. A secret. */
  readonly signedJwt: string;
}

/** A page of roles. Source: google.iam.admin.v1.QueryGrantableRolesResponse. */
export interface QueryGrantableRolesResponse {
  /** The roles. */
  readonly roles: readonly Role[];
  /** Asks for the next page; empty: there is none. */
  readonly nextPageToken: string;
}

/** A page of roles. Source: google.iam.admin.v1.ListRolesResponse. */
export interface ListRolesResponse {
  /** The roles. */
  readonly roles: readonly Role[];
  /** Asks for the next page; empty: there is none. */
  readonly nextPageToken: string;
}

/** A page of permissions. Source: google.iam.admin.v1.QueryTestablePermissionsResponse. */
export interface QueryTestablePermissionsResponse {
  /** The permissions. */
  readonly permissions: readonly Permission[];
  /** Asks for the next page; empty: there is none. */
  readonly nextPageToken: string;
}

/** The services whose use can be audit-logged. Source: google.iam.admin.v1.QueryAuditableServicesResponse. */
export interface QueryAuditableServicesResponse {
  /** The services. */
  readonly services: readonly AuditableService[];
}

/** What is wrong with a condition. Source: google.iam.admin.v1.LintPolicyResponse. */
export interface LintPolicyResponse {
  /** One by one; empty: nothing. */
  readonly lintResults: readonly LintResult[];
}
