// SPDX-License-Identifier: Apache-2.0
// A client process that takes turns with others: for each line of standard input, { inFlight, durationMs } or { inFlight, calls },
// it keeps so many calls in flight and answers with a line of JSON. At the end of the input it says how much memory it had at most.
// The argument is { client, server }.

const { createInterface } = require("node:readline");
const { flood } = require("./flood.cjs");

const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);

async function main({ client: name, server }) {
  const client = require(`../clients/${name}.cjs`).open(server);
  for await (const line of createInterface({ input: process.stdin })) {
    const { inFlight, ...limits } = JSON.parse(line);
    say(await flood(client.call, inFlight, limits));
  }
  say({ peakRssMiB: process.resourceUsage().maxRSS / 1024 });
  await client.close();
}

main(JSON.parse(process.argv[2]));
