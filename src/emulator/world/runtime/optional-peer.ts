// SPDX-License-Identifier: Apache-2.0
// Decides how a package that may or may not be installed is loaded: when it is needed, and by whoever needs it. Knows no
// such package.

import { createRequire } from "node:module";
import { isAbsolute } from "node:path";

/** The packages that may or may not be installed. */
export interface Peers {
  /** Whether a package is installed. Loads nothing. */
  isInstalled(name: string): boolean;
  /**
   * Loads a package.
   *
   * @throws MissingPeerError when it is not installed; what it throws itself when it can't be loaded
   */
  load(name: string): unknown;
}

/** A package that is not installed. */
export class MissingPeerError extends Error {
  override readonly name = "MissingPeerError";

  /** @param packageName which one */
  constructor(readonly packageName: string) {
    super(
      `The package ${packageName} is not installed. Install it beside iam-credentials-client: npm install ${packageName}`,
    );
  }
}

// Bundlers warn of a `require` whose package they cannot tell, and webpack's finds none. In a bundle this file may have no path; the packages
// are then beside the program.
function runtimeRequire(): NodeJS.Require | undefined {
  const path = [typeof __filename === "string" ? __filename : "", process.argv[1] ?? ""].find((each) =>
    isAbsolute(each),
  );
  return path === undefined ? undefined : createRequire(path);
}

function resolve(name: string): string | undefined {
  try {
    return runtimeRequire()?.resolve(name);
  } catch {
    return undefined;
  }
}

/** The packages that are installed where this one is. */
export const installedPeers: Peers = {
  isInstalled: (name) => resolve(name) !== undefined,
  load(name) {
    const path = resolve(name);
    if (path === undefined) throw new MissingPeerError(name);
    return runtimeRequire()?.(path);
  },
};
