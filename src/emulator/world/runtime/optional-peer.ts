// SPDX-License-Identifier: Apache-2.0
// Decides how a package that may or may not be installed is loaded: when it is needed, and by whoever needs it. Knows no
// such package.

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
  load(name) {
    if (resolve(name) === undefined) throw new MissingPeerError(name);
    return require(name);
  },
};
