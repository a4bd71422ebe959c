// SPDX-License-Identifier: Apache-2.0
// Reads the files that arguments name. Neither what was given in place of a path nor what a file holds is repeated: both can be a secret.

import { readFileSync } from "node:fs";
import { isPath } from "../../base/secrets/secret-text.js";
import type { Host } from "./host.js";
import { messageOf, UsageError } from "./output.js";

/** The bytes of a file. @param what the flag or argument that names it @throws UsageError when it cannot be read */
export function readGivenFile(path: string, what: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    // The error of node:fs repeats the path.
    if (!isPath(path)) throw new UsageError(`${what} must be a path, not the contents of a file`);
    throw new UsageError(`${what} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

/** The same, or of standard input for `-`. */
export async function readGivenInput(path: string, what: string, host: Host): Promise<Buffer> {
  return path === "-" ? host.readInput() : readGivenFile(path, what);
}

/** The value of JSON that was read. @throws UsageError with the line of the mistake, since the parser's own message quotes the text around it */
export function parseGivenJson(bytes: Buffer, what: string, path: string): unknown {
  const text = bytes.toString("utf8").replace(/^\uFEFF/, "");
  try {
    return JSON.parse(text);
  } catch (error) {
    const position = /at position (\d+)/.exec(messageOf(error))?.[1];
    const place = position === undefined ? "" : `, line ${text.slice(0, Number(position)).split("\n").length}`;
    throw new UsageError(`${what} is not JSON: ${path === "-" ? "standard input" : path}${place}`);
  }
}
