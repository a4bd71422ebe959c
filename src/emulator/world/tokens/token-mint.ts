// SPDX-License-Identifier: Apache-2.0
// Decides what an access token of the emulator is: its own facts, sealed under a key that never leaves the process. So a
// token is opaque, can't be forged, and a million of them take no memory. Knows no accounts.

import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

/** What a token stands for. */
export interface TokenFacts {
  /** Whose token it is: an IAM member. Required. */
  readonly principal: string;
  /** What it may be used for. Required. */
  readonly scopes: readonly string[];
  /** When it ends, in milliseconds since the epoch. Required. */
  readonly expiresAt: number;
  /**
   * The unique id of the account that the principal was when the token was made: a token ends with its account, whoever has
   * the name after it. Default: whatever the mint's `identify` says.
   */
  readonly accountId?: string | undefined;
  /** The grant of the refresh token that it comes from. Default: none. */
  readonly grantId?: string | undefined;
  /** The boundary that its permissions are confined to (Credential Access Boundaries). Default: none. */
  readonly accessBoundary?: Readonly<Record<string, unknown>> | undefined;
  /** The certificate that a call with it must present, by its digest. Default: none. */
  readonly boundTo?: string | undefined;
}

const PREFIX = "ya29.c."; // what Google's tokens for service accounts begin with
const IV_BYTES = 12; // NIST SP 800-38D, 8.2: the size that AES-GCM is made for
const TAG_BYTES = 16;

/** Makes and reads the tokens of one emulator; those of another one are not understood. */
export class TokenMint {
  readonly #key = randomBytes(32);
  readonly #identify: (principal: string) => string | undefined;

  /** @param identify the unique id of the account that a principal is; undefined when it is none of the emulator's */
  constructor(identify: (principal: string) => string | undefined = () => undefined) {
    this.#identify = identify;
  }

  /** Makes a token: `ya29.c.` and base64url. */
  seal(facts: TokenFacts): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv("aes-256-gcm", this.#key, iv);
    const text = JSON.stringify({ accountId: this.#identify(facts.principal), ...facts });
    const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
    return PREFIX + Buffer.concat([iv, cipher.getAuthTag(), body]).toString("base64url");
  }

  /** Reads a token back, expired or not; undefined when this mint did not make it. */
  open(token: string): TokenFacts | undefined {
    if (!token.startsWith(PREFIX)) return undefined;
    const sealed = Buffer.from(token.slice(PREFIX.length), "base64url");
    // A decoder skips what it does not know, so the same bytes have many spellings: only the one we wrote counts.
    if (PREFIX + sealed.toString("base64url") !== token || sealed.length <= IV_BYTES + TAG_BYTES) return undefined;
    const decipher = createDecipheriv("aes-256-gcm", this.#key, sealed.subarray(0, IV_BYTES));
    decipher.setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    try {
      const text = decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
      return JSON.parse(text) as TokenFacts; // the seal proves that seal() wrote it
    } catch {
      return undefined;
    }
  }
}
