// SPDX-License-Identifier: Apache-2.0
// Whether this machine has the certificate of an agent identity, to which the metadata server can bind a token. Asks nobody.

import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Environment } from "../../base/environment.js";
import { parseJsonObject } from "../../base/http/http-message.js";

const CONFIG_VARIABLE = "GOOGLE_API_CERTIFICATE_CONFIG";
const OPT_OUT_VARIABLE = "GOOGLE_API_PREVENT_AGENT_TOKEN_SHARING_FOR_GCP_SERVICES";
/** Source: google.auth._agent_identity_utils. */
const AGENT_URI = /(^|[\s,"])URI:spiffe:\/\/agents\.global\.(org|proj)-\d+\.system\.id\.goog(\/|$|[\s,"])/;

/**
 * The SHA-256 fingerprint, in base64, of the agent's certificate; `undefined` when there is none, or tokens shall not be bound.
 * Never throws: a certificate that cannot be read binds nothing.
 */
export function agentCertificateFingerprint(environment: Environment): string | undefined {
  if ((environment[OPT_OUT_VARIABLE] ?? "true").toLowerCase() !== "true") return undefined;
  const configPath = environment[CONFIG_VARIABLE];
  if (configPath === undefined || configPath === "") return undefined;
  try {
    const certificatePath = workloadCertificatePath(readFileSync(configPath, "utf8"));
    if (certificatePath === undefined) return undefined;
    const certificate = new X509Certificate(readFileSync(certificatePath));
    if (!AGENT_URI.test(certificate.subjectAltName ?? "")) return undefined;
    return Buffer.from(certificate.fingerprint256.replaceAll(":", ""), "hex").toString("base64");
  } catch {
    return undefined;
  }
}

function workloadCertificatePath(text: string): string | undefined {
  const member = (value: unknown, key: string): unknown =>
    typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
  const workload = member(member(parseJsonObject(text), "cert_configs"), "workload");
  const path = member(workload, "cert_path");
  return typeof path === "string" ? path : undefined;
}
