// SPDX-License-Identifier: Apache-2.0
// What can be said about the keys of an account: how old each is, how many there may be, which could go. Sends nothing.

import { RpcError, recordAttempts } from "../../base/errors.js";
import type { ServiceAccountKey } from "./service-account-key.js";

/** How many user-managed keys an account may have. Source: Google's page of IAM quotas. */
const USER_KEY_LIMIT = 10;

const DAY_MS = 86_400_000;

/** A key of an account, without the key itself. */
export interface KeySummary {
  /** `projects/{project}/serviceAccounts/{account}/keys/{key}`. */
  readonly name: string;
  /** The last part of the name: what a credentials file calls `private_key_id`. */
  readonly keyId: string;
  /** `"USER_MANAGED"`, or `"SYSTEM_MANAGED"` for those that Google rotates and that nobody can delete. */
  readonly keyType: string;
  /** `"GOOGLE_PROVIDED"`, or `"USER_PROVIDED"` for one that was uploaded. */
  readonly keyOrigin: string;
  /** Such as `"KEY_ALG_RSA_2048"`. */
  readonly keyAlgorithm: string;
  /** Whether it is switched off. */
  readonly disabled: boolean;
  /** Whether it has expired, by this machine's clock. */
  readonly expired: boolean;
  /** When it becomes valid; for a key that Google made, when it was made. `undefined`: the service did not say. */
  readonly validAfter: Date | undefined;
  /** When it expires. `undefined`: the service did not say. */
  readonly validBefore: Date | undefined;
  /** Whole days since `validAfter`, by this machine's clock; 0 when it is not known. */
  readonly ageDays: number;
}

/** How many user-managed keys an account has of those it may have, and which could go. */
export interface KeyReport {
  /** How many there are. */
  readonly used: number;
  /** How many there may be: 10. */
  readonly limit: number;
  /** All of them, the oldest first. */
  readonly keys: readonly KeySummary[];
  /** The oldest; `undefined`: there is none. */
  readonly oldest: KeySummary | undefined;
  /**
   * The oldest of those that nobody can be using, because they are disabled or expired; `undefined`: there is none. The API does not
   * tell when a key was last used.
   */
  readonly oldestUnused: KeySummary | undefined;
  /** The same in a sentence: `10 of 10 user-managed keys, oldest unused 3f2a… (disabled, 412 days old)`. */
  readonly text: string;
}

/** Says how old a key is. @param nowMs milliseconds since the epoch */
export function summarizeKey(key: ServiceAccountKey, nowMs: number): KeySummary {
  const { name, keyType, keyOrigin, keyAlgorithm, disabled } = key;
  const validAfter = key.validAfterTime?.toDate();
  const validBefore = key.validBeforeTime?.toDate();
  const ageMs = validAfter === undefined ? 0 : nowMs - validAfter.getTime();
  return {
    ...{ name, keyId: name.slice(name.lastIndexOf("/") + 1), keyType, keyOrigin, keyAlgorithm, disabled },
    expired: validBefore !== undefined && validBefore.getTime() <= nowMs,
    ...{ validAfter, validBefore },
    ageDays: Math.max(0, Math.floor(ageMs / DAY_MS)),
  };
}

/** The oldest first; those of unknown age last. */
export function sortByAge(keys: readonly KeySummary[]): KeySummary[] {
  const madeAt = ({ validAfter }: KeySummary): number => validAfter?.getTime() ?? Number.MAX_SAFE_INTEGER;
  return [...keys].sort((a, b) => madeAt(a) - madeAt(b));
}

/** Counts the user-managed keys among all that an account has. */
export function reportKeys(summaries: readonly KeySummary[]): KeyReport {
  const keys = sortByAge(summaries.filter(({ keyType }) => keyType === "USER_MANAGED"));
  const used = keys.length;
  const [oldest] = keys;
  const oldestUnused = keys.find(({ disabled, expired }) => disabled || expired);
  const count = `${used} of ${USER_KEY_LIMIT} user-managed keys`;
  const text = oldest === undefined ? count : `${count}, ${describeOldest(oldest, oldestUnused)}`;
  return { used, limit: USER_KEY_LIMIT, keys, oldest, oldestUnused, text };
}

function describeOldest(oldest: KeySummary, oldestUnused: KeySummary | undefined): string {
  if (oldestUnused === undefined) {
    return `oldest ${oldest.keyId} (${describeAge(oldest)}), none of them disabled or expired`;
  }
  const why = oldestUnused.expired ? "expired" : "disabled";
  return `oldest unused ${oldestUnused.keyId} (${why}, ${describeAge(oldestUnused)})`;
}

function describeAge({ ageDays }: KeySummary): string {
  return ageDays === 1 ? "1 day old" : `${ageDays} days old`;
}

/** The account has all the keys that it may have. The service says no more than "Precondition check failed.". */
export class KeyLimitError extends RpcError {
  static {
    KeyLimitError.prototype.name = "KeyLimitError";
  }

  /** The keys that there are, and which could go. */
  readonly report: KeyReport;

  /** @param cause what the service said; becomes the cause, and keeps its code, details and text */
  constructor(cause: RpcError, report: KeyReport) {
    const { code, method, transport, details, trailers } = cause;
    const said = cause.message.slice(`${method}: ${cause.status}: `.length);
    super({ code, method, transport, details, trailers, cause, text: `${said} The account has ${report.text}.` });
    this.report = report;
    recordAttempts(this, cause.attempts);
  }
}
