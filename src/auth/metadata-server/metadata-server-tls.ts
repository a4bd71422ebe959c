// SPDX-License-Identifier: Apache-2.0
// Whether the metadata server is asked over mutual TLS, and with which files. Sends nothing.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "../../base/environment.js";
import { ConfigurationError, MutualTlsChannelError } from "../../base/errors.js";

/** `strict`: always over mutual TLS. `default`: over mutual TLS if the files can be read, else in the clear. `none`: in the clear. */
type MetadataTlsMode = "strict" | "none" | "default";

/** PEM material. */
export interface MetadataTls {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const VARIABLE = "GCE_METADATA_MTLS_MODE";

/** The mode that the environment sets. @throws ConfigurationError naming the variable */
export function resolveMetadataTlsMode(environment: Environment): MetadataTlsMode {
  const mode = (environment[VARIABLE] ?? "default").toLowerCase();
  if (mode === "strict" || mode === "none" || mode === "default") return mode;
  throw new ConfigurationError(`${VARIABLE}: must be one of strict, none, or default, not ${JSON.stringify(mode)}`);
}

/** The files of the guest agent: a root certificate, and a client certificate with its key in one file. */
function pathsIn(folder: string | undefined): { root: string; client: string } {
  if (folder === undefined && process.platform === "win32") {
    const windows = "C:/ProgramData/Google/ComputeEngine";
    return { root: join(windows, "mds-mtls-root.crt"), client: join(windows, "mds-mtls-client.key") };
  }
  const unix = folder ?? "/run/google-mds-mtls";
  return { root: join(unix, "root.crt"), client: join(unix, "client.key") };
}

/**
 * The material for mutual TLS; `undefined`: ask in the clear.
 *
 * @param folder stands in for the guest agent's folder
 * @param hasOwnHost whether the environment names another host, whose certificate would not be that of the metadata server
 * @throws MutualTlsChannelError in strict mode, when there are no files or the host is another
 */
export function loadMetadataTls(
  mode: MetadataTlsMode,
  folder: string | undefined,
  hasOwnHost: boolean,
): MetadataTls | undefined {
  if (mode === "none") return undefined;
  if (mode === "strict" && hasOwnHost) {
    throw new MutualTlsChannelError(`${VARIABLE}: strict mode cannot be used with a custom metadata host`);
  }
  const { root, client } = pathsIn(folder);
  try {
    const both = readFileSync(client, "utf8");
    return { ca: readFileSync(root, "utf8"), cert: both, key: both };
  } catch (cause) {
    // Missing or, as on many machines, readable by root only.
    if (mode === "default") return undefined;
    const files = `${root} and ${client}`;
    throw new MutualTlsChannelError(`${VARIABLE}: mTLS certificates not found in strict mode: ${files}`, { cause });
  }
}
