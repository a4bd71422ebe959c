// SPDX-License-Identifier: Apache-2.0
// The options of a client that calls as the service account of a key file. Knows no service.

import { readCredentialsFile } from "../auth/files/credentials-file.js";
import type { ServiceAccountInfo } from "../auth/service-account.js";
import { ConfigurationError } from "../base/errors.js";
import type { ClientOptions } from "./client-options.js";

/**
 * The options with the contents of a key file as credentials.
 *
 * @throws ConfigurationError when it is not a service-account key
 */
export function optionsFromKeyInfo(info: ServiceAccountInfo, options: ClientOptions): ClientOptions {
  for (const field of ["client_email", "private_key"] as const) {
    if (typeof info?.[field] !== "string") {
      throw new ConfigurationError(`${field}: is missing; pass the whole service account key file`);
    }
  }
  return { ...options, credentials: info };
}

/**
 * The same, from the path of the file.
 *
 * @throws ConfigurationError when the file cannot be read or is not a service-account key
 */
export function optionsFromKeyFile(filename: string | URL, options: ClientOptions): ClientOptions {
  const info = readCredentialsFile(filename, "filename");
  return optionsFromKeyInfo(info as unknown as ServiceAccountInfo, options); // as: checked there
}
