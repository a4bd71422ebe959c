// SPDX-License-Identifier: Apache-2.0
// Decides what is remembered of a call: who, what, on which account, and how it ended. Never a token, a payload, a key or any
// text that it did not recognize.

import type { StatusName } from "../../../base/causes/status.js";
import type { PermissionDecision } from "../policy/decision.js";

/** One call that the emulator answered, or that ended before it could. */
export interface CallRecord {
  /** Its number, starting at 1, in the order in which calls ended. */
  readonly id: number;
  /** The default host of the service: `iamcredentials.googleapis.com`, `iam.googleapis.com`, `oauth2.googleapis.com` and so on. */
  readonly service: string;
  /** How the call arrived: `http` is everything but API calls, such as OAuth and the metadata server. */
  readonly transport: "grpc" | "rest" | "http";
  /** The method's name, for example `GenerateAccessToken`; for the OAuth endpoints and the metadata server, `oauth2.token` and the like. */
  readonly method: string;
  /** How it ended, as the emulator saw it. */
  readonly status: StatusName;
  /** Who called: an IAM member, or `owner`. Absent when the caller could not be determined. */
  readonly principal?: string;
  /** The target account: its e-mail, or the name in the request when there is no such account. Absent when malformed. */
  readonly serviceAccount?: string;
  /** The hops between caller and account, in the same form as `serviceAccount`; a malformed one is `"(malformed)"`. */
  readonly delegates: readonly string[];
  /** When the call arrived, by the emulator's clock. */
  readonly at: Date;
  /** Which attempt at the call this was, from 1: a caller's identical requests are counted until one is answered with OK. */
  readonly attempt?: number;
  /** How long it took, in milliseconds of real time. */
  readonly durationMs: number;
  /** The `reason` of the refusal's ErrorInfo. Absent when there is none. */
  readonly reason?: string;
  /** The refusal's message. One about a malformed request may repeat parts of that request, and is left out. */
  readonly message?: string;
  /** The HTTP status of the answer. Absent over gRPC. */
  readonly httpStatus?: number;
  /** The permission that was missing. Absent when none was. */
  readonly permission?: string;
  /** Present when a permission was missing but the call passed, since the emulator observes and does not enforce. */
  readonly observed?: true;
  /** What was decided about permissions, hop by hop. Absent when nothing was. */
  readonly decision?: readonly PermissionDecision[];
  /** The number of the fault that struck. Absent when none did. */
  readonly faultId?: number;
  /** The time until the caller's deadline, measured on arrival, in milliseconds. Absent when it set no deadline. */
  readonly timeoutMs?: number;
  /**
   * The headers about the call: `x-goog-…` and a few others, names in lower case. Headers with a secret's name are left out, and
   * values that look like secrets are `"(withheld)"`.
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

/** Called when a call has ended. Whatever it throws is ignored. */
export type CallListener = (record: CallRecord) => void;

/** The calls of one emulator, in the order in which they ended; the oldest are forgotten beyond a limit. */
export class CallLog {
  readonly #limit: number;
  #records: CallRecord[] = [];
  #lastId = 0;
  readonly #listeners = new Set<CallListener>();

  /** @param limit how many calls are kept */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Adds a call, numbers it and notifies the listeners. */
  add(call: Omit<CallRecord, "id">): void {
    const record = Object.freeze({ id: ++this.#lastId, ...call });
    this.#records.push(record);
    for (const listener of this.#listeners) {
      try {
        listener(record);
      } catch {
        // A listener must not decide how a call ends.
      }
    }
    // Trimmed rarely, so that adding stays cheap.
    if (this.#records.length >= 2 * this.#limit) this.#records = this.#records.slice(-this.#limit);
  }

  /** Notifies a listener of each call from now on. @returns a function that removes it */
  listen(listener: CallListener): () => void {
    const own: CallListener = (record) => listener(record); // so that a listener added twice is called twice
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** Forgets everything except the listeners. */
  clear(): void {
    this.#records = [];
  }

  /**
   * A copy of the kept calls, oldest first.
   *
   * @param after only calls with a greater number. Default: 0, all
   * @param limit at most this many, oldest first. Default: all
   */
  list(after = 0, limit = this.#limit): readonly CallRecord[] {
    const count = Math.min(this.#lastId - after, this.#limit);
    return count <= 0 ? [] : this.#records.slice(-count).slice(0, limit);
  }
}
