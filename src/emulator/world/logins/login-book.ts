// SPDX-License-Identifier: Apache-2.0
// Holds what the OAuth endpoints know: users who have logged in, delegations, identity providers, revoked tokens. Decides
// nothing about requests.

import { createHash, randomBytes } from "node:crypto";
import type { MakeKeyPair } from "../keys/key-pair.js";
import { KeyRing } from "../keys/key-ring.js";
import {
  type EmulatorDelegation,
  type EmulatorIdentityProvider,
  type EmulatorRefreshToken,
  providerName,
} from "./login-options.js";

const MAX_REVOKED = 10_000; // the oldest are forgotten; a token lives for twelve hours at most anyway

const digest = (token: string) => createHash("sha256").update(token).digest("base64");

/** What one emulator knows of users, delegations and providers. */
export class LoginBook {
  /** The keys of the identity provider that the emulator itself is. */
  readonly idpKeys: KeyRing;
  readonly #refreshTokens = new Map<string, EmulatorRefreshToken>();
  readonly #providers = new Map<string, EmulatorIdentityProvider>();
  readonly #delegations: readonly EmulatorDelegation[];
  readonly #revoked = new Set<string>();

  /**
   * @param now the clock, in milliseconds since the epoch
   * @param delegations which accounts may get tokens for users
   * @param providers the providers whose subject tokens are accepted
   * @param makeKeyPair where the key pairs of the emulator's own provider come from
   */
  constructor(
    now: () => number,
    delegations: readonly EmulatorDelegation[],
    providers: readonly EmulatorIdentityProvider[],
    makeKeyPair: MakeKeyPair,
  ) {
    this.idpKeys = new KeyRing("emulator-identity-provider", now, makeKeyPair);
    this.#delegations = delegations;
    for (const provider of providers) this.addProvider(provider);
  }

  /** The scopes for which an account may get tokens for users. */
  delegatedScopes(email: string): ReadonlySet<string> {
    const own = this.#delegations.filter(({ serviceAccount }) => serviceAccount === email);
    return new Set(own.flatMap(({ scopes }) => scopes));
  }

  /** Adds an identity provider, or replaces the one with its name. */
  addProvider(provider: EmulatorIdentityProvider): void {
    this.#providers.set(providerName(provider), provider);
  }

  /** The provider with a name, `//iam.googleapis.com/projects/…/providers/…`; undefined when there is none. */
  findProvider(name: string): EmulatorIdentityProvider | undefined {
    return this.#providers.get(name);
  }

  /** Logs a user in. */
  createRefreshToken(user: string, scopes: readonly string[]): EmulatorRefreshToken {
    const entry = {
      user,
      scopes,
      clientId: `${randomBytes(6).readUIntBE(0, 6)}-emulator.apps.googleusercontent.com`,
      clientSecret: `emulator-${randomBytes(18).toString("base64url")}`,
      refreshToken: `1//0e${randomBytes(48).toString("base64url")}`,
    };
    this.addRefreshToken(entry);
    return entry;
  }

  /** Adds a refresh token that exists already. */
  addRefreshToken(entry: EmulatorRefreshToken): void {
    this.#refreshTokens.set(entry.refreshToken, entry);
  }

  /** The entry of a refresh token; undefined when there is none, or when it is revoked. */
  findRefreshToken(refreshToken: string): EmulatorRefreshToken | undefined {
    return this.isRevoked(refreshToken) ? undefined : this.#refreshTokens.get(refreshToken);
  }

  /** Whether any user has logged in with a client. */
  hasClient(clientId: string): boolean {
    return [...this.#refreshTokens.values()].some((entry) => entry.clientId === clientId);
  }

  /** Every refresh token that is not revoked. */
  refreshTokens(): readonly EmulatorRefreshToken[] {
    return [...this.#refreshTokens.values()].filter(({ refreshToken }) => !this.isRevoked(refreshToken));
  }

  /** Every identity provider. */
  providers(): readonly EmulatorIdentityProvider[] {
    return [...this.#providers.values()];
  }

  /** Every delegation. */
  delegations(): readonly EmulatorDelegation[] {
    return this.#delegations;
  }

  /** The name of a refresh token's grant, so that its access tokens end with it. Reveals nothing of the token. */
  grantIdOf(refreshToken: string): string {
    return digest(refreshToken);
  }

  /** Revokes a token of any kind. */
  revoke(token: string): void {
    this.revokeGrant(digest(token));
  }

  /** Revokes a refresh token by its grant's name, and so every access token that came from it. */
  revokeGrant(grantId: string): void {
    this.#revoked.add(grantId);
    if (this.#revoked.size <= MAX_REVOKED) return;
    for (const oldest of this.#revoked) {
      this.#revoked.delete(oldest);
      break;
    }
  }

  /**
   * Whether a token is revoked.
   *
   * @param grantId the grant that it came from. Default: none
   */
  isRevoked(token: string, grantId?: string): boolean {
    if (this.#revoked.size === 0) return false;
    return this.#revoked.has(digest(token)) || (grantId !== undefined && this.#revoked.has(grantId));
  }

  /** Forgets what was revoked and who logged in; providers stay. */
  clear(): void {
    this.#revoked.clear();
    this.#refreshTokens.clear();
  }
}
