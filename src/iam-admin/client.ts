// SPDX-License-Identifier: Apache-2.0
// The client: how one is made, and what goes beyond single RPCs. Helpers are in iam-helpers.ts, RPCs in iam-methods.ts.

import type { ServiceAccountInfo } from "../auth/service-account.js";
import type { ClientOptions } from "../client/client-options.js";
import { optionsFromKeyFile, optionsFromKeyInfo } from "../client/from-key-file.js";
import * as endpoints from "./endpoint.js";
import { IAMHelpers } from "./iam-helpers.js";
import { IAM } from "./methods.js";
import * as names from "./resource-names.js";

/**
 * Administers service accounts, their keys and policies, and custom roles. Make one and keep it; it connects at its first call.
 *
 * Source: google.iam.admin.v1.IAM; Python's `IAMAsyncClient` is the model.
 *
 * @example
 * const client = new IAMAsyncClient();
 * for await (const account of client.listServiceAccounts({ name: "projects/my-project" })) console.log(account.email);
 */
export class IAMAsyncClient extends IAMHelpers {
  /** @throws ConfigurationError naming the option or variable that is wrong */
  constructor(options: ClientOptions = {}) {
    super(IAM, options);
  }

  /**
   * A client that calls as the service account of a JSON key file. Overrides the option `credentials`.
   *
   * @throws ConfigurationError when the file cannot be read or is no service-account key
   */
  static fromServiceAccountFile(filename: string, options: ClientOptions = {}): IAMAsyncClient {
    return new IAMAsyncClient(optionsFromKeyFile(filename, options));
  }

  /** The same as {@link IAMAsyncClient.fromServiceAccountFile}, by Python's other name for it. */
  static fromServiceAccountJson(filename: string, options: ClientOptions = {}): IAMAsyncClient {
    return IAMAsyncClient.fromServiceAccountFile(filename, options);
  }

  /**
   * A client that calls as the service account of the contents of a JSON key file. Overrides the option `credentials`.
   *
   * @throws ConfigurationError when it is no service-account key
   */
  static fromServiceAccountInfo(info: ServiceAccountInfo, options: ClientOptions = {}): IAMAsyncClient {
    return new IAMAsyncClient(optionsFromKeyInfo(info, options));
  }

  /** {@link endpoints.DEFAULT_ENDPOINT}: `"iam.googleapis.com"`. */
  static readonly DEFAULT_ENDPOINT = endpoints.DEFAULT_ENDPOINT;
  /** {@link endpoints.DEFAULT_MTLS_ENDPOINT}: `"iam.mtls.googleapis.com"`. */
  static readonly DEFAULT_MTLS_ENDPOINT = endpoints.DEFAULT_MTLS_ENDPOINT;
  /** {@link endpoints.getMtlsEndpointAndCertSource} */
  static readonly getMtlsEndpointAndCertSource = endpoints.getMtlsEndpointAndCertSource;
  /** {@link endpoints.explainEndpoint} */
  static readonly explainEndpoint = endpoints.explainEndpoint;

  /** {@link names.serviceAccountPath} */
  static readonly serviceAccountPath = names.serviceAccountPath;
  /** {@link names.keyPath} */
  static readonly keyPath = names.keyPath;
  /** {@link names.parseServiceAccountPath} */
  static readonly parseServiceAccountPath = names.parseServiceAccountPath;
  /** {@link names.parseKeyPath} */
  static readonly parseKeyPath = names.parseKeyPath;
}
