// SPDX-License-Identifier: Apache-2.0
// The published retry settings of the methods, and what the option `clientConfig` changes in them. Knows no call.

/** Delays between attempts and times of attempts. Source: google-gax's BackoffSettings, the GAPIC client config. */
export interface BackoffSettings {
  /** How many attempts to make, the first included. Default: no limit. */
  maxRetries?: number;
  /** The maximum delay before the second attempt, in milliseconds. Required. */
  initialRetryDelayMillis: number;
  /** The factor by which the maximum delay grows. Required. */
  retryDelayMultiplier: number;
  /** Where it stops growing, in milliseconds. Required. */
  maxRetryDelayMillis: number;
  /** The time of the first attempt, in milliseconds. Default: all the time of the call. */
  initialRpcTimeoutMillis?: number | null;
  /** Where the time of an attempt stops growing, in milliseconds. Default: nowhere. */
  maxRpcTimeoutMillis?: number | null;
  /** The time of the whole call, in milliseconds. Default: no limit. */
  totalTimeoutMillis?: number | null;
  /** The factor by which the time of an attempt grows. Default: 1. */
  rpcTimeoutMultiplier?: number | null;
}

/** The retry parameters of a client config, as its JSON spells them. */
export interface RetryParameters {
  /** See initialRetryDelayMillis. Required. */
  initial_retry_delay_millis: number;
  /** See retryDelayMultiplier. Required. */
  retry_delay_multiplier: number;
  /** See maxRetryDelayMillis. Required. */
  max_retry_delay_millis: number;
  /** See initialRpcTimeoutMillis. Required. */
  initial_rpc_timeout_millis: number;
  /** See rpcTimeoutMultiplier. Required. */
  rpc_timeout_multiplier: number;
  /** See maxRpcTimeoutMillis. Required. */
  max_rpc_timeout_millis: number;
  /** See totalTimeoutMillis. Required. */
  total_timeout_millis: number;
}

/** A method of a client config. */
export interface MethodConfig {
  /** Milliseconds for a call. Default: the published ones. */
  timeout_millis?: number;
  /** Which of the service's lists of codes is retried. Default: the published one. */
  retry_codes_name?: string;
  /** Which of the service's sets of parameters is used. Default: the published one. */
  retry_params_name?: string;
  /** Anything else is ignored. Default: nothing. */
  [key: string]: unknown;
}

/** A service of a client config. */
export interface ServiceConfig {
  /** Lists of status names, by a name of your own. Default: none. */
  retry_codes?: { [index: string]: string[] };
  /** Sets of parameters, by a name of your own. Default: none. */
  retry_params?: { [index: string]: RetryParameters };
  /** Overrides by method, such as `SignJwt`; `null`: no retries. Required. */
  methods: { [index: string]: MethodConfig | null };
}

/** The option `clientConfig`: overrides by service and method. Source: google-gax's ClientConfig. */
export interface ClientConfig {
  /** Overrides by service: `google.iam.credentials.v1.IAMCredentials`. Default: none. */
  interfaces?: { [index: string]: ServiceConfig };
}

/** What a method does if the caller says nothing. */
export interface MethodDefaults {
  readonly timeoutMillis: number;
  /** `null`: no retries. */
  readonly retry: { readonly retryCodes: readonly number[]; readonly backoffSettings: BackoffSettings } | null;
}

/** The service in client configs and in errors. */
export const API_NAME = "google.iam.credentials.v1.IAMCredentials";

/** Source: the service's published gRPC service config, through the GAPIC client config of version 4.2.2. */
const PUBLISHED: MethodDefaults = {
  timeoutMillis: 60_000,
  retry: {
    retryCodes: [4, 14],
    backoffSettings: {
      initialRetryDelayMillis: 100,
      retryDelayMultiplier: 1.3,
      maxRetryDelayMillis: 60_000,
      initialRpcTimeoutMillis: 60_000,
      rpcTimeoutMultiplier: 1,
      maxRpcTimeoutMillis: 60_000,
      totalTimeoutMillis: 600_000,
    },
  },
};

/** The defaults of a method. @param rpc `SignJwt` @param codeOf the number of a status name */
export function methodDefaults(
  rpc: string,
  config: ClientConfig | undefined,
  codeOf: (name: string) => number,
): MethodDefaults {
  const service = config?.interfaces?.[API_NAME];
  const own = service?.methods?.[rpc];
  if (service === undefined || own === undefined || own === null) {
    // A method that is set to null loses its retries, as in the original.
    return own === null ? { ...PUBLISHED, retry: null } : PUBLISHED;
  }
  const codes = own.retry_codes_name === undefined ? undefined : service.retry_codes?.[own.retry_codes_name];
  const parameters = own.retry_params_name === undefined ? undefined : service.retry_params?.[own.retry_params_name];
  return {
    timeoutMillis: own.timeout_millis ?? PUBLISHED.timeoutMillis,
    retry: PUBLISHED.retry && {
      retryCodes: codes?.map(codeOf) ?? PUBLISHED.retry.retryCodes,
      backoffSettings: parameters === undefined ? PUBLISHED.retry.backoffSettings : backoffSettingsOf(parameters),
    },
  };
}

function backoffSettingsOf(parameters: RetryParameters): BackoffSettings {
  return {
    initialRetryDelayMillis: parameters.initial_retry_delay_millis,
    retryDelayMultiplier: parameters.retry_delay_multiplier,
    maxRetryDelayMillis: parameters.max_retry_delay_millis,
    initialRpcTimeoutMillis: parameters.initial_rpc_timeout_millis,
    rpcTimeoutMultiplier: parameters.rpc_timeout_multiplier,
    maxRpcTimeoutMillis: parameters.max_rpc_timeout_millis,
    totalTimeoutMillis: parameters.total_timeout_millis,
  };
}
