// SPDX-License-Identifier: Apache-2.0
// Chooses endpoint and client certificate together, since each depends on the other. The one function that both the client and the
// explanation of its decision use.

import type { ClientCertSource } from "../../base/certificate/client-certificate.js";
import { getDefaultMtlsEndpoint, readMtlsMode } from "../../base/certificate/mtls-endpoint.js";
import {
  type CertificateDecision,
  resolveClientCertificate,
} from "../../base/certificate/resolve-client-certificate.js";
import type { Environment } from "../../base/environment.js";
import { ConfigurationError } from "../../base/errors.js";
import { defaultEndpointOf, type Endpoint, resolveEndpoint } from "./resolve-endpoint.js";

/** The options that the decision depends on. */
export interface EndpointOptions {
  /** See the client's option. Default: none. */
  readonly apiEndpoint?: string | undefined;
  /** See the client's option. Default: the environment's. */
  readonly universeDomain?: string | undefined;
  /** See the client's option. Default: the machine's certificate. */
  readonly clientCertSource?: ClientCertSource | undefined;
  /** See the client's option. Default: false. */
  readonly insecure?: boolean | undefined;
  /** See the client's option: a caller's channel has its own certificate. Default: none. */
  readonly channel?: object | undefined;
}

/** What differs between services here. */
export interface EndpointService {
  /** `iamcredentials`. */
  readonly hostPrefix: string;
  /** `IAM_CREDENTIALS_EMULATOR_HOST`. */
  readonly emulatorVariable: string;
}

/** Endpoint and certificate, decided together because each depends on the other. */
export interface ChosenConnection {
  readonly endpoint: Endpoint;
  readonly certificate: CertificateDecision;
}

const PLAIN: Omit<CertificateDecision, "reason"> = {
  isEnabled: false,
  source: undefined,
  origin: "none",
  warning: undefined,
};

/**
 * Decides certificate and endpoint.
 *
 * @throws ConfigurationError naming the option or variable that is wrong; MutualTlsChannelError if it concerns mutual TLS
 */
export function resolveConnection(
  service: EndpointService,
  options: EndpointOptions,
  environment: Environment,
): ChosenConnection {
  const { apiEndpoint, universeDomain, clientCertSource, insecure = false } = options;
  if (insecure && clientCertSource !== undefined) {
    throw new ConfigurationError(
      "insecure and clientCertSource: a plain connection presents no certificate; set only one of them",
    );
  }
  if (options.channel !== undefined && clientCertSource !== undefined) {
    throw new ConfigurationError(
      "channel and clientCertSource: a channel brings its own certificate; set only one of them",
    );
  }
  const isEmulator = apiEndpoint === undefined && (environment[service.emulatorVariable] ?? "") !== "";
  const certificate =
    insecure || isEmulator
      ? { ...PLAIN, reason: "the connection is plain" }
      : resolveClientCertificate(clientCertSource, environment);
  const hasCertificate = certificate.source !== undefined;
  const endpoint = resolveEndpoint({
    hostPrefix: service.hostPrefix,
    emulatorVariable: service.emulatorVariable,
    apiEndpoint,
    universeDomain,
    insecure,
    hasCertificate,
    needsCertificate: options.channel === undefined,
    environment,
  });
  return { endpoint, certificate };
}

/**
 * Python's `get_mtls_endpoint_and_cert_source`: the universe is ignored, the variable must be in lower case, and an mTLS
 * host without a certificate is a valid result.
 *
 * @throws MutualTlsChannelError naming the variable that is wrong
 */
export function mtlsEndpointAndCertSource(
  service: EndpointService,
  { apiEndpoint, clientCertSource }: EndpointOptions,
  environment: Environment,
): [endpoint: string, certSource: ClientCertSource | undefined] {
  const mode = readMtlsMode(environment, true);
  const { source } = resolveClientCertificate(clientCertSource, environment);
  const plain = defaultEndpointOf(service);
  const isMtls = mode === "always" || (mode === "auto" && source !== undefined);
  return [apiEndpoint ?? (isMtls ? getDefaultMtlsEndpoint(plain) : plain), source];
}
