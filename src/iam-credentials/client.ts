// SPDX-License-Identifier: Apache-2.0
// The client: which row of the method table a method is. Everything else is the road of a call.

import { ClientBase } from "../client/client-base.js";
import type { ClientOptions } from "../client/client-options.js";
import { buildStatics } from "../client/service-statics.js";
import type { CallOptions } from "../rpc/call-options.js";
import * as methods from "./methods.js";
import type {
  GenerateAccessTokenRequest,
  GenerateIdTokenRequest,
  SignBlobRequest,
  SignJwtRequest,
} from "./requests.js";
import * as names from "./resource-names.js";

export type { CloseOptions } from "../client/client-session.js";

/**
 * Trades the caller's identity for short-lived credentials of a service account: access tokens, ID tokens, signatures. Make one
 * and keep it; it connects at its first call.
 *
 * Source: google.iam.credentials.v1.IAMCredentials; Python's `IAMCredentialsAsyncClient` is the model.
 *
 * @example
 * const client = new IAMCredentialsAsyncClient();
 * const { accessToken, expireTime } = await client.generateAccessToken({
 *   name: "robot@my-project.iam.gserviceaccount.com",
 *   scope: ["https://www.googleapis.com/auth/cloud-platform"],
 * });
 */
export class IAMCredentialsAsyncClient extends ClientBase {
  /** @throws ConfigurationError naming the option or variable that is wrong */
  constructor(options: ClientOptions = {}) {
    super(methods.IAM_CREDENTIALS, options);
  }

  static readonly #statics = buildStatics(methods.IAM_CREDENTIALS, (options) => new IAMCredentialsAsyncClient(options));
  /** The host in the default universe: `"iamcredentials.googleapis.com"`. */
  static readonly DEFAULT_ENDPOINT = IAMCredentialsAsyncClient.#statics.DEFAULT_ENDPOINT;
  /** The host for mutual TLS: `"iamcredentials.mtls.googleapis.com"`. */
  static readonly DEFAULT_MTLS_ENDPOINT = IAMCredentialsAsyncClient.#statics.DEFAULT_MTLS_ENDPOINT;
  /** {@link ServiceStatics.fromServiceAccountFile} */
  static readonly fromServiceAccountFile = IAMCredentialsAsyncClient.#statics.fromServiceAccountFile;
  /** {@link ServiceStatics.fromServiceAccountJson} */
  static readonly fromServiceAccountJson = IAMCredentialsAsyncClient.#statics.fromServiceAccountJson;
  /** {@link ServiceStatics.fromServiceAccountInfo} */
  static readonly fromServiceAccountInfo = IAMCredentialsAsyncClient.#statics.fromServiceAccountInfo;
  /** {@link ServiceStatics.getMtlsEndpointAndCertSource} */
  static readonly getMtlsEndpointAndCertSource = IAMCredentialsAsyncClient.#statics.getMtlsEndpointAndCertSource;
  /** {@link ServiceStatics.explainEndpoint} */
  static readonly explainEndpoint = IAMCredentialsAsyncClient.#statics.explainEndpoint;

  /** {@link names.serviceAccountPath} */
  static readonly serviceAccountPath = names.serviceAccountPath;
  /** {@link names.parseServiceAccountPath} */
  static readonly parseServiceAccountPath = names.parseServiceAccountPath;

  /**
   * Mints an OAuth 2.0 access token for a service account. Needs `iam.serviceAccounts.getAccessToken` on it.
   *
   * @throws RequestError when a field is wrong; RpcError when the service says no; CredentialsError without a token to call with
   */
  generateAccessToken(
    request: GenerateAccessTokenRequest,
    options?: CallOptions,
  ): Promise<methods.GenerateAccessTokenResponse> {
    return this.call(methods.generateAccessToken, request, options);
  }

  /**
   * Mints an OpenID Connect ID token for a service account. Needs `iam.serviceAccounts.getOpenIdToken` on it.
   *
   * @throws RequestError when a field is wrong; RpcError when the service says no; CredentialsError without a token to call with
   */
  generateIdToken(request: GenerateIdTokenRequest, options?: CallOptions): Promise<methods.GenerateIdTokenResponse> {
    return this.call(methods.generateIdToken, request, options);
  }

  /**
   * Signs bytes with a service account's system-managed key. Needs `iam.serviceAccounts.signBlob` on it.
   *
   * @throws RequestError when a field is wrong; RpcError when the service says no; CredentialsError without a token to call with
   */
  signBlob(request: SignBlobRequest, options?: CallOptions): Promise<methods.SignBlobResponse> {
    return this.call(methods.signBlob, request, options);
  }

  /**
   * Signs a claims set with a service account's system-managed key. Needs `iam.serviceAccounts.signJwt` on it.
   *
   * @throws RequestError when a field is wrong; RpcError when the service says no; CredentialsError without a token to call with
   */
  signJwt(request: SignJwtRequest, options?: CallOptions): Promise<methods.SignJwtResponse> {
    return this.call(methods.signJwt, request, options);
  }
}
