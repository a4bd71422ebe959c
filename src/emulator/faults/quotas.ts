// SPDX-License-Identifier: Apache-2.0
// Counts calls per project and minute, when that is switched on, and refuses what is over. Knows no methods.

import { ServiceError } from "../service-error.js";

/** The limits of calls, per project and minute. */
export interface EmulatorQuotas {
  /** How many access and ID tokens. Default: 60,000, as Google's. */
  readonly generateCredentialsPerMinute?: number;
  /** How many signatures of blobs and JWTs. Default: 60,000, as Google's. */
  readonly signPerMinute?: number;
}

/** The limits with nothing left open. */
export type ResolvedQuotas = Required<EmulatorQuotas>;

const MINUTE_MS = 60_000;
const defaults: ResolvedQuotas = { generateCredentialsPerMinute: 60_000, signPerMinute: 60_000 };

const metrics = {
  generateCredentialsPerMinute: {
    methods: ["GenerateAccessToken", "GenerateIdToken"],
    text: "Generate credentials requests",
    metric: "iamcredentials.googleapis.com/generate_credentials_requests",
  },
  signPerMinute: {
    methods: ["SignBlob", "SignJwt"],
    text: "Sign JWT or blob requests",
    metric: "iamcredentials.googleapis.com/sign_requests",
  },
} as const;

/**
 * Settles the quotas.
 *
 * @param quotas true for Google's, false for none
 * @throws TypeError naming the one that is wrong
 */
export function resolveQuotas(quotas: EmulatorQuotas | boolean, label: string): ResolvedQuotas | undefined {
  if (quotas === false) return undefined;
  if (quotas === true) return defaults;
  if (typeof quotas !== "object" || quotas === null) throw new TypeError(`${label} must be a boolean or an object`);
  for (const [name, value] of Object.entries(quotas)) {
    if (!Object.hasOwn(defaults, name)) throw new TypeError(`${label}.${name} is no quota of the emulator`);
    if (value === undefined || (Number.isInteger(value) && value >= 0)) continue;
    throw new TypeError(`${label}.${name} must be an integer from 0 on, not ${JSON.stringify(value)}`);
  }
  const given = Object.fromEntries(Object.entries(quotas).filter(([, value]) => value !== undefined));
  return { ...defaults, ...given };
}

/** Counts the calls of one emulator. */
export class QuotaMeter {
  readonly #limits: ResolvedQuotas | undefined;
  readonly #now: () => number;
  readonly #counts = new Map<string, number>();
  #minute = -1;

  /**
   * @param limits the limits; undefined: none
   * @param now the clock, in milliseconds since the epoch
   */
  constructor(limits: ResolvedQuotas | undefined, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /**
   * Counts a call.
   *
   * @param service the default host of the service: only the credentials API's calls are counted
   * @param method the method's name
   * @param project the project that is charged
   * @throws ServiceError RESOURCE_EXHAUSTED when the project has used the minute up
   */
  charge(service: string, method: string, project: string): void {
    if (this.#limits === undefined || service !== "iamcredentials.googleapis.com") return;
    const minute = Math.floor(this.#now() / MINUTE_MS);
    if (minute !== this.#minute) this.#counts.clear();
    this.#minute = minute;
    for (const quota of ["generateCredentialsPerMinute", "signPerMinute"] as const) {
      const { methods, text, metric } = metrics[quota];
      if (!methods.some((name) => name === method)) continue;
      const key = `${quota} ${project}`;
      const used = this.#counts.get(key) ?? 0;
      if (used >= this.#limits[quota]) throw quotaExceeded(text, metric, this.#limits[quota], project);
      this.#counts.set(key, used + 1);
    }
  }

  /** Forgets what was counted. */
  clear(): void {
    this.#counts.clear();
  }
}

// The form of Google's quota errors; the names of these two metrics are from memory.
function quotaExceeded(text: string, metric: string, limit: number, project: string): ServiceError {
  const message =
    `Quota exceeded for quota metric '${text}' and limit '${text} per minute' of service ` +
    `'iamcredentials.googleapis.com' for consumer 'projects/${project}'.`;
  return new ServiceError("RESOURCE_EXHAUSTED", message, {
    reason: "RATE_LIMIT_EXCEEDED",
    domain: "googleapis.com",
    metadata: {
      service: "iamcredentials.googleapis.com",
      consumer: `projects/${project}`,
      quota_metric: metric,
      quota_limit_value: String(limit),
    },
  });
}
