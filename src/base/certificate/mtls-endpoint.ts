// SPDX-License-Identifier: Apache-2.0
// When to call a service's mTLS host, and the name of that host: pure functions over the variable and a host name.

import type { Environment } from "../environment.js";
import { MutualTlsChannelError } from "../errors.js";

/** The variable that decides. */
export const MTLS_ENDPOINT_VARIABLE = "GOOGLE_API_USE_MTLS_ENDPOINT";

/** When to call the mTLS host: `auto` means whenever there is a client certificate. */
export type MtlsMode = "never" | "auto" | "always";

const MODES: readonly string[] = ["never", "auto", "always"];

/**
 * Reads `GOOGLE_API_USE_MTLS_ENDPOINT`, in any letter case; unset means `auto`. An empty or padded value is an error, as in Python.
 *
 * @param isExact whether only lower-case letters count, as in Python's `get_mtls_endpoint_and_cert_source`
 * @throws MutualTlsChannelError naming the variable, its value and the three allowed ones
 */
export function readMtlsMode(environment: Environment, isExact = false): MtlsMode {
  const given = environment[MTLS_ENDPOINT_VARIABLE] ?? "auto";
  const mode = isExact ? given : given.toLowerCase();
  if (MODES.includes(mode)) return mode as MtlsMode; // as: it is one of MODES
  throw new MutualTlsChannelError(
    `${MTLS_ENDPOINT_VARIABLE}: must be "never", "auto" or "always", not ${JSON.stringify(given)}`,
  );
}

const AUTHORITY =
  /^(?<scheme>[a-z][a-z0-9+.-]*:\/\/)?(?:[^/?#@]*@)?(?<host>[^/?#:@[\]]+)(?::(?<port>\d*))?(?<rest>[/?#].*)?$/i;
const SUFFIXES = [".sandbox.googleapis.com", ".googleapis.com"];

/**
 * The mTLS host of a Google host: `iamcredentials.googleapis.com` becomes `iamcredentials.mtls.googleapis.com`, a regional
 * `iamcredentials.us-east1.rep.googleapis.com` becomes `iamcredentials.us-east1.rep.mtls.googleapis.com`. A scheme, port and path
 * stay; the host is written in lower case. Anything else (no host, another domain, an mTLS host) is returned unchanged.
 *
 * Source: Python's `get_default_mtls_endpoint`, as of July 2026.
 */
export function getDefaultMtlsEndpoint<Host extends string | undefined>(
  host: Host,
): Host extends string ? string : undefined;
/** The same, for `undefined` too. */
export function getDefaultMtlsEndpoint(host: string | undefined): string | undefined {
  if (host === undefined || host.toLowerCase().includes(".mtls.")) return host;
  const parts = AUTHORITY.exec(host)?.groups;
  const lowered = parts?.["host"]?.toLowerCase() ?? "";
  const suffix = SUFFIXES.find((each) => lowered.endsWith(each));
  if (parts === undefined || suffix === undefined) return host;
  const { scheme = "", port = "", rest = "" } = parts;
  const name = `${lowered.slice(0, -suffix.length)}.mtls${suffix}`;
  return `${scheme}${name}${Number(port) > 0 ? `:${Number(port)}` : ""}${rest}`;
}
