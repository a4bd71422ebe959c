// SPDX-License-Identifier: Apache-2.0
// Loads one of the package's own entry points at run time, where a bundler does not see it. Knows none of them.

import { createRequire } from "node:module";

/**
 * Loads an entry point that provides a library, unless this code is in a program's bundle, which has no such file.
 *
 * The path holds for the sources and for the package as it ships: this file and the parts of the package are both one folder below the
 * entry points.
 *
 * @param name the file's name without its ending, such as `grpc-js`
 */
export function loadDoor(name: string): void {
  if (typeof __filename !== "string") return;
  try {
    createRequire(__filename)(`../${name}.js`);
  } catch (error) {
    if (Object(error).code !== "MODULE_NOT_FOUND") throw error;
  }
}
