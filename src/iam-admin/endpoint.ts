// SPDX-License-Identifier: Apache-2.0
// The hosts of this service, and how a client with given options would choose among them. Opens nothing.

import type { ClientCertSource } from "../base/client-certificate.js";
import { readEnvironment } from "../base/environment.js";
import { type ClientOptions, checkClientOptions } from "../client/client-options.js";
import { type EndpointExplanation, explainConnection } from "../client/endpoint/explain-endpoint.js";
import { getDefaultMtlsEndpoint } from "../client/endpoint/mtls-endpoint.js";
import { mtlsEndpointAndCertSource } from "../client/endpoint/resolve-connection.js";
import { IAM } from "./methods.js";

/** The host in the default universe. */
export const DEFAULT_ENDPOINT = `${IAM.hostPrefix}.googleapis.com`;

/** The host for mutual TLS. */
export const DEFAULT_MTLS_ENDPOINT = getDefaultMtlsEndpoint(DEFAULT_ENDPOINT);

/**
 * The endpoint and the certificate source that Python's method of this name answers: only `apiEndpoint` and `clientCertSource` of the
 * options and the variables of mutual TLS count, the universe does not.
 *
 * @throws MutualTlsChannelError when `GOOGLE_API_USE_MTLS_ENDPOINT` is not exactly `never`, `auto` or `always`
 */
export function getMtlsEndpointAndCertSource(
  options: ClientOptions = {},
): [endpoint: string, certSource: ClientCertSource | undefined] {
  return mtlsEndpointAndCertSource(IAM, options, readEnvironment());
}

/**
 * How a client with these options would choose its endpoint, universe and certificate. Opens no connection and holds no secret.
 *
 * @throws ConfigurationError when an option is of the wrong kind
 */
export function explainEndpoint(options: ClientOptions = {}): EndpointExplanation {
  checkClientOptions(options);
  return explainConnection(IAM, options, readEnvironment());
}
