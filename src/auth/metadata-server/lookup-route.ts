// SPDX-License-Identifier: Apache-2.0
// How lookups about a machine's account reach IAM Credentials: with the machine's certificate, where it has one and client certificates
// are on. Knows no account.

import { getDefaultMtlsEndpoint, readMtlsMode } from "../../base/certificate/mtls-endpoint.js";
import { resolveClientCertificate } from "../../base/certificate/resolve-client-certificate.js";
import { EMULATOR_VARIABLE, type Environment } from "../../base/environment.js";
import { openSideClient, type SideRequestSettings } from "../../base/http/side-requests.js";
import type { LookupRoute } from "../tokens/regional-access-boundary.js";

const HOST = "iamcredentials.googleapis.com";

/**
 * The route, by the same variables as a client's: the emulator, else the mTLS host where a certificate is presented and
 * `GOOGLE_API_USE_MTLS_ENDPOINT` is not `"never"`, else Google's host.
 *
 * @throws ConfigurationError when the roots cannot be read; MutualTlsChannelError naming the variable that is wrong
 */
export function openLookupRoute({
  environment,
  ...settings
}: Omit<SideRequestSettings, "clientCertSource"> & { readonly environment: Environment }): LookupRoute {
  // Tokens from an emulator's metadata server mean nothing to Google.
  const emulatorHost = environment[EMULATOR_VARIABLE];
  if (emulatorHost) return { http: openSideClient({ ...settings, environment }), url: `http://${emulatorHost}` };
  const { source } = resolveClientCertificate(undefined, environment);
  const isMtls = source !== undefined && readMtlsMode(environment) !== "never";
  return {
    http: openSideClient({ ...settings, environment, clientCertSource: source }),
    url: `https://${isMtls ? getDefaultMtlsEndpoint(HOST) : HOST}`,
  };
}
