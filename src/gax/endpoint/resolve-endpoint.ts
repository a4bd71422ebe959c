// SPDX-License-Identifier: Apache-2.0
// Which host a client talks to, in which universe, and whether over TLS: a pure function of options and environment.

import { ConfigurationError } from "../errors.js";
import type { Environment } from "./environment.js";

const DEFAULT_UNIVERSE_DOMAIN = "googleapis.com";

/** What the decision rests on. */
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
  readonly environment: Environment;
}

/** The decision. */
export interface Endpoint {
  /** The host as it was given or made, without an added port: what `apiEndpoint` of the client shows. */
  readonly apiEndpoint: string;
  /** `host:port` to connect to. */
  readonly target: string;
  readonly universeDomain: string;
  /** Whether the connection is plain. */
  readonly isInsecure: boolean;
  /** Whether the emulator variable decided. */
  readonly isEmulator: boolean;
}

/**
 * Decides the endpoint: the option, else the emulator variable, else the service's host in the universe.
 *
 * @throws ConfigurationError naming the option or variable
 */
export function resolveEndpoint(inputs: EndpointInputs): Endpoint {
  const universeDomain = resolveUniverseDomain(inputs);
  const emulatorHost = inputs.environment[inputs.emulatorVariable];
  const { apiEndpoint } = inputs;
  if (apiEndpoint !== undefined) {
    const target = parseTarget(apiEndpoint, "443", "apiEndpoint");
    return { apiEndpoint, target, universeDomain, isInsecure: inputs.insecure, isEmulator: false };
  }
  if (emulatorHost !== undefined && emulatorHost !== "") {
    const target = parseTarget(emulatorHost, undefined, inputs.emulatorVariable);
    return { apiEndpoint: emulatorHost, target, universeDomain, isInsecure: true, isEmulator: true };
  }
  const host = `${inputs.hostPrefix}.${universeDomain}`;
  return { apiEndpoint: host, target: `${host}:443`, universeDomain, isInsecure: inputs.insecure, isEmulator: false };
}

function resolveUniverseDomain({ universeDomain, environment }: EndpointInputs): string {
  const variable = "GOOGLE_CLOUD_UNIVERSE_DOMAIN";
  const domain = (universeDomain ?? environment[variable] ?? DEFAULT_UNIVERSE_DOMAIN).trim();
  if (!/^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(domain)) {
    const name = universeDomain === undefined ? variable : "universeDomain";
    throw new ConfigurationError(
      `${name}: must be a domain such as ${DEFAULT_UNIVERSE_DOMAIN}, was ${JSON.stringify(domain)}`,
    );
  }
  return domain;
}

/** `host:port` of a host with or without a port. IPv6 addresses stand in brackets. */
function parseTarget(text: string, defaultPort: string | undefined, name: string): string {
  const match = /^(?<host>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(?<port>\d{1,5}))?$/.exec(text);
  const host = match?.groups?.["host"];
  const port = match?.groups?.["port"] ?? defaultPort;
  if (host === undefined || port === undefined || Number(port) < 1 || Number(port) > 65_535) {
    const form = defaultPort === undefined ? "host:port" : "host or host:port";
    throw new ConfigurationError(`${name}: must be ${form}, without a scheme or path, was ${JSON.stringify(text)}`);
  }
  return `${host}:${port}`;
}

/** Whether a `host:port` can only be this machine. */
export function isLoopback(target: string): boolean {
  const host = target.slice(0, target.lastIndexOf(":"));
  return host === "localhost" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}
