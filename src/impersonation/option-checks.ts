// SPDX-License-Identifier: Apache-2.0
// Turns options into what requests carry, by the checks that requests go through anyway, so that wrong ones throw at construction.

import { ConfigurationError, RequestError } from "../base/errors.js";
import {
  type DurationLike,
  normalizeAccount,
  normalizeAudience,
  normalizeLifetime,
  normalizeScope,
} from "../iam-credentials/requests.js";

/** An account and the way to it. */
export interface CheckedAccount {
  /** `projects/-/serviceAccounts/{email or unique id}`. */
  readonly name: string;
  /** The e-mail or unique id alone. */
  readonly account: string;
  /** In the same form as `name`. */
  readonly delegates: readonly string[];
}

/** One for all: most credentials have none. */
const NO_DELEGATES: readonly string[] = Object.freeze([]);

/** Checks a target and its delegates. @throws ConfigurationError naming the option */
export function checkAccount(
  principal: string,
  delegates: readonly string[] | undefined,
  option: string,
): CheckedAccount {
  const checked = asOption(option, "name", () => normalizeAccount({ name: principal, delegates }, []));
  const account = checked.name.slice(checked.name.lastIndexOf("/") + 1);
  return { name: checked.name, account, delegates: checked.delegates.length === 0 ? NO_DELEGATES : checked.delegates };
}

/** Checks scopes. @throws ConfigurationError naming the option */
export function checkScopes(scopes: string | readonly string[]): readonly string[] {
  return Object.freeze(asOption("scopes", "scope", () => normalizeScope(scopes)));
}

/** A lifetime in seconds. @throws ConfigurationError naming the option */
export function checkLifetime(lifetime: DurationLike): number {
  const duration = asOption("lifetime", "lifetime", () => normalizeLifetime(lifetime));
  return Number(duration?.seconds ?? 0) + (duration?.nanos ?? 0) / 1e9;
}

/** Checks an audience. @throws ConfigurationError naming the option */
export function checkAudience(audience: string): string {
  return asOption("targetAudience", "audience", () => normalizeAudience(audience));
}

/** Checks a number of milliseconds. @throws ConfigurationError naming the option */
export function checkTimeout(timeoutMs: number, option: string): number {
  if (typeof timeoutMs === "number" && timeoutMs > 0 && timeoutMs < 2 ** 31) return timeoutMs;
  throw new ConfigurationError(`${option}: must be a number of milliseconds above 0, was ${String(timeoutMs)}`);
}

/** Checks a flag. @throws ConfigurationError naming the option */
export function checkFlag(flag: boolean | undefined, option: string): void {
  if (flag !== undefined && typeof flag !== "boolean") throw new ConfigurationError(`${option}: must be true or false`);
}

/** Checks that an object has no member but these. @throws ConfigurationError naming the one that is unknown */
export function checkKeys(options: object, known: readonly string[]): void {
  if (typeof options !== "object" || options === null) throw new ConfigurationError("options: must be an object");
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw new ConfigurationError(`${unknown}: no such option; there are ${known.join(", ")}`);
  }
}

/** What a check of a request's field throws, as the error of an option. */
function asOption<T>(option: string, field: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const problem = error.message.startsWith(field) ? `${option}${error.message.slice(field.length)}` : error.message;
    throw new ConfigurationError(problem);
  }
}
