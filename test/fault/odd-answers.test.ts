// SPDX-License-Identifier: Apache-2.0
// Answers that no sound gRPC server gives: each becomes an error that says what came.

import { describe, expect, test } from "@jest/globals";
import { createServiceClient, rowFromStub } from "../../src/index.js";
import { COUNTER, collect } from "../support/counter-client.js";
import { errorOfAnswer } from "../support/error-of-answer.js";
import {
  answerGrpc,
  frameMessage,
  SIGN_BLOB_RESPONSE,
  type StreamHandler,
  startHttp2Server,
} from "../support/http2-server.js";
import { encodeOfficially, encodeStatus } from "../support/official-types.js";
import { overGrpcTransports } from "../support/over-transports.js";
import { plainClient, REQUEST } from "../support/plain-client.js";
import { startRawServer } from "../support/raw-server.js";
import { rpcErrorOf } from "../support/rejection-of.js";
import { transportOfTurn } from "../support/transport-of-turn.js";

overGrpcTransports(() => {
  test("a sound answer of the bare server is understood", async () => {
    await using server = await startHttp2Server((stream) => answerGrpc(stream, SIGN_BLOB_RESPONSE));
    await using client = plainClient(server.host);
    expect(await client.signBlob(REQUEST)).toEqual({ keyId: "k", signedBlob: Buffer.from("blob") });
  });

  describe("what is no answer of the service", () => {
    test("a response that is no protobuf is INTERNAL", async () => {
      const { code, message, error } = await errorOfAnswer((stream) =>
        answerGrpc(stream, Buffer.from([0x0a, 0xff, 0xff])),
      );
      expect({ code, message }).toEqual({ code: 13, message: "INTERNAL: the response is not a valid message" });
      expect(error.cause).toBeInstanceOf(Error);
    });

    test("OK without a message is INTERNAL", async () => {
      const { code, message } = await errorOfAnswer((stream) => answerGrpc(stream, undefined));
      expect({ code, message }).toEqual({ code: 13, message: "INTERNAL: the service returned OK without a message" });
    });

    test.each([2, 3])("%d messages, or as many without an end, are INTERNAL at once", async (count) => {
      for (const hasEnd of [true, false]) {
        const { code, message } = await errorOfAnswer((stream) => {
          stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
          stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
          stream.write(Buffer.concat(Array.from({ length: count }, () => frameMessage(SIGN_BLOB_RESPONSE))));
          if (hasEnd) stream.end();
        });
        expect({ code, message }).toEqual({
          code: 13,
          message: "INTERNAL: the service sent more than one message",
        });
      }
    });

    test("a message that is cut short is an error, not half an answer", async () => {
      const { code } = await errorOfAnswer((stream) => {
        stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
        stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
        stream.end(frameMessage(SIGN_BLOB_RESPONSE).subarray(0, 8));
      });
      expect(code).toBe(13);
    });

    test("an answer without a status is INTERNAL and says so", async () => {
      const { code, message } = await errorOfAnswer((stream) => {
        stream.respond({ ":status": 200, "content-type": "application/grpc" });
        stream.end(frameMessage(SIGN_BLOB_RESPONSE));
      });
      expect({ code, message }).toEqual({
        code: 13,
        message: expect.stringMatching(/^INTERNAL: .*without (?:a )?gRPC status/),
      });
    });

    test("details that cannot be decoded do not hide the status", async () => {
      const trailers = { "grpc-status": "7", "grpc-message": "no", "grpc-status-details-bin": "////" };
      const { code, message, error } = await errorOfAnswer((stream) => answerGrpc(stream, undefined, trailers));
      expect({ code, message }).toEqual({ code: 7, message: "PERMISSION_DENIED: no" });
      expect(error).toMatchObject({ details: [], reason: undefined });
    });

    test("a status outside the canonical ones is UNKNOWN by name and itself by number", async () => {
      const trailers = { "grpc-status": "42", "grpc-message": "what" };
      const { code, message } = await errorOfAnswer((stream) => answerGrpc(stream, undefined, trailers));
      expect({ code, message }).toEqual({ code: 42, message: "UNKNOWN: what" });
    });
  });

  test("what was sent is taken out of message, details and trailers that send it back", async () => {
    const claims = { sub: "robot@my-project", nonce: "n-0451" };
    const payload = JSON.stringify(claims);
    const echo = `kept: Bearer tok-1234, ${payload}, ${Buffer.from(payload).toString("base64")}, nonce n-0451`;
    const detail = encodeOfficially("google.rpc.DebugInfo", { detail: echo, stackEntries: [echo] });
    const details = encodeStatus([{ type: "type.googleapis.com/google.rpc.DebugInfo", value: detail }]);
    await using server = await startHttp2Server((stream) =>
      answerGrpc(stream, undefined, {
        "grpc-status": "3",
        "grpc-message": encodeURI(echo),
        "grpc-status-details-bin": Buffer.from(details).toString("base64"),
        "x-echo": echo,
      }),
    );
    const credentials = { getRequestMetadata: () => ({ authorization: "Bearer tok-1234" }) };
    await using client = plainClient(server.host, { credentials });
    const { name } = REQUEST;
    const calls = [client.signJwt({ name, payload }), client.signBlob({ name, payload: Buffer.from(payload) })];
    const errors = await Promise.all(calls.map(rpcErrorOf));
    // The claims of a JWT are known one by one.
    expect(errors[0]?.message).toMatch(/nonce \[hidden\]$/);
    for (const error of errors) {
      const { message, details, trailers } = error;
      expect([message, JSON.stringify(details), String(trailers.get("x-echo"))]).toEqual(
        Array(3).fill(expect.stringContaining("kept: Bearer [hidden], [hidden]")),
      );
      const shown = `${message} ${JSON.stringify(details)} ${trailers.get("x-echo")}`;
      for (const secret of ["tok-1234", "robot@my-project", Buffer.from(payload).toString("base64")]) {
        expect(shown).not.toContain(secret);
      }
    }
  });

  test("what a stream has sent is taken out of what sends it back", async () => {
    const row = rowFromStub({
      path: "/notes.v1.Notes/Write",
      requestStream: true as const,
      responseStream: true as const,
      requestSerialize: ({ payload }: { payload: string }) => Buffer.from(payload),
      responseDeserialize: (bytes: Buffer) => bytes,
    });
    await using server = await startHttp2Server((stream) => {
      let received = "";
      stream.on("data", (chunk: Buffer) => {
        received += chunk.subarray(5).toString();
      });
      stream.once("end", () =>
        answerGrpc(stream, undefined, { "grpc-status": "3", "grpc-message": encodeURI(`kept: ${received}`) }),
      );
    });
    const credentials = { getRequestMetadata: () => ({ authorization: "Bearer tok-1234" }) };
    await using client = createServiceClient(COUNTER, { write: row }, settingsOf(server.host, credentials));
    const call = collect(client.write([{ payload: "first thing" }, { payload: "second thing" }], { retry: false }));
    expect((await rpcErrorOf(call)).message).toBe("Notes.Write: INVALID_ARGUMENT: kept: [hidden][hidden]");
  });

  describe("a message", () => {
    const answerWith = (bytes: Buffer, headers: Record<string, string> = {}): StreamHandler => {
      return (stream) => {
        const fields = { ":status": 200, "content-type": "application/grpc", ...headers };
        stream.respond(fields, { waitForTrailers: true });
        stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
        stream.end(bytes);
      };
    };

    test.each([
      ["no encoding", {}],
      ["an unknown encoding", { "grpc-encoding": "middle-out" }],
      ["the encoding identity", { "grpc-encoding": "identity" }],
    ])("with the flag of compression and %s is INTERNAL", async (_what, headers) => {
      const compressed = frameMessage(SIGN_BLOB_RESPONSE);
      compressed[0] = 1;
      const { code, message } = await errorOfAnswer(answerWith(compressed, headers));
      expect([code, message]).toEqual([13, expect.stringMatching(/^INTERNAL: ./)]);
    });

    test("larger than maxReplyBytes is RESOURCE_EXHAUSTED and says the number; one as large is taken", async () => {
      await using server = await startHttp2Server(answerWith(frameMessage(SIGN_BLOB_RESPONSE)));
      const size = SIGN_BLOB_RESPONSE.length;
      await using small = plainClient(server.host, { maxReplyBytes: size - 1 });
      const error = await rpcErrorOf(small.signBlob(REQUEST, { retry: false }));
      expect([error.code, error.message]).toEqual([8, expect.stringMatching(new RegExp(`\\b${size - 1}\\b`))]);
      await using enough = plainClient(server.host, { maxReplyBytes: size });
      expect((await enough.signBlob(REQUEST)).keyId).toBe("k");
    });
  });

  describe("HTTP instead of gRPC", () => {
    test.each([
      [400, 13, "INTERNAL"],
      [401, 16, "UNAUTHENTICATED"],
      [403, 7, "PERMISSION_DENIED"],
      [404, 12, "UNIMPLEMENTED"],
      [429, 14, "UNAVAILABLE"],
      [502, 14, "UNAVAILABLE"],
      [503, 14, "UNAVAILABLE"],
      [500, 2, "UNKNOWN"],
    ])("an HTML page with status %d is code %d and says so", async (httpStatus, code, status) => {
      const found = await errorOfAnswer((stream) => {
        stream.respond({ ":status": httpStatus, "content-type": "text/html" });
        stream.end("<html><title>Sorry</title></html>");
      });
      expect(found.code).toBe(code);
      expect(found.message).toMatch(new RegExp(`^${status}: .*${httpStatus}`));
    });

    test("an HTTP/1 server is UNAVAILABLE within the time", async () => {
      const page = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
      await using server = await startRawServer((socket) => socket.once("data", () => socket.end(page)));
      await using client = plainClient(server.host);
      const error = await rpcErrorOf(client.signBlob(REQUEST, { retry: false, timeout: 15_000 }));
      expect(error.message).toMatch(/^IAMCredentials\.SignBlob: UNAVAILABLE: ./);
      expect(error.code).toBe(14);
    });

    test("garbage is UNAVAILABLE within the time", async () => {
      await using server = await startRawServer((socket) => socket.end(Buffer.alloc(4_096, 0x5a)));
      await using client = plainClient(server.host);
      const error = await rpcErrorOf(client.signBlob(REQUEST, { retry: false, timeout: 15_000 }));
      expect(error.message).toMatch(/^IAMCredentials\.SignBlob: UNAVAILABLE: ./);
      expect(error.code).toBe(14);
    });

    test("garbage that never ends does not outlive the deadline", async () => {
      await using server = await startRawServer((socket) => {
        const timer = setInterval(() => socket.write(Buffer.alloc(64, 0x5a)), 20);
        socket.once("close", () => clearInterval(timer));
      });
      await using client = plainClient(server.host);
      const startedAt = performance.now();
      const error = await rpcErrorOf(client.signBlob(REQUEST, { timeout: 500 }));
      expect(performance.now() - startedAt).toBeLessThan(15_000);
      expect(error.message).toMatch(
        /^IAMCredentials\.SignBlob: DEADLINE_EXCEEDED: the deadline of 500 ms (passed|leaves no time)/,
      );
      expect(error.code).toBe(4);
    });
  });
});

function settingsOf(host: string, credentials: { getRequestMetadata(): Record<string, string> }) {
  return { apiEndpoint: host, insecure: true, credentials, transport: transportOfTurn() };
}
