// SPDX-License-Identifier: Apache-2.0
// Takes what a user passed as a file path: text or a `file:` URL. Passing the file's contents instead is a mistake that people
// make in CI (`VARIABLE="$(cat key.json)"`), and the contents are never repeated. Reads nothing.

import { fileURLToPath } from "node:url";
import { ConfigurationError } from "./errors.js";
import { isPath } from "./secrets/secret-text.js";

/**
 * The path.
 *
 * @param name what to call it in errors: the option or variable
 * @throws ConfigurationError when it is not a path; the message does not quote it
 */
export function resolveGivenPath(given: string | URL, name: string): string {
  const isFileUrl = given instanceof URL || /^file:\/\//i.test(given);
  if (isFileUrl) {
    try {
      return fileURLToPath(given);
    } catch {
      throw new ConfigurationError(`${name}: must be a path, or a file: URL of a local file`);
    }
  }
  if (typeof given !== "string" || given === "") {
    throw new ConfigurationError(`${name}: must be the path to a file`);
  }
  if (isPath(given)) return given;
  throw new ConfigurationError(
    `${name}: must be a path, not the contents of a file; write them to a file and pass its path`,
  );
}
