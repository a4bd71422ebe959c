// SPDX-License-Identifier: Apache-2.0
// When the next connection may be tried, by the clock of the test.

import { expect, test } from "@jest/globals";
import { ConnectionLog } from "../../../../../src/rpc/transport/grpc/connection-log.js";
import { Connector } from "../../../../../src/rpc/transport/grpc/connector.js";
import { ManualClock } from "../../../../support/manual-clock.js";

function makeConnector(clock: ManualClock): Connector {
  const nothing = { rootCertificates: undefined, cipherSuites: undefined, clientCertSource: undefined };
  const settings = { target: "h:1", isInsecure: true, proxyUrl: undefined, keepalive: undefined, clock, ...nothing };
  const owner = {
    log: new ConnectionLog(undefined, "h:1"),
    mask: (text: string) => text,
    onRoom: () => undefined,
    onDrain: () => undefined,
    onEnd: () => undefined,
  };
  return new Connector(settings, owner);
}

/** How long it backs off after a failure, in steps of a millisecond. */
async function backoffAfterFailure(connector: Connector, clock: ManualClock): Promise<number> {
  connector.note(true);
  let waited = 0;
  for (; connector.isBackingOff; waited++) await clock.advance(1);
  return waited;
}

test("tries again at once after the first failure, then ever later; a success begins anew", async () => {
  const clock = new ManualClock();
  const connector = makeConnector(clock);
  const waits: number[] = [];
  for (let failure = 0; failure < 5; failure++) waits.push(await backoffAfterFailure(connector, clock));
  expect(waits).toEqual([0, 100, 130, 169, 220]);
  connector.note(false);
  expect(connector.isBackingOff).toBe(false);
  expect(await backoffAfterFailure(connector, clock)).toBe(0);
});

test("a server that comes back within 0.7 s is tried at most 0.3 s later", async () => {
  const clock = new ManualClock({ chances: [0.999] });
  const connector = makeConnector(clock);
  while (clock.now() < 700) expect(await backoffAfterFailure(connector, clock)).toBeLessThanOrEqual(300);
});
