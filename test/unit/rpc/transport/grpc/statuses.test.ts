// SPDX-License-Identifier: Apache-2.0
// Every row of the tables: what a server or a connection says, and the status that it is.

import { describe, expect, test } from "@jest/globals";
import {
  problemOfEnd,
  problemOfFailure,
  problemOfResponse,
  rpcErrorFromProblem,
} from "../../../../../src/rpc/transport/grpc/statuses.js";

const HOST = "h.example:443";

test.each([
  [0, 13],
  [1, 13],
  [2, 13],
  [3, 13],
  [4, 13],
  [5, 13],
  [6, 13],
  [7, 14],
  [8, 1],
  [9, 13],
  [10, 13],
  [11, 8],
  [12, 7],
  [13, 13],
  [99, 13],
])("RST_STREAM with code %d is status %d", (code, status) => {
  const problem = problemOfFailure({ kind: "reset", code }, HOST, false);
  expect(problem).toMatchObject({ code: status, text: expect.stringMatching(/^the server reset the stream with ./) });
});

describe("a connection that is lost", () => {
  const error = new Error("read ECONNRESET");
  const lost = (code?: number, debugText = "") => ({
    kind: "lost" as const,
    error,
    goAway: code === undefined ? undefined : { lastStreamId: 1, code, debugText },
  });

  test("is UNAVAILABLE with the reason", () => {
    const problem = problemOfFailure(lost(), HOST, false);
    expect(problem).toEqual({ code: 14, text: `the connection to ${HOST} was lost: read ECONNRESET`, cause: error });
  });

  test.each([
    [0, "", 14],
    [11, "", 8],
    [11, "too_many_pings", 14],
    [2, "", 13],
    [8, "", 14],
  ])("after GOAWAY %d %s is status %d to the call that caused it, and UNAVAILABLE to others", (code, text, status) => {
    expect(problemOfFailure(lost(code, text), HOST, true).code).toBe(status);
    expect(problemOfFailure(lost(code, text), HOST, false).code).toBe(14);
  });
});

test.each([
  [0, 14, "h.example:443 sent GOAWAY with NO_ERROR (bye) before it accepted the call"],
  [11, 8, "h.example:443 sent GOAWAY with ENHANCE_YOUR_CALM (bye) before it accepted the call"],
])("a call that was refused twice by GOAWAY %d is status %d", (code, status, text) => {
  const goAway = { lastStreamId: 0, code, debugText: "bye" };
  expect(problemOfFailure({ kind: "unprocessed", goAway }, HOST, false)).toEqual({ code: status, text });
});

test.each([
  ["400", 13],
  ["401", 16],
  ["403", 7],
  ["404", 12],
  ["429", 14],
  ["431", 13],
  ["500", 2],
  ["502", 14],
  ["503", 14],
  ["504", 14],
  ["200", 2],
  ["302", 2],
])("HTTP %s without gRPC is status %d and says so, without a word of the body", (status, code) => {
  const problem = problemOfResponse([":status", status, "content-type", "text/html"]);
  const text = `the server answered HTTP ${status} with content type text/html, which is not gRPC`;
  expect(problem).toMatchObject({ code, text });
});

test("grpc-status wins over the status of HTTP", () => {
  const fields = [":status", "503", "content-type", "text/html", "grpc-status", "5", "grpc-message", "gone"];
  expect(problemOfResponse(fields)).toBeUndefined();
  expect(problemOfEnd(fields)).toMatchObject({ code: 5, text: "gone" });
});

test.each([
  ["0", undefined],
  ["7", 7],
  ["42", 42],
  ["07", 2],
  ["-1", 2],
  ["x", 2],
  ["", 2],
  ["99999999999", 2],
])("grpc-status %j is code %p", (status, code) => {
  expect(problemOfEnd(["grpc-status", status])?.code).toBe(code);
});

test("an end without a status is INTERNAL", () => {
  expect(problemOfEnd(undefined)?.code).toBe(13);
  expect(problemOfEnd(["x", "y"])).toMatchObject({ code: 13, text: expect.stringContaining("without a gRPC status") });
});

test.each([
  ["plain", "plain"],
  ["100%25 sure", "100% sure"],
  ["%C3%A4", "ä"],
  ["%zz and %", "%zz and %"],
  ["%ff", "\ufffd"],
])("grpc-message %j reads %j", (message, text) => {
  expect(problemOfEnd(["grpc-status", "7", "grpc-message", message])?.text).toBe(text);
});

test("trailers keep every value, text and bytes, and leave the status out", () => {
  const fields = ["grpc-status", "7", "x-a", "1", "x-a", "2", "b-bin", "AQI,Aw==", "b-bin", "BA"];
  const { trailers } = rpcErrorFromProblem({ code: 7, text: "no", fields }, "S.M", { metadata: [] });
  expect([...trailers]).toEqual([
    ["x-a", ["1", "2"]],
    ["b-bin", [Buffer.from([1, 2]), Buffer.from([3]), Buffer.from([4])]],
  ]);
});
