// SPDX-License-Identifier: Apache-2.0
// An emulator in a process of its own, started with --expose-gc. Answers a line { ask } of standard input with a line of JSON; at the
// end of the input it closes the emulator, says what that left behind, and has to end by itself.
// The argument is { callers, faults, calls, options }: a project's token creators by name, the faults, how many calls are told apart.

const { createInterface } = require("node:readline");
const { setTimeout: sleep } = require("node:timers/promises");
const { startEmulator } = require("iam-credentials-client/emulator");
const { CallLedger } = require("./call-ledger.cjs");
const { weigh } = require("./weigh.cjs");

const HARVEST_MS = 200;
const TURN_MS = 50; // a handle that is closed is gone with the next turn of the event loop
const PROJECT = "my-project";
const ROBOT = `robot@${PROJECT}.iam.gserviceaccount.com`;

const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
const memberOf = (caller) => `user:${caller}@example.com`;

async function describe(emulator, callers) {
  const tokens = {};
  for (const caller of callers) tokens[caller] = await emulator.accessToken(memberOf(caller));
  const { host, url, caCertificate: ca } = emulator;
  return { host, url, ca, account: ROBOT, tokens, keyFile: await emulator.createServiceAccountKey(ROBOT) };
}

/** What is there and was not there before, by kind. */
function leftBehind(before) {
  const left = process.getActiveResourcesInfo();
  for (const kind of before) if (left.includes(kind)) left.splice(left.indexOf(kind), 1);
  return left;
}

async function main({ callers, faults = [], calls = 0, options = {} }) {
  process.stdin.resume();
  for (const stream of [process.stdout, process.stderr]) stream.writable; // Node opens them when they are first looked at
  const before = process.getActiveResourcesInfo();
  const role = "roles/iam.serviceAccountTokenCreator";
  const grants = callers.map((caller) => ({ member: memberOf(caller), role, project: PROJECT }));
  const emulator = await startEmulator({ serviceAccounts: [ROBOT], grants, ...options });
  for (const { caller, ...fault } of faults) emulator.addFault({ ...fault, principal: memberOf(caller) });
  const ledger = new CallLedger(calls);
  const harvest = setInterval(() => ledger.enter(emulator.calls()), HARVEST_MS);
  const answers = {
    address: () => describe(emulator, callers),
    memory: weigh,
    ledger() {
      ledger.enter(emulator.calls());
      return ledger.sum();
    },
  };
  for await (const line of createInterface({ input: process.stdin })) say(await answers[JSON.parse(line).ask]());
  clearInterval(harvest);
  await emulator.close();
  await sleep(TURN_MS);
  say({ left: leftBehind(before), closedAt: String(process.hrtime.bigint()) });
}

main(JSON.parse(process.argv[2]));
