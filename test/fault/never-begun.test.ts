// SPDX-License-Identifier: Apache-2.0
// Calls that the server says it has not begun: each goes out again, once, whatever its method and its policy. Source: gRFC A6.

import { constants, type Http2Session, type ServerHttp2Stream } from "node:http2";
import { describe, expect, test } from "@jest/globals";
import { ServiceUsageRows } from "../../generated/google/api/serviceusage/v1/serviceusage.tables.js";
import { ProjectsRows } from "../../generated/google/cloud/resourcemanager/v3/projects.tables.js";
import { IAMRows } from "../../generated/google/iam/admin/v1/iam.tables.js";
import { IAMCredentialsRows } from "../../generated/google/iam/credentials/v1/iamcredentials.tables.js";
import { OperationsRows } from "../../generated/google/longrunning/operations.tables.js";
import { createServiceClient, rowFromStub } from "../../src/index.js";
import { COUNTER, collect, openCounterClient } from "../support/counter-client.js";
import { frameMessage, startHttp2Server } from "../support/http2-server.js";
import { overGrpcTransports } from "../support/over-transports.js";
import { rejectionOf, rpcErrorOf } from "../support/rejection-of.js";
import { transportOfTurn } from "../support/transport-of-turn.js";

const EMPTY = Buffer.alloc(0);

/** Every RPC of the services that we have clients of, with a message that is empty: what is said here is not said of fields. */
const ROWS = [IAMRows, IAMCredentialsRows, ProjectsRows, ServiceUsageRows, OperationsRows].flatMap((table) =>
  Object.values<{ readonly path: string }>(table).map(({ path }) =>
    rowFromStub({
      path,
      requestStream: false as const,
      responseStream: false as const,
      requestSerialize: () => EMPTY,
      responseDeserialize: () => "answered",
    }),
  ),
);

/** Answers with a message whose first field is a 7 when all of the request has come, as any service of ours could. */
function answerSeven(stream: ServerHttp2Stream): void {
  stream.resume().once("end", () => {
    if (stream.destroyed) return;
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end(frameMessage(Buffer.from([8, 7])));
  });
}

/** How a server says that it has not begun a call, each second of a connection's. */
const WAYS = {
  REFUSED_STREAM: (stream: ServerHttp2Stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM),
  "GOAWAY with a lower last stream": (stream: ServerHttp2Stream) => {
    stream.session?.goaway(constants.NGHTTP2_NO_ERROR, Number(stream.id) - 2);
  },
} as const;

/** A server that begins every call but the second of each connection, or each second, of which it says so. */
async function startReluctantServer(
  say: (stream: ServerHttp2Stream) => void,
  isRefused = (count: number) => count % 3 === 2,
) {
  const counts = new WeakMap<Http2Session, number>();
  return startHttp2Server((stream) => {
    const { session } = stream;
    if (session === undefined) return;
    const count = (counts.get(session) ?? 0) + 1;
    counts.set(session, count);
    if (isRefused(count)) say(stream);
    else answerSeven(stream);
  });
}

overGrpcTransports((label) => {
  describe.each(Object.entries(WAYS))("after %s", (_way, say) => {
    test("every RPC of our clients goes out again, though its call must not be repeated", async () => {
      expect(ROWS.map(({ label }) => label)).toEqual(
        expect.arrayContaining(["IAM.SetIamPolicy", "Projects.SetIamPolicy"]),
      );
      await using server = await startReluctantServer(say, (count) => count === 2);
      for (const row of ROWS) {
        await using client = createServiceClient(COUNTER, { warmUp: row, call: row }, settingsOf(server.host));
        const before = server.requests;
        await client.warmUp({}, { retry: false });
        expect([row.label, await client.call({}, { retry: false })]).toEqual([row.label, "answered"]);
        expect([row.label, server.requests - before]).toEqual([row.label, 3]);
      }
    });

    test("streams of all kinds go out again with what was sent of them", async () => {
      await using server = await startReluctantServer(say, (count) => count === 2);
      const once = { retry: false } as const;
      const kinds = [
        async (client: Client) => (await collect(client.count({ to: 1, paddingBytes: 0 }, once)))[0]?.number,
        async (client: Client) => Number((await client.sum([request(1), request(2)], once)).sum),
        async (client: Client) => (await collect(client.doubleEach([request(1), request(2)], once)))[0]?.number,
      ];
      for (const run of kinds) {
        await using client = openCounterClient(server.host);
        const before = server.requests;
        await client.double(1);
        expect(await run(client)).toBe(7);
        expect(server.requests - before).toBe(3);
      }
    });
  });

  // grpc-js sends what waits for room, and has it refused.
  if (label === "grpc")
    test("calls that wait for room are not sent, so each goes to the next connection, as often as it takes", async () => {
      const room = 1;
      await using server = await startHttp2Server(
        (stream) => {
          stream.session?.goaway(constants.NGHTTP2_NO_ERROR, Number(stream.id));
          answerSeven(stream);
        },
        { maxConcurrentStreams: room },
      );
      await using client = openCounterClient(server.host);
      const calls = Array.from({ length: 6 }, () => client.double(1, { retry: false, timeout: 30_000 }));
      expect(await Promise.all(calls)).toEqual(Array(6).fill(7));
      expect(server.requests).toBe(6);
    });

  test("what is refused twice is UNAVAILABLE, a stream too, and is not sent a third time", async () => {
    await using server = await startReluctantServer(WAYS.REFUSED_STREAM, () => true);
    await using client = openCounterClient(server.host);
    const unary = await rpcErrorOf(client.double(1, { retry: false }));
    expect([unary.status, server.requests]).toEqual(["UNAVAILABLE", 2]);
    const stream = await rpcErrorOf(collect(client.count({ to: 1, paddingBytes: 0 }, { retry: false })));
    expect([stream.status, server.requests]).toEqual(["UNAVAILABLE", 4]);
  });

  test("a stream whose requests are more than 64 KiB does not go out again", async () => {
    const large = { number: 1, padding: Buffer.alloc(40_000) };
    await using server = await startHttp2Server((stream) => {
      let received = 0;
      stream.on("data", (chunk: Buffer) => {
        received += chunk.length;
        if (received > 80_000 && !stream.closed) stream.close(constants.NGHTTP2_REFUSED_STREAM);
      });
    });
    await using client = openCounterClient(server.host);
    const error = await rpcErrorOf(client.sum([large, large, large], { retry: false }));
    expect([error.status, server.requests]).toEqual(["UNAVAILABLE", 1]);
  });

  test("an abort ends a call that goes out again with the signal's reason", async () => {
    const controller = new AbortController();
    await using server = await startHttp2Server((stream, _headers, number) => {
      if (number === 1) stream.close(constants.NGHTTP2_REFUSED_STREAM);
      else controller.abort("enough");
    });
    await using client = openCounterClient(server.host);
    const { signal } = controller;
    expect(await rejectionOf(collect(client.count({ to: 1, paddingBytes: 0 }, { retry: false, signal })))).toBe(
      "enough",
    );
    expect(server.requests).toBe(2);
  });
});

type Client = ReturnType<typeof openCounterClient>;

const request = (number: number) => ({ number, padding: EMPTY });

function settingsOf(host: string) {
  const credentials = { getRequestMetadata: () => ({ authorization: "Bearer x" }) };
  return { apiEndpoint: host, insecure: true, credentials, transport: transportOfTurn() };
}
