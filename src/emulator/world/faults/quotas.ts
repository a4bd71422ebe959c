// SPDX-License-Identifier: Apache-2.0
// Counts calls per project and minute, when switched on, and refuses those over the limit. Knows no methods.

import { integer } from "../../../base/options/checks.js";
import { declare, type GivenOf, optional, type SettledOf, settle } from "../../../base/options/declaration.js";
import { refuseOption } from "../refusals/refuse-option.js";
import { ServiceError } from "../refusals/service-error.js";

/** The limits of calls, per project and minute. */
export const QUOTAS = declare({
  unknown: "is not a quota of the emulator",
  fields: {
    /** How many access and ID tokens. Default: 60,000, as at Google. */
    generateCredentialsPerMinute: optional(integer(0), 60_000),
    /** How many signatures of blobs and JWTs. Default: 60,000, as at Google. */
    signPerMinute: optional(integer(0), 60_000),
    /** How many calls of the admin API that change nothing. Default: 6,000, as at Google. */
    adminReadsPerMinute: optional(integer(0), 6_000),
    /** How many calls of the admin API that change something. Default: 600, as at Google. */
    adminWritesPerMinute: optional(integer(0), 600),
  },
});

/** The limits of calls, per project and minute. */
export interface EmulatorQuotas extends GivenOf<typeof QUOTAS.fields> {}

/** The limits with all defaults filled in. */
export type ResolvedQuotas = SettledOf<typeof QUOTAS.fields>;

const MINUTE_MS = 60_000;

// The texts and metrics are from memory.
const quotas = [
  {
    limit: "generateCredentialsPerMinute",
    service: "iamcredentials.googleapis.com",
    methods: /^Generate/,
    text: "Generate credentials requests",
    metric: "generate_credentials_requests",
  },
  {
    limit: "signPerMinute",
    service: "iamcredentials.googleapis.com",
    methods: /^Sign/,
    text: "Sign JWT or blob requests",
    metric: "sign_requests",
  },
  {
    limit: "adminReadsPerMinute",
    service: "iam.googleapis.com",
    methods: /^(Get|List|Query|Test|Lint)/,
    text: "Read requests",
    metric: "read_requests",
  },
  {
    limit: "adminWritesPerMinute",
    service: "iam.googleapis.com",
    methods: /^(?!Get|List|Query|Test|Lint|Sign)/,
    text: "Write requests",
    metric: "write_requests",
  },
] as const;
type Quota = (typeof quotas)[number];

/** Settles the quotas. @param given true for Google's, false for none */
export function resolveQuotas(given: ResolvedQuotas | boolean): ResolvedQuotas | undefined {
  if (given === false) return undefined;
  return given === true ? settle(QUOTAS, {}, { refuse: refuseOption }) : given;
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
   * @param service the default host of the service
   * @param method the method's name
   * @param project the project that is charged
   * @throws ServiceError RESOURCE_EXHAUSTED when the project has used up its quota for the minute
   */
  charge(service: string, method: string, project: string): void {
    if (this.#limits === undefined) return;
    const minute = Math.floor(this.#now() / MINUTE_MS);
    if (minute !== this.#minute) this.#counts.clear();
    this.#minute = minute;
    const quota = quotas.find((each) => each.service === service && each.methods.test(method));
    if (quota === undefined) return;
    const key = `${quota.limit} ${project}`;
    const used = this.#counts.get(key) ?? 0;
    const limit = this.#limits[quota.limit];
    if (used >= limit) throw quotaExceeded(quota, limit, project);
    this.#counts.set(key, used + 1);
  }

  /** Forgets what was counted. */
  clear(): void {
    this.#counts.clear();
  }
}

// The form of Google's quota errors.
function quotaExceeded({ service, text, metric }: Quota, limit: number, project: string): ServiceError {
  const message =
    `Quota exceeded for quota metric '${text}' and limit '${text} per minute' of service ` +
    `'${service}' for consumer 'projects/${project}'.`;
  return new ServiceError("RESOURCE_EXHAUSTED", message, {
    reason: "RATE_LIMIT_EXCEEDED",
    domain: "googleapis.com",
    metadata: {
      service,
      consumer: `projects/${project}`,
      quota_metric: `${service}/${metric}`,
      quota_limit_value: String(limit),
    },
  });
}
