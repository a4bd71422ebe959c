// SPDX-License-Identifier: Apache-2.0
// google-auth-library 11, which needs Node 22 and so stands in a folder of its own: `npm ci` of the project warns nobody on Node 20.

import { existsSync } from "node:fs";
import { join } from "node:path";

const NODE_IT_NEEDS = 22;

/** Where the library is installed, if this Node can run it: `npm ci --prefix test/newer` does that. */
export const newerLibraryPath: string | undefined = findNewerLibrary();

function findNewerLibrary(): string | undefined {
  if (Number.parseInt(process.versions.node, 10) < NODE_IT_NEEDS) return undefined;
  const path = join(__dirname, "../newer/node_modules/google-auth-library");
  if (existsSync(path)) return path;
  if (process.env["CI"] !== undefined)
    throw new Error("google-auth-library 11: npm ci --prefix test/newer installs it");
  process.stderr.write("google-auth-library 11 is not judged: npm ci --prefix test/newer installs it\n");
  return undefined;
}

/** The library, in a list of one, or of none where it is not at hand. */
export function newerLibrary(): readonly typeof import("google-auth-library")[] {
  // as: what is used of it is the same in both majors
  return newerLibraryPath === undefined ? [] : [require(newerLibraryPath) as typeof import("google-auth-library")];
}
