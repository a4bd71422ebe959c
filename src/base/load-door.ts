// SPDX-License-Identifier: Apache-2.0
// Loads at run time what a bundler must not see: the package's own entry points, and packages that may be missing. Knows none of them.

import { createRequire } from "node:module";
import { isAbsolute } from "node:path";

/**
 * A `require` of which a bundler sees nothing. Packages are looked for where this file is; a bundle can leave that unknown (an ES module has
 * no `__filename`, and webpack can put a path of the project in its place).
 *
 * @param otherwise where to look in such a bundle: the path of a file. Default: nowhere, and the result is `undefined`
 */
export function runtimeRequire(otherwise = ""): NodeJS.Require | undefined {
  const path = [typeof __filename === "string" ? __filename : "", otherwise].find((each) => isAbsolute(each));
  return path === undefined ? undefined : createRequire(path);
}

/**
 * Loads an entry point that provides a library, unless this code is in a program's bundle, which has no such file.
 *
 * The path is that of the sources. In the package as it ships, the build has it load the part behind the entry point, for the copy of
 * the package that asks: the entry point itself belongs to the newest copy, and after `jest.resetModules()` there are two.
 *
 * @param name the file's name without its ending, such as `grpc-js`
 */
export function loadDoor(name: string): void {
  try {
    runtimeRequire()?.(`../${name}.js`);
  } catch (error) {
    if (Object(error).code !== "MODULE_NOT_FOUND") throw error;
  }
}
