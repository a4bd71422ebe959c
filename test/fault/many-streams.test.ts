// SPDX-License-Identifier: Apache-2.0
// More calls at once than a connection may carry.

import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { overGrpcTransports } from "../support/over-transports.js";
import { plainClient, REQUEST } from "../support/plain-client.js";
import { startRecordingServer } from "../support/recording-server.js";

overGrpcTransports(() => {
  test("1,000 calls at once over a server that takes 100 at a time all succeed", async () => {
    let inFlight = 0;
    let most = 0;
    const handler = async () => {
      most = Math.max(most, ++inFlight);
      await sleep(5);
      inFlight--;
    };
    await using server = await startRecordingServer({ handler, serverOptions: { "grpc.max_concurrent_streams": 100 } });
    await using client = plainClient(server.host);
    const payloads = Array.from({ length: 1_000 }, (_, index) => Buffer.from(`blob ${index}`));
    const replies = await Promise.all(payloads.map((payload) => client.signBlob({ ...REQUEST, payload })));
    expect(replies.map(({ signedBlob }) => signedBlob.toString())).toEqual(payloads.map(String));
    expect(most).toBeGreaterThan(50);
    expect(most).toBeLessThanOrEqual(100);
  });

  test("a message of 8 MB goes there and back", async () => {
    await using server = await startRecordingServer({ serverOptions: { "grpc.max_receive_message_length": -1 } });
    await using client = plainClient(server.host);
    const payload = Buffer.alloc(8 * 1024 * 1024, 7);
    const { signedBlob } = await client.signBlob({ ...REQUEST, payload });
    expect(signedBlob.equals(payload)).toBe(true);
  });
});
