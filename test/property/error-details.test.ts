// SPDX-License-Identifier: Apache-2.0
// Properties of errors that come from bytes nobody vouches for.

import { Metadata } from "@grpc/grpc-js";
import { RpcError } from "../../src/index.js";
import { decodeErrorDetails } from "../../src/messages/error-details.js";
import { rpcErrorFromGrpcStatus } from "../../src/rpc/transport/grpc-js/grpc-status.js";
import { encodeStatus } from "../support/official-types.js";
import { fc } from "../support/property.js";

const typeUrl = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc
    .constantFrom("BadRequest", "DebugInfo", "ErrorInfo", "Help", "RetryInfo", "Nothing", "constructor")
    .map((name) => `type.googleapis.com/google.rpc.${name}`),
);

test("whatever the bytes of a status are, they decode to a list of details with a type each", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      for (const detail of decodeErrorDetails(bytes)) expect(typeof detail["@type"]).toBe("string");
    }),
    { numRuns: 2_000 },
  );
});

test("whatever bytes a detail has, no detail is lost and each keeps its type", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ type: typeUrl, value: fc.uint8Array({ maxLength: 60 }) })), (details) => {
      const decoded = decodeErrorDetails(encodeStatus(details));
      expect(decoded.map((each) => each["@type"])).toEqual(details.map((each) => each.type));
    }),
  );
});

test("whatever came with a status, it becomes an RpcError with the code, and the text at its end", () => {
  fc.assert(
    fc.property(fc.integer(), fc.string(), fc.uint8Array({ maxLength: 80 }), (code, details, bytes) => {
      const metadata = new Metadata();
      metadata.add("grpc-status-details-bin", Buffer.from(bytes));
      const error = rpcErrorFromGrpcStatus({ code, details, metadata }, "S.M", { metadata: [] });
      expect(error).toBeInstanceOf(RpcError);
      expect(error.code).toBe(code);
      expect(error.message).toBe(`S.M: ${error.status}: ${details}`);
    }),
  );
});
