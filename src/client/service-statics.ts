// SPDX-License-Identifier: Apache-2.0
// The statics of a client class that depend on its service: making a client from a key file, and explaining how an endpoint is chosen.
// Opens nothing.

import type { ServiceAccountInfo } from "../auth/service-account.js";
import type { ClientCertSource } from "../base/certificate/client-certificate.js";
import { getDefaultMtlsEndpoint } from "../base/certificate/mtls-endpoint.js";
import { readEnvironment } from "../base/environment.js";
import type { ServiceDescription } from "../rpc/method/method.js";
import { type ClientOptions, checkClientOptions } from "./client-options.js";
import { type EndpointExplanation, explainConnection } from "./endpoint/explain-endpoint.js";
import { mtlsEndpointAndCertSource } from "./endpoint/resolve-connection.js";
import { defaultEndpointOf } from "./endpoint/resolve-endpoint.js";
import { optionsFromKeyFile, optionsFromKeyInfo } from "./from-key-file.js";

/** The statics of a service's client class; none of them uses `this`. */
interface ServiceStatics<Client> {
  /** The host in the default universe. */
  readonly DEFAULT_ENDPOINT: string;
  /** The host for mutual TLS. */
  readonly DEFAULT_MTLS_ENDPOINT: string;
  /**
   * A client that calls as the service account of a JSON key file. Overrides the option `credentials`.
   *
   * @throws ConfigurationError when the file cannot be read or is not a service-account key
   */
  readonly fromServiceAccountFile: (filename: string | URL, options?: ClientOptions) => Client;
  /** The same as {@link ServiceStatics.fromServiceAccountFile}, by Python's other name for it. */
  readonly fromServiceAccountJson: (filename: string | URL, options?: ClientOptions) => Client;
  /**
   * A client that calls as the service account in the contents of a JSON key file. Overrides the option `credentials`.
   *
   * @throws ConfigurationError when it is not a service-account key
   */
  readonly fromServiceAccountInfo: (info: ServiceAccountInfo, options?: ClientOptions) => Client;
  /**
   * The endpoint and certificate source that Python's method of this name returns. Only `apiEndpoint` and `clientCertSource` of the
   * options and the mutual TLS variables count; the universe is ignored. The source is the function that was passed, or one that
   * reads the machine's certificate; `undefined` when client certificates are off or there is none.
   *
   * @throws MutualTlsChannelError when `GOOGLE_API_USE_MTLS_ENDPOINT` is not exactly `never`, `auto` or `always`
   */
  readonly getMtlsEndpointAndCertSource: (
    options?: ClientOptions,
  ) => [endpoint: string, certSource: ClientCertSource | undefined];
  /**
   * How a client with these options would choose its endpoint, universe and certificate: the inputs, which rule won, the result,
   * and the error that the client would throw. Opens no connection and holds no secret.
   *
   * @throws ConfigurationError when an option is of the wrong kind
   */
  readonly explainEndpoint: (options?: ClientOptions) => EndpointExplanation;
}

/** Builds the statics of a class. @param make its constructor */
export function buildStatics<Client>(
  service: ServiceDescription,
  make: (options: ClientOptions) => Client,
): ServiceStatics<Client> {
  const host = defaultEndpointOf(service);
  const fromServiceAccountFile = (filename: string | URL, options: ClientOptions = {}): Client =>
    make(optionsFromKeyFile(filename, options));
  return {
    DEFAULT_ENDPOINT: host,
    DEFAULT_MTLS_ENDPOINT: getDefaultMtlsEndpoint(host),
    fromServiceAccountFile,
    fromServiceAccountJson: fromServiceAccountFile,
    fromServiceAccountInfo: (info, options = {}) => make(optionsFromKeyInfo(info, options)),
    getMtlsEndpointAndCertSource: (options = {}) => mtlsEndpointAndCertSource(service, options, readEnvironment()),
    explainEndpoint(options = {}) {
      checkClientOptions(options);
      return explainConnection(service, options, readEnvironment());
    },
  };
}
