// SPDX-License-Identifier: Apache-2.0
// Hosts with several addresses: all of 127.0.0.0/8 is this machine, so that each can listen, refuse, or not answer at all.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { systemClock } from "../../../../src/base/clock.js";
import { type Address, connectTcp, interleave } from "../../../../src/base/socket/connect-tcp.js";
import { DialError } from "../../../../src/base/socket/dial-error.js";
import { ManualClock } from "../../../support/manual-clock.js";
import { freeHost, startRawServer } from "../../../support/raw-server.js";
import { rejectionOf } from "../../../support/rejection-of.js";
import { settle, waitUntil } from "../../../support/wait-until.js";

const addresses = (...list: readonly string[]) => list.map((address): Address => ({ address, family: 4 }));
const signal = new AbortController().signal;
const base = { host: "far.example", signal, keepsAlive: true };

it("tries the families by turns, beginning with that of the first", () => {
  const list = ["a6", "b6", "c4", "d6", "e4"].map((address) => ({ address, family: Number(address[1]) }));
  expect(interleave(list).map(({ address }) => address)).toEqual(["a6", "c4", "b6", "e4", "d6"]);
});

it("takes the second address at once when the first refuses", async () => {
  await using server = await startRawServer();
  const lookup = async () => addresses("127.0.0.2", "127.0.0.1");
  const socket = await connectTcp({ ...base, port: server.port, clock: new ManualClock(), lookup });
  expect(socket.remoteAddress).toBe("127.0.0.1");
  socket.destroy();
});

it("tells the errors of all addresses", async () => {
  const port = Number((await freeHost()).split(":")[1]);
  const lookup = async () => addresses("127.0.0.1", "127.0.0.2");
  const error = await rejectionOf(connectTcp({ ...base, port, clock: systemClock, lookup }));
  expect(error).toBeInstanceOf(DialError);
  expect(error).toMatchObject({
    step: "connect",
    code: "ECONNREFUSED",
    message: `connect ECONNREFUSED 127.0.0.1:${port}, connect ECONNREFUSED 127.0.0.2:${port}`,
  });
});

it("asks for the addresses anew for each connection, so that a host may move", async () => {
  await using server = await startRawServer();
  const answers = [addresses("127.0.0.9"), addresses("127.0.0.1")];
  const lookup = async () => answers.shift() ?? [];
  const target = { ...base, port: server.port, clock: new ManualClock(), lookup };
  await expect(connectTcp(target)).rejects.toThrow("127.0.0.9");
  const socket = await connectTcp(target);
  expect([socket.remoteAddress, answers]).toEqual(["127.0.0.1", []]);
  socket.destroy();
});

it("says that a name does not resolve", async () => {
  const target = { ...base, host: "nowhere.invalid", port: 1, clock: systemClock };
  const error = await rejectionOf(connectTcp(target));
  expect(error).toMatchObject({ step: "lookup", code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/) });
});

/** A port on 127.0.0.3 that takes no connection and refuses none, as a host behind a firewall: nobody empties its full queue. */
async function startUnreachable(port: number): Promise<AsyncDisposable & { wake(): void }> {
  const program = `require("node:net").createServer().listen({ port: ${port}, host: "127.0.0.3", backlog: 1 }, () => console.log("up"))`;
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  child.kill("SIGSTOP");
  const queue: Socket[] = [];
  for (let waiting = 0; waiting < 8; waiting++) queue.push(connect(port, "127.0.0.3").on("error", () => undefined));
  await settle();
  return {
    wake: () => child.kill("SIGCONT"),
    [Symbol.asyncDispose]: async () => {
      for (const socket of queue) socket.destroy();
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

it("tries the next address after 250 ms beside one that is silent, and gives neither up while there is none", async () => {
  await using server = await startRawServer();
  await using unreachable = await startUnreachable(server.port);
  const clock = new ManualClock();
  const lookup = async () => addresses("127.0.0.3", "127.0.0.1");
  let isThere = false;
  const connecting = connectTcp({ ...base, port: server.port, clock, lookup }).finally(() => {
    isThere = true;
  });
  await waitUntil("the first address is tried", () => clock.waits.length === 1);
  expect([clock.waits, isThere]).toEqual([[250], false]);
  await clock.advance(250);
  const socket = await connecting;
  expect(socket.remoteAddress).toBe("127.0.0.1");
  socket.destroy();

  const port = Number((await freeHost()).split(":")[1]);
  await using slow = await startUnreachable(port);
  const patient = connectTcp({ ...base, port, clock, lookup });
  await waitUntil("the first address is tried", () => clock.waits.length === 1);
  await clock.advance(250);
  slow.wake();
  const late = await patient;
  expect(late.remoteAddress).toBe("127.0.0.3");
  late.destroy();
  unreachable.wake();
});
