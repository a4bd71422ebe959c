// SPDX-License-Identifier: Apache-2.0
// Neither side of a stream runs ahead of the other.

import { numbersOf, numbersTo, openCounterClient } from "../support/counter-client.js";
import { type CounterServer, startCounterServer } from "../support/counter-server.js";
import { overGrpcTransports } from "../support/over-transports.js";
import { settle, waitUntil } from "../support/wait-until.js";

overGrpcTransports(() => {
  let server: CounterServer;
  beforeAll(async () => {
    server = await startCounterServer();
  });
  beforeEach(() => server.reset());
  afterAll(() => server[Symbol.asyncDispose]());

  it("holds the server while the consumer is slow", async () => {
    await using client = openCounterClient(server.host);
    const replies = client.count({ to: 2_000, paddingBytes: 1_000 });
    for (let pulled = 1; pulled <= 5; pulled++) await replies.next();
    // The server writes until HTTP/2's window of 64 KiB and its own buffer are full, and then no more.
    let before = -1;
    await waitUntil("the server stands still", () => {
      const stands = before === server.last.written;
      before = server.last.written;
      return stands && before > 5;
    });
    await settle(20);
    expect(server.last.written).toBeLessThan(500);
    const rest = await numbersOf(replies);
    expect(rest).toEqual(numbersTo(2_000).slice(5));
  });

  it("keeps the client from draining its source while the server is slow", async () => {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    server.script = { onRequest: (_, number) => (number === 1 ? released : undefined) };
    await using client = openCounterClient(server.host);
    let pulled = 0;
    async function* large() {
      for (let number = 1; number <= 400; number++) {
        pulled++;
        yield { number, padding: Buffer.alloc(16_384) };
      }
    }
    const sum = client.sum(large());
    let before = -1;
    await waitUntil("the client stands still", () => {
      const stands = before === pulled;
      before = pulled;
      return stands && pulled > 1;
    });
    await settle(20);
    // 1 MiB that grpc-js keeps in case it must repeat the call, the windows, and what the server's stream has buffered.
    expect(pulled).toBeLessThan(200);
    release();
    expect(await sum).toEqual({ sum: "80200", count: 400 });
    expect(pulled).toBe(400);
  });
});
