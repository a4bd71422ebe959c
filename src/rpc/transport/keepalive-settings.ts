// SPDX-License-Identifier: Apache-2.0
// The keepalive settings of gRPC transports. Sends no PINGs.

/** When to PING a silent connection. Off unless given: many servers do not allow it. Source: gRFC A8. */
export interface KeepaliveSettings {
  /** Milliseconds of silence after which a PING goes out; at least 10,000. Required. */
  readonly intervalMs: number;
  /** Milliseconds after the PING within which something must be received. Default: 20,000. */
  readonly timeoutMs?: number | undefined;
  /** Whether to PING connections without a call in flight too. Default: false. */
  readonly withoutCalls?: boolean | undefined;
}

/** The shortest interval that servers tolerate. Source: gRFC A8. */
const SHORTEST_INTERVAL_MS = 10_000;

/** Whether a value is such settings, without other keys. */
export function isKeepalive(given: unknown): given is KeepaliveSettings {
  if (typeof given !== "object" || given === null) return false;
  const { intervalMs, timeoutMs, withoutCalls, ...others } = Object(given);
  if (Object.keys(others).length > 0 || !Number.isFinite(intervalMs) || intervalMs < SHORTEST_INTERVAL_MS) return false;
  if (timeoutMs !== undefined && !(Number.isFinite(timeoutMs) && timeoutMs > 0)) return false;
  return withoutCalls === undefined || typeof withoutCalls === "boolean";
}
