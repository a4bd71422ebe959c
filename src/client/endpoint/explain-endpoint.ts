// SPDX-License-Identifier: Apache-2.0
// The decision about endpoint, universe and client certificate, explained in words: the inputs, the rule that won, the result.

import { CERTIFICATE_CONFIG_VARIABLES } from "../../base/certificate/machine-certificate.js";
import { MTLS_ENDPOINT_VARIABLE } from "../../base/certificate/mtls-endpoint.js";
import { CERTIFICATE_SWITCHES, resolveClientCertificate } from "../../base/certificate/resolve-client-certificate.js";
import type { Environment } from "../../base/environment.js";
import { ConfigurationError } from "../../base/errors.js";
import { type EndpointOptions, type EndpointService, resolveConnection } from "./resolve-connection.js";
import { type EndpointRule, UNIVERSE_VARIABLE } from "./resolve-endpoint.js";

/** One input to the decision. */
export interface EndpointInput {
  /** The option's or variable's name. */
  readonly name: string;
  /** What it is: an option of the client, or a variable of the environment. */
  readonly kind: "option" | "variable";
  /** Its value; `undefined`: not given. A function is shown as `"a function"`. */
  readonly value: string | undefined;
}

/** How a client would decide. Holds no secret. */
export interface EndpointExplanation {
  /** All inputs, in order of precedence. */
  readonly inputs: readonly EndpointInput[];
  /** Which rule won; `undefined` when the decision failed. */
  readonly rule: EndpointRule | undefined;
  /** The same in words. */
  readonly because: string;
  /** What the client's `apiEndpoint` would be; `undefined` when the decision failed. */
  readonly apiEndpoint: string | undefined;
  /** `host:port` to connect to; `undefined` when the decision failed. */
  readonly target: string | undefined;
  /** The universe; `undefined` when the decision failed. */
  readonly universeDomain: string | undefined;
  /** Whether the connection would be unencrypted. */
  readonly isInsecure: boolean;
  /** The certificate that would be presented to the server. */
  readonly certificate: {
    /** Whether one would be presented. */
    readonly isPresented: boolean;
    /** Why client certificates are on or off. */
    readonly because: string;
    /** Where it comes from: an option or a path. */
    readonly origin: string;
  };
  /** The error that a client with these options throws; `undefined`: none. */
  readonly error: ConfigurationError | undefined;
}

const RULES: Readonly<Record<EndpointRule, string>> = {
  transport: "a transport was given, which has its own endpoint",
  apiEndpoint: "the option apiEndpoint was given",
  emulator: "the emulator's variable is set",
  "mtls-always": `${MTLS_ENDPOINT_VARIABLE} is "always"`,
  "mtls-auto": `there is a client certificate, and ${MTLS_ENDPOINT_VARIABLE} is not "never"`,
  universe: "it is the service's host in the universe",
};

/** Explains the decision. Never throws: the error that a client would throw is part of the result. */
export function explainConnection(
  service: EndpointService,
  options: EndpointOptions,
  environment: Environment,
): EndpointExplanation {
  const inputs = inputsOf(service, options, environment);
  try {
    const { endpoint, certificate } = resolveConnection(service, options, environment);
    const { rule, apiEndpoint, target, universeDomain, isInsecure } = endpoint;
    const presented = { isPresented: certificate.source !== undefined, because: certificate.reason };
    return {
      inputs,
      rule,
      because: RULES[rule],
      apiEndpoint,
      target,
      universeDomain,
      isInsecure,
      certificate: { ...presented, origin: certificate.origin },
      error: undefined,
    };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const { reason, origin } = resolveClientCertificate(options.clientCertSource, environment);
    return {
      inputs,
      rule: undefined,
      because: error.message,
      apiEndpoint: undefined,
      target: undefined,
      universeDomain: undefined,
      isInsecure: options.insecure ?? false,
      certificate: { isPresented: false, because: reason, origin },
      error,
    };
  }
}

function inputsOf(service: EndpointService, options: EndpointOptions, environment: Environment): EndpointInput[] {
  const { apiEndpoint, universeDomain, clientCertSource, insecure } = options;
  const given = {
    apiEndpoint,
    universeDomain,
    clientCertSource: clientCertSource && "a function",
    insecure: insecure === undefined ? undefined : String(insecure),
  };
  const variables = [
    service.emulatorVariable,
    UNIVERSE_VARIABLE,
    MTLS_ENDPOINT_VARIABLE,
    ...CERTIFICATE_SWITCHES,
    ...CERTIFICATE_CONFIG_VARIABLES,
  ];
  return [
    ...Object.entries(given).map(([name, value]) => ({ name, kind: "option" as const, value })),
    ...variables.map((name) => ({ name, kind: "variable" as const, value: environment[name] })),
  ];
}
