// SPDX-License-Identifier: Apache-2.0
// 500 calls at once with one signal, then 500 that it aborts. Prints what came of them; Node's warnings go to stderr.

import { getEventListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { plainClient, REQUEST } from "../../support/plain-client.js";

async function main(): Promise<object> {
  await using client = plainClient(process.env["TEST_HOST"] ?? "");
  const controller = new AbortController();
  const { signal } = controller;
  const callAll = () => Array.from({ length: 500 }, () => client.signBlob(REQUEST, { signal }));
  const calls = callAll();
  await sleep(1);
  const listenersInFlight = getEventListeners(signal, "abort").length;
  const replies = (await Promise.all(calls)).length;
  const doomed = Promise.allSettled(callAll());
  const reason = new Error("enough");
  controller.abort(reason);
  const aborted = (await doomed).filter((each) => each.status === "rejected" && each.reason === reason).length;
  return { replies, listenersInFlight, aborted };
}

main().then(
  (outcome) => process.stdout.write(JSON.stringify(outcome)),
  (error: Error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exitCode = 1;
  },
);
