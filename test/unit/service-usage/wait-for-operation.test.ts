// SPDX-License-Identifier: Apache-2.0
// Waiting for an operation on a transport that answers from a script: how often it is asked for, and what its end is.

import { ServiceUsageAsyncClient } from "../../../src/service-usage/index.js";
import { ManualClock } from "../../support/manual-clock.js";
import { rejectionOf, rpcErrorOf } from "../../support/rejection-of.js";
import { refuse, reply, type Scene, ScriptedTransport } from "../../support/scripted-transport.js";

const RUNNING = { name: "operations/1", done: false, error: undefined };
const running = reply(RUNNING);

function open(...scenes: Scene[]) {
  const clock = new ManualClock();
  const transport = new ScriptedTransport(...scenes);
  return { clock, transport, client: new ServiceUsageAsyncClient({ transport, clock }) };
}

test("an operation that has ended is not asked for", async () => {
  const { client, transport } = open(running);
  await client.waitForOperation({ ...RUNNING, done: true });
  expect(transport.calls).toEqual([]);
});

test("it is asked for until it has ended, again when that fails, at growing distances", async () => {
  const { client, clock, transport } = open(running, refuse("UNAVAILABLE"), running, reply({ ...RUNNING, done: true }));
  const begun = clock.now();
  await clock.drive(client.waitForOperation(RUNNING));
  expect(transport.calls.map(({ method, message }) => [method.label, message])).toEqual(
    Array.from({ length: 4 }, () => ["Operations.GetOperation", { name: "operations/1" }]),
  );
  // 0.5 s and half of 1, 1.5 and 2.25 s, and 50 ms before the second attempt at a look.
  expect(clock.now() - begun).toBe(1_000 + 1_250 + 50 + 1_625);
});

test("its error is the error of the waiting", async () => {
  const { client, clock } = open(
    reply({ ...RUNNING, done: true, error: { code: 9, message: "It is in use.", details: [] } }),
  );
  const error = await rpcErrorOf(clock.drive(client.waitForOperation(RUNNING)));
  expect([error.status, error.message]).toEqual([
    "FAILED_PRECONDITION",
    "Operations.GetOperation: FAILED_PRECONDITION: It is in use.",
  ]);
});

test("it ends with its time, with its signal, and with what cannot heal", async () => {
  const late = open(running);
  const error = await rpcErrorOf(late.clock.drive(late.client.waitForOperation(RUNNING, { timeout: 20_000 })));
  expect(error.message).toBe("Operations.GetOperation: DEADLINE_EXCEEDED: operations/1 did not finish within 20000 ms");
  expect(late.clock.now()).toBe(20_000);

  const stopped = open(running);
  const controller = new AbortController();
  const waiting = rejectionOf(stopped.client.waitForOperation(RUNNING, { signal: controller.signal }));
  controller.abort(new Error("enough"));
  expect(await waiting).toBe(controller.signal.reason);

  const refused = open(refuse("PERMISSION_DENIED"));
  expect((await rpcErrorOf(refused.clock.drive(refused.client.waitForOperation(RUNNING)))).status).toBe(
    "PERMISSION_DENIED",
  );
  expect(refused.transport.calls).toHaveLength(1);
});
