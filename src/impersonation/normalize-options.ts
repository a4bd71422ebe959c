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
export function normalizeTarget(
  principal: string,
  delegates: readonly string[] | undefined,
  option: string,
): CheckedAccount {
  const checked = asOption(option, "name", () =>
    normalizeAccount({ name: principal, delegates }, ["name", "delegates"]),
  );
  const account = checked.name.slice(checked.name.lastIndexOf("/") + 1);
  return { name: checked.name, account, delegates: checked.delegates.length === 0 ? NO_DELEGATES : checked.delegates };
}

/** Checks scopes. @throws ConfigurationError naming the option */
export function normalizeScopes(scopes: string | readonly string[]): readonly string[] {
  return Object.freeze(asOption("scopes", "scope", () => normalizeScope(scopes)));
}

/** A lifetime in seconds. @throws ConfigurationError naming the option */
export function normalizeLifetimeSeconds(lifetime: DurationLike): number {
  const duration = asOption("lifetime", "lifetime", () => normalizeLifetime(lifetime));
  return Number(duration?.seconds ?? 0) + (duration?.nanos ?? 0) / 1e9;
}

/** Checks an audience. @throws ConfigurationError naming the option */
export function normalizeTargetAudience(audience: string): string {
  return asOption("targetAudience", "audience", () => normalizeAudience(audience));
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
