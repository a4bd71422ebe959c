// SPDX-License-Identifier: Apache-2.0
// Which faults a soak has, and which of its calls they strike: those of a caller of their own. By the call's number, so that every run
// is the same.

/** How connections end. */
const SEVERINGS = ["reset", "half-close", "goaway", "garbage", "truncate"];

/** The refusal that a call must end with, at its first attempt. */
const REFUSAL = { code: "PERMISSION_DENIED", message: "Refused by the soak." };

/** The callers, each named after what strikes it. */
const CALLERS = ["nobody", "denied", "status", "delay", ...SEVERINGS];

/** The faults by caller. */
const FAULTS = [
  { caller: "denied", status: REFUSAL },
  { caller: "status", attempt: 1, status: { code: "UNAVAILABLE", message: "Again." } },
  { caller: "delay", delayMs: 20 },
  ...SEVERINGS.map((connection) => ({ caller: connection, attempt: 1, connection })),
];

/**
 * Who makes a call.
 *
 * @param severEvery how many calls there are from one whose connection ends to the next
 */
function callerOf(index, severEvery) {
  if (index % severEvery === severEvery - 1) return SEVERINGS[Math.floor(index / severEvery) % SEVERINGS.length];
  if (index % 47 === 7) return "status";
  if (index % 53 === 31) return "delay";
  return index % 101 === 21 ? "denied" : "nobody";
}

module.exports = { CALLERS, FAULTS, REFUSAL, callerOf };
