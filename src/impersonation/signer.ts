// SPDX-License-Identifier: Apache-2.0
// Signatures of a service account, one or many, within the quota: signBlob with the account and its delegates filled in.

import type { TokenWaitOptions } from "../auth/tokens/token-cache.js";
import type { Clock } from "../base/clock.js";
import { ConfigurationError } from "../base/errors.js";
import { declare, type GivenOf, optional, required, settle } from "../base/options/declaration.js";
import { anything, CLOCK, refuseOption, SIGNAL } from "../base/options/shared-options.js";
import { mapInOrder } from "./map-in-order.js";
import { type CheckedAccount, normalizeTarget } from "./normalize-options.js";
import { RateLimiter } from "./rate-limiter.js";
import { clientSource, SharedClient } from "./shared-client.js";
import { buildUnsignedUrl, type SignedUrlOptions } from "./signed-url.js";

/** Who signs. */
const SIGNER_OPTIONS = declare({
  unknown: "no such option",
  fields: {
    ...clientSource<"signBlob">(),
    /** The account that signs: its e-mail, its unique id, or `projects/-/serviceAccounts/…`. Required. */
    serviceAccount: required(anything<string>()),
    /** The accounts between the caller and it, caller's side first. Default: none. */
    delegates: optional(anything<readonly string[]>()),
    /**
     * Signatures a minute, above which requests wait for their turn; `false`: no limit. Default: 60,000, the quota of a project for
     * signBlob and signJwt.
     */
    rateLimit: optional(anything<number | false>()),
    /** Time and chance. Default: those of `clientOptions`, else the machine's. */
    clock: optional(CLOCK),
  },
});

/** Who signs. */
export interface SignerOptions extends GivenOf<typeof SIGNER_OPTIONS.fields> {}

/** A signature. */
export interface Signature {
  /** RSASSA-PKCS1-v1_5 with SHA-256 over the bytes. */
  readonly signature: Buffer;
  /** Which of the account's keys signed. */
  readonly keyId: string;
}

/** How to sign many. */
const STREAM_OPTIONS = declare({
  unknown: "no such option",
  fields: {
    /** How many may be under way at once. Default: 64, at which one connection is busy. */
    concurrency: optional(anything<number>()),
    /** Aborts all of it with the signal's reason. Default: none. */
    signal: optional(SIGNAL),
  },
});

/** How to sign many. */
export interface SignBlobsOptions extends GivenOf<typeof STREAM_OPTIONS.fields> {}

const QUOTA_PER_MINUTE = 60_000;
const DEFAULT_CONCURRENCY = 64;

/**
 * A signature has no side effect, so INTERNAL is retried too; but only a few times, since it may never heal. Source:
 * google.auth.iam.Signer, which makes three attempts on HTTP 500, 502, 503 and 504, a second and two apart.
 */
export const SIGN_RETRY = {
  codes: ["UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL"],
  maxAttempts: 3,
  initialDelay: 1_000,
  multiplier: 2,
} as const;

/**
 * Signs bytes with a service account's system-managed key, which never leaves Google.
 *
 * @example
 * const signer = new Signer({ serviceAccount: "robot@my-project.iam.gserviceaccount.com" });
 * const { signature, keyId } = await signer.sign(Buffer.from("to be signed"));
 */
export class Signer {
  readonly #shared: SharedClient;
  readonly #account: CheckedAccount;
  readonly #clock: Clock;
  readonly #limiter: RateLimiter;

  /** @throws ConfigurationError naming the option that is wrong */
  constructor(options: SignerOptions) {
    settle(SIGNER_OPTIONS, options, { refuse: refuseOption });
    this.#account = normalizeTarget(options.serviceAccount, options.delegates, "serviceAccount");
    this.#shared = new SharedClient(options, "signBlob");
    this.#clock = options.clock ?? this.#shared.clock;
    const { rateLimit = QUOTA_PER_MINUTE } = options;
    const perMinute = rateLimit === false ? Number.POSITIVE_INFINITY : rateLimit;
    this.#limiter = new RateLimiter(perMinute, this.#clock, "rateLimit");
  }

  /** The account that signs, as its e-mail or unique id. */
  get serviceAccount(): string {
    return this.#account.account;
  }

  /**
   * Signs bytes.
   *
   * @throws RequestError when the payload is not bytes; RpcError when the service says no; the reason of the signal
   */
  async sign(payload: Uint8Array, options?: TokenWaitOptions): Promise<Signature> {
    const turn = this.#limiter.take(options?.signal);
    if (turn !== undefined) await turn;
    const { name, delegates } = this.#account;
    const { signedBlob, keyId } = await this.#shared.client.signBlob(
      { name, delegates, payload },
      { signal: options?.signal, retry: SIGN_RETRY },
    );
    return { signature: signedBlob, keyId };
  }

  /**
   * Signs a stream. The signatures come in the order of the payloads, as fast as they are taken: no more payloads are read than
   * are under way.
   *
   * @throws what `sign` throws, at the place of the payload that failed, after which the rest is given up; what the payloads throw
   */
  signBlobs(
    payloads: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    options: SignBlobsOptions = {},
  ): AsyncGenerator<Signature, void, undefined> {
    settle(STREAM_OPTIONS, options, { refuse: refuseOption });
    const { concurrency = DEFAULT_CONCURRENCY, signal } = options;
    if (!Number.isInteger(concurrency) || concurrency < 1) {
      throw new ConfigurationError(`concurrency: must be a positive integer, not ${String(concurrency)}`);
    }
    return mapInOrder(payloads, (payload, stop) => this.sign(payload, { signal: stop }), { concurrency, signal });
  }

  /**
   * A Cloud Storage V4 signed URL: whoever has it may make that one request, until it expires.
   *
   * @throws RequestError naming the option that is wrong; RpcError when the service says no
   */
  async signedUrl(options: SignedUrlOptions): Promise<string> {
    const { universeDomain } = this.#shared.client;
    const email = this.#account.account;
    if (!email.includes("@")) {
      throw new ConfigurationError("serviceAccount: must be the account's e-mail address for a signed URL");
    }
    const unsigned = buildUnsignedUrl(options, { email, universeDomain, nowAt: this.#clock.wallNow() });
    const { signature } = await this.sign(Buffer.from(unsigned.stringToSign), { signal: options.signal });
    return unsigned.withSignature(signature.toString("hex"));
  }

  /** Closes the client, if it was made from `clientOptions`. */
  close(): Promise<void> {
    return this.#shared.close();
  }
}
