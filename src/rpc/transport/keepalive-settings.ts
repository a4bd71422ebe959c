// SPDX-License-Identifier: Apache-2.0
// When to ask a silent connection for a sign of life, as gRPC transports take it. Asks nothing.

/** When to ask a silent connection for a sign of life. Off unless it is given: many servers allow none. Source: gRFC A8. */
export interface KeepaliveSettings {
  /** Milliseconds of silence after which a PING goes out; at least 10,000. Required. */
  readonly intervalMs: number;
  /** Milliseconds within which something must be heard. Default: 20,000. */
  readonly timeoutMs?: number | undefined;
  /** Whether connections without a call in flight are asked too. Default: false. */
  readonly withoutCalls?: boolean | undefined;
}

/** What servers bear at all. Source: gRFC A8. */
const SHORTEST_INTERVAL_MS = 10_000;

/** Whether a value is one of these, with no other key. */
export function isKeepalive(given: unknown): given is KeepaliveSettings {
  if (typeof given !== "object" || given === null) return false;
  const { intervalMs, timeoutMs, withoutCalls, ...others } = Object(given);
  if (Object.keys(others).length > 0 || !Number.isFinite(intervalMs) || intervalMs < SHORTEST_INTERVAL_MS) return false;
  if (timeoutMs !== undefined && !(Number.isFinite(timeoutMs) && timeoutMs > 0)) return false;
  return withoutCalls === undefined || typeof withoutCalls === "boolean";
}
