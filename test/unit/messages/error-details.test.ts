// SPDX-License-Identifier: Apache-2.0
// Details of errors, encoded by protobufjs from Google's own protos.

import { decodeErrorDetails } from "../../../src/messages/error-details.js";
import { encodeOfficially, encodeStatus } from "../../support/official-types.js";

const KNOWN: Readonly<Record<string, object>> = {
  BadRequest: { fieldViolations: [{ field: "scope", description: "bad" }] },
  DebugInfo: { stackEntries: ["at a", "at b"], detail: "deep" },
  ErrorInfo: { reason: "R", domain: "d.example", metadata: { a: "1", b: "2" } },
  Help: { links: [{ description: "docs", url: "https://d.example" }] },
  LocalizedMessage: { locale: "en-US", message: "No." },
  PreconditionFailure: { violations: [{ type: "TOS", subject: "s", description: "d" }] },
  QuotaFailure: { violations: [{ subject: "project:1", description: "too many" }] },
  RequestInfo: { requestId: "id", servingData: "data" },
  ResourceInfo: { resourceType: "sa", resourceName: "n", owner: "o", description: "d" },
  RetryInfo: { retryDelay: { seconds: 86401, nanos: 5 } },
};
const url = (name: string) => `type.googleapis.com/google.rpc.${name}`;

test.each(Object.keys(KNOWN))("decodes google.rpc.%s by its fields' JSON names", (name) => {
  const message = KNOWN[name] ?? {};
  const value = encodeOfficially(`google.rpc.${name}`, message);
  const expected = name === "RetryInfo" ? { retryDelay: { seconds: "86401", nanos: 5 } } : message;
  const [detail, ...others] = decodeErrorDetails(encodeStatus([{ type: url(name), value }]));
  expect(others).toEqual([]);
  expect(detail).toMatchObject({ "@type": url(name), ...expected });
});

test("keeps the order of several details", () => {
  const empty = Buffer.alloc(0);
  const types = [url("Help"), url("ErrorInfo"), "type.googleapis.com/example.Other", url("Help")];
  const details = decodeErrorDetails(encodeStatus(types.map((type) => ({ type, value: empty }))));
  expect(details.map((each) => each["@type"])).toEqual(types);
});

test.each(["type.googleapis.com/example.Unheard", "type.googleapis.com/google.rpc.Nothing", "ErrorInfo", ""])(
  "keeps the bytes of the unknown type %p",
  (type) => {
    const value = Buffer.from([1, 2, 3]);
    expect(decodeErrorDetails(encodeStatus([{ type, value }]))).toEqual([{ "@type": type, value }]);
  },
);

test("knows a type by the end of its URL, whatever host serves it", () => {
  const value = encodeOfficially("google.rpc.ErrorInfo", { reason: "R" });
  const type = "types.example/google.rpc.ErrorInfo";
  expect(decodeErrorDetails(encodeStatus([{ type, value }]))[0]).toMatchObject({ reason: "R" });
});

test("keeps the bytes of a known type that cannot be decoded, and the details beside it", () => {
  const broken = Buffer.from([0x0a, 0xff]);
  const sound = encodeOfficially("google.rpc.ErrorInfo", { reason: "R" });
  const details = decodeErrorDetails(
    encodeStatus([
      { type: url("ErrorInfo"), value: broken },
      { type: url("ErrorInfo"), value: sound },
    ]),
  );
  expect(details[0]).toEqual({ "@type": url("ErrorInfo"), value: broken });
  expect(details[1]).toMatchObject({ reason: "R" });
});

test.each([
  ["bytes that are no message", Buffer.from([0xff, 0xff, 0xff])],
  ["bytes that end in the middle", encodeStatus([{ type: url("Help"), value: Buffer.alloc(9) }]).subarray(0, 20)],
  ["a status without details", encodeStatus([])],
  ["no bytes at all", new Uint8Array()],
])("%s give no details", (_name, bytes) => {
  expect(decodeErrorDetails(bytes)).toEqual([]);
});
