// SPDX-License-Identifier: Apache-2.0
// Loads one of the package's own entry points at run time, where a bundler does not see it. Knows none of them.

import { createRequire } from "node:module";

/**
 * Loads an entry point that provides a library, unless this code is in a program's bundle, which has no such file.
 *
 * The path is that of the sources. In the package as it ships, the build has it load the part behind the entry point, for the copy of
 * the package that asks: the entry point itself belongs to the newest copy, and after `jest.resetModules()` there are two.
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
