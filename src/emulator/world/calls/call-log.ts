// SPDX-License-Identifier: Apache-2.0
// Decides what is remembered of a call: who, what, on whom, and how it ended. Never a token, a payload, a key or any
// text that it did not recognize.

import type { StatusName } from "../refusals/service-error.js";

/** One call that the emulator answered, or that ended before it could. */
export interface CallRecord {
  /** The default host of the service, `iamcredentials.googleapis.com`, `iam.googleapis.com` or `oauth2.googleapis.com` for some. */
  readonly service: string;
  /** How the call came: `http` is what is no API call, as OAuth and the metadata server. */
  readonly transport: "grpc" | "rest" | "http";
  /** The method's name, `GenerateAccessToken` for one; of the OAuth endpoints and the metadata server, `oauth2.token` and the like. */
  readonly method: string;
  /** How it ended, as the emulator saw it. */
  readonly status: StatusName;
  /** Who called: an IAM member, or `owner`. Absent when the caller could not be told. */
  readonly principal?: string;
  /** The account that was acted on: its e-mail, or what was asked for when there is no such account. Absent when malformed. */
  readonly serviceAccount?: string;
  /** The hops between caller and account, as `serviceAccount`; a malformed one is `"(malformed)"`. */
  readonly delegates: readonly string[];
  /** When the call arrived, by the emulator's clock. */
  readonly at: Date;
  /** Which attempt at the call it was, from 1: equal requests of a caller count until one is answered with OK. */
  readonly attempt?: number;
  /** How much time the caller gave it on arrival, in milliseconds. Absent when it set no deadline. */
  readonly timeoutMs?: number;
  /**
   * The headers about the call: `x-goog-…` and a few others, names in lower case. What is a secret by its name is not there, and
   * what looks like one is `"(withheld)"`.
   */
  readonly metadata?: Readonly<Record<string, string>>;
  /** The header `user-agent`. */
  readonly userAgent?: string;
  /** The header `x-goog-api-client`. */
  readonly apiClient?: string;
  /** The routing header, `x-goog-request-params`. */
  readonly requestParams?: string;
  /** The header `x-goog-user-project`. */
  readonly quotaProject?: string;
}

/** The calls of one emulator, in the order in which they ended; the oldest are forgotten beyond a limit. */
export class CallLog {
  readonly #limit: number;
  #records: CallRecord[] = [];

  /** @param limit how many calls are kept */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Adds a call. */
  add(record: CallRecord): void {
    this.#records.push(Object.freeze(record));
    // Cut rarely, so that adding stays cheap.
    if (this.#records.length >= 2 * this.#limit) this.#records = this.#records.slice(-this.#limit);
  }

  /** Forgets everything. */
  clear(): void {
    this.#records = [];
  }

  /** A copy of what is kept, oldest first. */
  list(): readonly CallRecord[] {
    return this.#records.slice(-this.#limit);
  }
}
