// SPDX-License-Identifier: Apache-2.0
// Requests of the drop-in are as lenient as protobufjs: the same input gives the same message, or the same error.

import { describe, expect, test } from "@jest/globals";
import { google } from "../../../../src/gapic/protos.js";
import { ROWS } from "../../../../src/gapic/rows/rows.js";
import { fc } from "../../../support/property.js";

const messages = google.iam.credentials.v1;
const CLASSES = {
  generateAccessToken: messages.GenerateAccessTokenRequest,
  generateIdToken: messages.GenerateIdTokenRequest,
  signBlob: messages.SignBlobRequest,
  signJwt: messages.SignJwtRequest,
} as const;
type Method = keyof typeof CLASSES;
const METHODS = Object.keys(CLASSES) as Method[]; // as: Object.keys widens

const PLAIN = { longs: String, bytes: String, defaults: true };

/** What a server would read, or the error. */
function outcomeOf(method: Method, encode: () => Uint8Array): unknown {
  try {
    const decoded = CLASSES[method].decode(encode());
    return CLASSES[method].toObject(decoded as never, PLAIN); // as: of the same class
  } catch (error) {
    return String(error);
  }
}

const ours = (method: Method, request: object): unknown =>
  outcomeOf(method, () => ROWS[method].encode(ROWS[method].normalize(request as Record<string, unknown>))); // as: anything goes
const theirs = (method: Method, request: object): unknown =>
  outcomeOf(method, () => {
    const { fromObject, encode } = CLASSES[method];
    return encode(fromObject(request as never) as never).finish(); // as: of the same class
  });

const ODD_VALUES: readonly unknown[] = [
  undefined,
  null,
  "",
  "text",
  "\u{1f600} ä",
  0,
  7,
  -1.5,
  Number.NaN,
  true,
  false,
  [],
  ["a", 1, null],
  {},
  { seconds: 300 },
  { seconds: "300", nanos: 5 },
  { seconds: "12abc", nanos: "7" },
  { seconds: 1.9, nanos: 2.9 },
  { seconds: { low: 5, high: 1, unsigned: false } },
  { seconds: null, nanos: null },
  "aGVsbG8=",
  "aGVsbG8",
  "not base64!",
  Buffer.from("bytes"),
  new Uint8Array([1, 2, 255]),
  [1, 2, 3],
  { length: 2, 0: 1, 1: 2 },
];
const FIELDS = ["name", "delegates", "scope", "lifetime", "audience", "includeEmail", "payload", "unknown"];

describe("a request of the drop-in", () => {
  test.each(METHODS)("of %s with an odd value in any field is sent, or refused, as protobufjs would", (method) => {
    for (const field of FIELDS) {
      for (const value of ODD_VALUES) {
        const request = { name: "n", [field]: value };
        expect([field, value, ours(method, request)]).toEqual([field, value, theirs(method, request)]);
      }
    }
  });

  test.each(METHODS)("of %s with any fields at once is sent, or refused, as protobufjs would", (method) => {
    const value = fc.oneof(fc.constantFrom(...ODD_VALUES), fc.string(), fc.integer(), fc.uint8Array());
    const request = fc.dictionary(fc.constantFrom(...FIELDS), value);
    fc.assert(
      fc.property(request, (given) => {
        expect(ours(method, given)).toEqual(theirs(method, given));
      }),
      { numRuns: 200 },
    );
  });

  test("may be a message of the exported classes", () => {
    const request = messages.GenerateAccessTokenRequest.create({ name: "n", scope: ["s"], lifetime: { seconds: 9 } });
    expect(ours("generateAccessToken", request)).toMatchObject({ name: "n", scope: ["s"], lifetime: { seconds: "9" } });
  });

  test("that has no form is refused with the field that has none", () => {
    const refusal = ours("generateAccessToken", { lifetime: "300s" });
    expect(refusal).toBe("TypeError: .google.iam.credentials.v1.GenerateAccessTokenRequest.lifetime: object expected");
  });
});
