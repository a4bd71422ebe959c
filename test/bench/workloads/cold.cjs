// SPDX-License-Identifier: Apache-2.0
// A client process that does one thing: loads a client and makes one call. Prints the instants, on the clock that all processes
// of a machine share. The argument is { client, server }.

const { client: name, server } = JSON.parse(process.argv[2]);
const { open } = require(`../clients/${name}.cjs`);
const loadedAt = process.hrtime.bigint();

async function main() {
  const client = open(server);
  await client.call();
  const answeredAt = process.hrtime.bigint();
  const { user, system } = process.cpuUsage();
  const peakRssMiB = process.resourceUsage().maxRSS / 1024;
  const modules = Object.keys(require.cache).length;
  await client.close();
  const line = { loadedAt, answeredAt, cpuMs: (user + system) / 1000, peakRssMiB, modules };
  process.stdout.write(JSON.stringify(line, (_key, value) => (typeof value === "bigint" ? String(value) : value)));
}

main();
