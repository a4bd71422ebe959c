// SPDX-License-Identifier: Apache-2.0
// Decides how a package that may or may not be installed is loaded: when it is needed, and by whoever needs it. Knows no
// such package.

import { createRequire } from "node:module";

/** The packages that may or may not be installed. */
export interface Peers {
  /** Whether a package is installed. Loads nothing. */
  isInstalled(name: string): boolean;
  /**
   * Loads a package.
   *
   * @param name which one
   * @param dependent the package whose dependency it is, and from where it is looked for. Default: this one
   * @throws MissingPeerError when it is not installed; what it throws itself when it can't be loaded
   */
  load(name: string, dependent?: string): unknown;
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

function resolve(name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch {
    return undefined;
  }
}

/** The packages that are installed where this one is. */
export const installedPeers: Peers = {
  isInstalled: (name) => resolve(name) !== undefined,
  load(name, dependent) {
    const needed = resolve(dependent ?? name);
    if (needed === undefined) throw new MissingPeerError(dependent ?? name);
    return (dependent === undefined ? require(name) : createRequire(needed)(name)) as unknown;
  },
};
