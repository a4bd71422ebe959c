// SPDX-License-Identifier: Apache-2.0
// From grpc-js's status to our error.

import { Metadata } from "@grpc/grpc-js";
import { rpcErrorFromGrpcStatus } from "../../../../../src/rpc/transport/grpc-js/grpc-status.js";
import { encodeOfficially, encodeStatus } from "../../../../support/official-types.js";

function errorOf(code: number, details: string, pairs: readonly (readonly [string, string | Buffer])[] = []) {
  const metadata = new Metadata();
  for (const [key, value] of pairs) metadata.add(key, value);
  return rpcErrorFromGrpcStatus({ code, details, metadata }, "IAMCredentials.SignJwt", { metadata: [] });
}

test("code and text are the service's", () => {
  expect(errorOf(5, "Not found; Gaia id not found")).toMatchObject({
    code: 5,
    status: "NOT_FOUND",
    transport: "grpc",
    message: "IAMCredentials.SignJwt: NOT_FOUND: Not found; Gaia id not found",
    details: [],
  });
});

test("a code beyond the canonical set is kept and called UNKNOWN", () => {
  expect(errorOf(42, "?")).toMatchObject({ code: 42, status: "UNKNOWN" });
});

test("details come out of grpc-status-details-bin", () => {
  const value = encodeOfficially("google.rpc.ErrorInfo", { reason: "R", domain: "d", metadata: { k: "v" } });
  const bytes = Buffer.from(encodeStatus([{ type: "type.googleapis.com/google.rpc.ErrorInfo", value }]));
  expect(errorOf(7, "no", [["grpc-status-details-bin", bytes]])).toMatchObject({
    reason: "R",
    domain: "d",
    errorMetadata: { k: "v" },
  });
});

test("broken details do not lose the error", () => {
  const error = errorOf(7, "no", [["grpc-status-details-bin", Buffer.from([0xff, 0xff])]]);
  expect(error).toMatchObject({ code: 7, details: [], message: "IAMCredentials.SignJwt: PERMISSION_DENIED: no" });
});

test("trailers keep every value, text and bytes", () => {
  const bytes = Buffer.from([1, 2]);
  const { trailers } = errorOf(7, "no", [
    ["x-a", "1"],
    ["x-a", "2"],
    ["x-b-bin", bytes],
  ]);
  expect([...trailers]).toEqual([
    ["x-a", ["1", "2"]],
    ["x-b-bin", [bytes]],
  ]);
});
