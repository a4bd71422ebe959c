// SPDX-License-Identifier: Apache-2.0
// Keeps a token of one universe from being sent to another: compares the client's universe with its credentials', once.

import { ConfigurationError } from "../base/errors.js";
import { DEFAULT_UNIVERSE_DOMAIN, isUniverseDomain } from "../base/options/google-names.js";
import type { TokenProvider } from "../base/token-provider.js";
import type { CredentialsGuard } from "../rpc/call-runtime.js";

/**
 * A comparison that is repeated until it succeeds. Source: `compare_domains` of Python's google.api_core.universe, which Python's
 * clients no longer call.
 */
export class UniverseGuard implements CredentialsGuard {
  readonly #universeDomain: string;
  readonly #provider: TokenProvider;
  #hasPassed = false;

  constructor(universeDomain: string, provider: TokenProvider) {
    this.#universeDomain = universeDomain;
    this.#provider = provider;
  }

  /** Whether the comparison has succeeded. */
  get hasPassed(): boolean {
    return this.#hasPassed;
  }

  /**
   * Compares; returns a promise only if the credentials must look up their universe.
   *
   * @throws ConfigurationError naming both universes when they differ
   */
  check(): void | Promise<void> {
    const answer = this.#provider.getUniverseDomain?.() ?? DEFAULT_UNIVERSE_DOMAIN;
    if (typeof answer === "string") return this.#compare(answer);
    return answer.then((universe) => this.#compare(universe));
  }

  #compare(universe: string): void {
    if (String(universe).toLowerCase() !== this.#universeDomain.toLowerCase()) {
      throw new ConfigurationError(
        `universeDomain: the client's universe is ${this.#universeDomain}, and that of its credentials is ${describe(universe)}; use ` +
          "credentials of the client's universe, set universeDomain or GOOGLE_CLOUD_UNIVERSE_DOMAIN to that of the credentials, " +
          "or turn this check off with checkUniverseDomain: false",
      );
    }
    this.#hasPassed = true;
  }
}

/** Credentials of the caller's may answer with anything. */
function describe(universe: unknown): string {
  return typeof universe === "string" && isUniverseDomain(universe) ? universe : "not a domain";
}
