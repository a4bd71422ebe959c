// SPDX-License-Identifier: Apache-2.0
// Streams that a server resets and connections that it gives up: which calls end with which error, and which go out again.

import { constants } from "node:http2";
import { inspect } from "node:util";
import { describe, expect, test } from "@jest/globals";
import { errorOfAnswer } from "../support/error-of-answer.js";
import { answerGrpc, SIGN_BLOB_RESPONSE, type StreamHandler, startHttp2Server } from "../support/http2-server.js";
import { overGrpcTransports } from "../support/over-transports.js";
import { plainClient, REQUEST } from "../support/plain-client.js";
import { rpcErrorOf } from "../support/rejection-of.js";
import { startTcpProxy } from "../support/tcp-proxy.js";
import { settle } from "../support/wait-until.js";

overGrpcTransports((label) => {
  describe("RST_STREAM", () => {
    test.each([
      ["INTERNAL_ERROR", constants.NGHTTP2_INTERNAL_ERROR, 13, "INTERNAL"],
      ["CANCEL", constants.NGHTTP2_CANCEL, 1, "CANCELLED"],
      ["ENHANCE_YOUR_CALM", constants.NGHTTP2_ENHANCE_YOUR_CALM, 8, "RESOURCE_EXHAUSTED"],
      ["REFUSED_STREAM", constants.NGHTTP2_REFUSED_STREAM, 14, "UNAVAILABLE"],
    ])("%s is an error of its own code", async (_name, reset, code, status) => {
      const found = await errorOfAnswer((stream) => stream.close(reset));
      expect(found.code).toBe(code);
      expect(found.message).toMatch(new RegExp(`^${status}: .`));
    });

    test("of a stream that was refused is repeated with success", async () => {
      await using server = await startHttp2Server((stream, _headers, number) => {
        if (number <= 2) stream.close(constants.NGHTTP2_REFUSED_STREAM);
        else answerGrpc(stream, SIGN_BLOB_RESPONSE);
      });
      await using client = plainClient(server.host);
      expect((await client.signBlob(REQUEST, { timeout: 10_000 })).keyId).toBe("k");
      expect(server.requests).toBe(3);
    });
  });

  test("a stream that was refused once goes out again, once, also in a call that must not be repeated", async () => {
    await using server = await startHttp2Server((stream, _headers, number) => {
      if (number === 1) stream.close(constants.NGHTTP2_REFUSED_STREAM);
      else answerGrpc(stream, SIGN_BLOB_RESPONSE);
    });
    await using client = plainClient(server.host);
    expect((await client.signBlob(REQUEST, { retry: false })).keyId).toBe("k");
    expect(server.requests).toBe(2);
  });

  describe("GOAWAY with 20 calls in flight", () => {
    const startTwenty = async (onTwenty: (streams: Parameters<StreamHandler>[0][]) => void) => {
      const streams: Parameters<StreamHandler>[0][] = [];
      return startHttp2Server((stream, _headers, number) => {
        if (number > 20) answerGrpc(stream, SIGN_BLOB_RESPONSE);
        else if (streams.push(stream) === 20) onTwenty(streams);
      });
    };

    test("loses none of them when the server lets them end, and new calls go elsewhere", async () => {
      await using server = await startTwenty((streams) => {
        streams[0]?.session?.goaway(constants.NGHTTP2_NO_ERROR, 2 ** 31 - 1);
        void settle().then(() => {
          for (const stream of streams) answerGrpc(stream, SIGN_BLOB_RESPONSE);
        });
      });
      await using client = plainClient(server.host);
      const replies = await Promise.all(Array.from({ length: 20 }, () => client.signBlob(REQUEST, { retry: false })));
      expect(replies).toHaveLength(20);
      await client.signBlob(REQUEST, { retry: false });
      expect(server.requests).toBe(21);
      expect(server.accepted).toBe(2);
    });

    test("repeats those that the server says it has not begun", async () => {
      const FIRST_STREAM_ID = 1;
      await using server = await startTwenty((streams) => {
        streams[0]?.session?.goaway(constants.NGHTTP2_NO_ERROR, FIRST_STREAM_ID);
        void settle().then(() => streams[0] && answerGrpc(streams[0], SIGN_BLOB_RESPONSE));
      });
      await using client = plainClient(server.host);
      const calls = Array.from({ length: 20 }, () => client.signBlob(REQUEST, { timeout: 10_000 }));
      expect(await Promise.all(calls)).toHaveLength(20);
      expect(server.requests).toBe(39);
      expect(server.accepted).toBe(2);
    });

    test("tells no call what another has sent, whatever it quotes", async () => {
      const quoted = Buffer.from("you sent Bearer tok-4711 and secret payload 7");
      await using server = await startTwenty((streams) => {
        const { session } = streams[0] ?? {};
        session?.goaway(constants.NGHTTP2_INTERNAL_ERROR, 2 ** 31 - 1, quoted);
        void settle().then(() => proxy.reset());
      });
      await using proxy = await startTcpProxy(Number(server.host.split(":")[1]));
      const credentials = { getRequestMetadata: () => ({ authorization: "Bearer tok-4711" }) };
      await using client = plainClient(proxy.host, { credentials });
      const calls = Array.from({ length: 20 }, (_, index) =>
        rpcErrorOf(client.signBlob({ ...REQUEST, payload: Buffer.from(`secret payload ${index}`) }, { retry: false })),
      );
      for (const error of await Promise.all(calls)) {
        const shown = inspect(error, { depth: 9, showHidden: true });
        expect(shown).not.toMatch(/tok-4711|secret payload/);
        if (label === "grpc") expect(shown).toMatch(/INTERNAL_ERROR \(you sent Bearer \[hidden\] and \[hidden\]\)/);
      }
    });

    test("ends those that it drops with the connection as UNAVAILABLE", async () => {
      await using server = await startTwenty((streams) => {
        streams[0]?.session?.goaway(constants.NGHTTP2_NO_ERROR, 2 ** 31 - 1);
        void settle().then(() => proxy.reset());
      });
      await using proxy = await startTcpProxy(Number(server.host.split(":")[1]));
      await using client = plainClient(proxy.host);
      const errors = await Promise.all(
        Array.from({ length: 20 }, () => rpcErrorOf(client.signBlob(REQUEST, { retry: false }))),
      );
      // grpc-js sees streams that ended without a status before it sees that their connection is gone.
      const said =
        label === "grpc"
          ? /^14 IAMCredentials\.SignBlob: UNAVAILABLE: the connection to 127\.0\.0\.1:\d+ was lost: /
          : /^13 IAMCredentials\.SignBlob: INTERNAL: Received RST_STREAM with code 0 \(Call ended without gRPC status\)$/;
      for (const { code, message } of errors) expect(`${code} ${message}`).toMatch(said);
    });
  });
});
