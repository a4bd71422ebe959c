// SPDX-License-Identifier: Apache-2.0
// Which host a client talks to, in which universe, and whether over TLS: a pure function of options, environment and whether there
// is a client certificate.

import {
  getDefaultMtlsEndpoint,
  MTLS_ENDPOINT_VARIABLE,
  type MtlsMode,
  readMtlsMode,
} from "../../base/certificate/mtls-endpoint.js";
import type { Environment } from "../../base/environment.js";
import { ConfigurationError, MutualTlsChannelError } from "../../base/errors.js";
import { DEFAULT_UNIVERSE_DOMAIN, isUniverseDomain } from "../../base/options/google-names.js";

/** The host of a service in the default universe. */
export function defaultEndpointOf({ hostPrefix }: { readonly hostPrefix: string }): string {
  return `${hostPrefix}.${DEFAULT_UNIVERSE_DOMAIN}`;
}

/** The variable that sets the universe. */
export const UNIVERSE_VARIABLE = "GOOGLE_CLOUD_UNIVERSE_DOMAIN";

/** What the decision depends on. */
export interface EndpointInputs {
  /** `iamcredentials` for `iamcredentials.googleapis.com`. */
  readonly hostPrefix: string;
  /** The variable that points at an emulator. */
  readonly emulatorVariable: string;
  /** The option of that name. */
  readonly apiEndpoint: string | undefined;
  /** The option of that name. */
  readonly universeDomain: string | undefined;
  /** The option of that name. */
  readonly insecure: boolean;
  /** Whether there is a client certificate to present. */
  readonly hasCertificate: boolean;
  /** Whether an mTLS host without a certificate is an error: it is, unless the caller passes the channel. */
  readonly needsCertificate: boolean;
  readonly environment: Environment;
}

/**
 * The rule that won: a transport with its own target, the option, the emulator's variable, `always`, `auto` with a certificate,
 * or the host in the universe.
 */
export type EndpointRule = "transport" | "apiEndpoint" | "emulator" | "mtls-always" | "mtls-auto" | "universe";

/** The decision. */
export interface Endpoint {
  /** The host as given or derived, without an added port: what `apiEndpoint` of the client shows. */
  readonly apiEndpoint: string;
  /** `host:port` to connect to. */
  readonly target: string;
  readonly universeDomain: string;
  /** Whether the connection is unencrypted. */
  readonly isInsecure: boolean;
  /** Whether the emulator variable decided. */
  readonly isEmulator: boolean;
  readonly rule: EndpointRule;
}

/**
 * Decides the endpoint: the option, else the emulator variable, else the service's host in the universe or its mTLS host.
 *
 * @throws ConfigurationError naming the option or variable; MutualTlsChannelError if it concerns mutual TLS
 */
export function resolveEndpoint(inputs: EndpointInputs): Endpoint {
  const { apiEndpoint, environment, emulatorVariable } = inputs;
  const mode = readMtlsMode(environment);
  const universeDomain = resolveUniverseDomain(inputs.universeDomain, environment);
  const emulatorHost = environment[emulatorVariable];
  const base = { universeDomain, isInsecure: inputs.insecure, isEmulator: false };
  if (apiEndpoint !== undefined) {
    const target = parseTarget(apiEndpoint, "443", "apiEndpoint");
    return { ...base, apiEndpoint, target, rule: "apiEndpoint" };
  }
  if (emulatorHost !== undefined && emulatorHost !== "") {
    const target = parseTarget(emulatorHost, undefined, emulatorVariable);
    return { ...base, apiEndpoint: emulatorHost, target, isInsecure: true, isEmulator: true, rule: "emulator" };
  }
  if (mode === "always" || (mode === "auto" && inputs.hasCertificate)) {
    const host = requireMtlsHost(inputs, universeDomain, mode);
    return { ...base, apiEndpoint: host, target: `${host}:443`, rule: `mtls-${mode}` };
  }
  const host = `${inputs.hostPrefix}.${universeDomain}`;
  return { ...base, apiEndpoint: host, target: `${host}:443`, rule: "universe" };
}

function requireMtlsHost(inputs: EndpointInputs, universeDomain: string, mode: MtlsMode): string {
  if (universeDomain.toLowerCase() !== DEFAULT_UNIVERSE_DOMAIN) {
    throw new MutualTlsChannelError(
      `mTLS is not supported in any universe other than ${DEFAULT_UNIVERSE_DOMAIN}: the universe is ${universeDomain}, and ` +
        `${MTLS_ENDPOINT_VARIABLE} is "${mode}"${mode === "auto" ? " with a client certificate" : ""}; set it to "never", or set apiEndpoint`,
    );
  }
  const host = getDefaultMtlsEndpoint(`${inputs.hostPrefix}.${DEFAULT_UNIVERSE_DOMAIN}`);
  if (inputs.needsCertificate && !inputs.hasCertificate) {
    throw new MutualTlsChannelError(
      `${MTLS_ENDPOINT_VARIABLE}: is "always", which chooses ${host}, but there is no client certificate to present there; ` +
        `set GOOGLE_API_USE_CLIENT_CERTIFICATE to "true" and set clientCertSource, or set ${MTLS_ENDPOINT_VARIABLE} to "auto" or "never"`,
    );
  }
  return host;
}

/**
 * The universe: the option, else `GOOGLE_CLOUD_UNIVERSE_DOMAIN`, else `googleapis.com`; surrounding blanks are ignored. An option that
 * is empty does not fall through to the variable.
 *
 * @throws ConfigurationError naming the option or variable when it is not a domain
 */
export function resolveUniverseDomain(option: string | undefined, environment: Environment): string {
  const domain = (option ?? environment[UNIVERSE_VARIABLE] ?? DEFAULT_UNIVERSE_DOMAIN).trim();
  if (!isUniverseDomain(domain)) {
    const name = option === undefined ? UNIVERSE_VARIABLE : "universeDomain";
    throw new ConfigurationError(
      `${name}: must be a domain such as ${DEFAULT_UNIVERSE_DOMAIN}, not ${JSON.stringify(domain)}`,
    );
  }
  return domain;
}

/** `host:port` of a host with or without a port. IPv6 addresses are in brackets. */
function parseTarget(text: string, defaultPort: string | undefined, name: string): string {
  const match = /^(?<host>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(?<port>\d{1,5}))?$/.exec(text);
  const host = match?.groups?.["host"];
  const port = match?.groups?.["port"] ?? defaultPort;
  if (host === undefined || port === undefined || Number(port) < 1 || Number(port) > 65_535) {
    const form = defaultPort === undefined ? "host:port" : "host or host:port";
    throw new ConfigurationError(`${name}: must be ${form}, without a scheme or path, not ${JSON.stringify(text)}`);
  }
  return `${host}:${port}`;
}
