// SPDX-License-Identifier: Apache-2.0
// How much memory a process takes that was started with --expose-gc.

const MIB = 1024 * 1024;

/** What is left after two forced collections. */
exports.weigh = () => {
  global.gc();
  global.gc();
  const { heapUsed, rss } = process.memoryUsage();
  return { heapMiB: heapUsed / MIB, rssMiB: rss / MIB };
};
