// SPDX-License-Identifier: Apache-2.0
// The TLS settings that users of grpc-js make by variables: roots and cipher suites. Opens no connection.

import { readFileSync } from "node:fs";
import type { Environment } from "../../base/environment.js";
import { ConfigurationError } from "../../base/errors.js";
import { resolveGivenPath } from "../../base/given-path.js";

const ROOTS = "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH";

/** What gRPC connections trust and how they encrypt, unless options say otherwise. */
interface GrpcTrust {
  /** PEM. `undefined`: the built-in roots. */
  readonly rootCertificates: string | Uint8Array | undefined;
  /** In OpenSSL's form. `undefined`: Node's. */
  readonly cipherSuites: string | undefined;
}

/**
 * `GRPC_DEFAULT_SSL_ROOTS_FILE_PATH` and `GRPC_SSL_CIPHER_SUITES`. Source: grpc-js, doc/environment_variables.md.
 *
 * @param given roots from an option: the file is then neither needed nor read
 * @throws ConfigurationError when the file cannot be read
 */
export function resolveGrpcTrust(environment: Environment, given?: string | Uint8Array): GrpcTrust {
  const path = environment[ROOTS];
  const cipherSuites = environment["GRPC_SSL_CIPHER_SUITES"] || undefined;
  if (given !== undefined || path === undefined || path === "") return { rootCertificates: given, cipherSuites };
  try {
    return { rootCertificates: readFileSync(resolveGivenPath(path, ROOTS)), cipherSuites };
  } catch (cause) {
    if (cause instanceof ConfigurationError) throw cause;
    throw new ConfigurationError(`${ROOTS}: names a file that cannot be read (${Object(cause).code})`);
  }
}
