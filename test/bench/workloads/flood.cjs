// SPDX-License-Identifier: Apache-2.0
// Keeps a number of calls in flight for a time or for a number of calls, and says how it went.

const { reply: expected } = require("../exchange.cjs");

const MOST_SAMPLES = 200_000;
// One for the whole process, so that memory does not depend on it.
const latencies = new Float64Array(MOST_SAMPLES);

const isExpected = ({ accessToken }) => accessToken === expected.accessToken;

/**
 * @param call makes one call
 * @param inFlight how many at a time
 * @param limits `durationMs` or `calls`, whichever comes first
 * @param isRight judges a reply. Default: whether it is that of exchange.cjs
 */
exports.flood = async (
  call,
  inFlight,
  { durationMs = Infinity, calls: mostCalls = Infinity },
  isRight = isExpected,
) => {
  let begun = 0;
  let calls = 0;
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const endsAt = startedAt + durationMs;
  async function caller() {
    for (let now = performance.now(); now < endsAt && begun < mostCalls; ) {
      begun++;
      if (!isRight(await call())) throw new Error("the reply is wrong");
      const then = now;
      now = performance.now();
      latencies[calls++] = now - then;
    }
  }
  await Promise.all(Array.from({ length: inFlight }, caller));
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const sorted = latencies.subarray(0, calls).sort();
  const percentile = (share) => sorted[Math.floor((sorted.length - 1) * share)];
  return {
    calls,
    callsPerSecond: calls / seconds,
    p50Ms: percentile(0.5),
    p99Ms: percentile(0.99),
    cpuSecondsPer10k: ((user + system) / 1e6 / calls) * 10_000,
  };
};
