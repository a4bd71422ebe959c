// SPDX-License-Identifier: Apache-2.0
// A client process, started with --expose-gc: how much memory is held after so many calls. Prints one line of JSON.
// The argument is { client, server, checkpoints: [calls, …] }.

const { flood } = require("./flood.cjs");

const IN_FLIGHT = 64;
const MIB = 1024 * 1024;

async function main({ client: name, server, checkpoints }) {
  const client = require(`../clients/${name}.cjs`).open(server);
  const points = [];
  let made = 0;
  for (const calls of checkpoints) {
    await flood(client.call, IN_FLIGHT, { calls: calls - made });
    made = calls;
    // The last streams close a little after their replies.
    await new Promise((resolve) => setTimeout(resolve, 100));
    global.gc();
    global.gc();
    const { heapUsed, rss, external } = process.memoryUsage();
    points.push({ calls, heapMiB: heapUsed / MIB, externalMiB: external / MIB, rssMiB: rss / MIB });
  }
  const peakRssMiB = process.resourceUsage().maxRSS / 1024;
  await client.close();
  process.stdout.write(JSON.stringify({ points, peakRssMiB }));
}

main(JSON.parse(process.argv[2]));
