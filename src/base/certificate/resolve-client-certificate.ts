// SPDX-License-Identifier: Apache-2.0
// Whether a client presents a certificate, and whose: a function of the option, the variables and which files exist. Reads no
// certificate.

import type { Environment } from "../environment.js";
import type { ClientCertSource } from "./client-certificate.js";
import { findCertificateConfig, findSecureConnect, machineCertSource, workloadProblem } from "./machine-certificate.js";

/** The variables that turn client certificates on or off, in order of precedence; empty ones are skipped. */
export const CERTIFICATE_SWITCHES = [
  "GOOGLE_API_USE_CLIENT_CERTIFICATE",
  "CLOUDSDK_CONTEXT_AWARE_USE_CLIENT_CERTIFICATE",
] as const;

/** The decision. */
export interface CertificateDecision {
  /** Whether client certificates are on. */
  readonly isEnabled: boolean;
  /** What decided that, in words. */
  readonly reason: string;
  /** Where to get the certificate; the option's own function, if that was chosen. `undefined`: there is none. */
  readonly source: ClientCertSource | undefined;
  /** Where the certificate comes from, in words. */
  readonly origin: string;
  /** Something that exists but does not work, to warn about. */
  readonly warning: string | undefined;
}

/**
 * Decides as Python does: `GOOGLE_API_USE_CLIENT_CERTIFICATE`, else `CLOUDSDK_CONTEXT_AWARE_USE_CLIENT_CERTIFICATE`: on if `true` in
 * any letter case, off for anything else; with both unset or empty, on if the certificate config file has a workload section.
 * If on: the option, else the machine's certificate.
 *
 * @throws MutualTlsChannelError when the variable for a configuration file does not hold a path
 */
export function resolveClientCertificate(
  clientCertSource: ClientCertSource | undefined,
  environment: Environment,
): CertificateDecision {
  const { isEnabled, reason, warning } = isCertificateEnabled(environment);
  if (!isEnabled) {
    const ignored = "the option clientCertSource is ignored, since client certificates are off";
    return {
      isEnabled,
      reason,
      source: undefined,
      origin: "none",
      warning: clientCertSource === undefined ? warning : `${ignored}: ${reason}`,
    };
  }
  if (clientCertSource !== undefined) {
    return { isEnabled, reason, source: clientCertSource, origin: "the option clientCertSource", warning };
  }
  const config = findCertificateConfig(environment);
  const secureConnect = findSecureConnect(environment);
  const existing = [config, secureConnect].filter(({ exists }) => exists).map(({ path }) => path);
  if (existing.length > 0) {
    return { isEnabled, reason, source: machineCertSource(environment), origin: existing.join(", else "), warning };
  }
  const missing = `none: neither ${config.path} nor ${secureConnect.path} exists`;
  return { isEnabled, reason, source: undefined, origin: missing, warning };
}

function isCertificateEnabled(environment: Environment): Pick<CertificateDecision, "isEnabled" | "reason" | "warning"> {
  for (const variable of CERTIFICATE_SWITCHES) {
    const value = environment[variable];
    if (value === undefined || value === "") continue;
    const isEnabled = value.toLowerCase() === "true";
    const reason = `${variable} is ${JSON.stringify(value)}${isEnabled ? "" : ', but only "true" turns them on'}`;
    return { isEnabled, reason, warning: undefined };
  }
  const unset = `${CERTIFICATE_SWITCHES[0]} is not set`;
  const { path, exists } = findCertificateConfig(environment);
  if (!exists) return { isEnabled: false, reason: `${unset}, and ${path} does not exist`, warning: undefined };
  const problem = workloadProblem(path);
  if (problem === undefined) {
    return { isEnabled: true, reason: `${unset}, and ${path} has a workload certificate`, warning: undefined };
  }
  return { isEnabled: false, reason: `${unset}, and ${problem}`, warning: `mTLS auto-enablement failed: ${problem}` };
}
