// SPDX-License-Identifier: Apache-2.0
// Audiences, flags, bytes and claims. No error quotes a payload.

import {
  normalizeAudience,
  normalizeBytes,
  normalizeClaims,
  normalizeFlag,
} from "../../../../src/iam-credentials/requests.js";
import { fieldAndMessage, requestErrorOf } from "../../../support/request-error-of.js";

describe("audience and includeEmail", () => {
  test("are taken as they are", () => {
    expect(normalizeAudience("https://my-service.example")).toBe("https://my-service.example");
    expect([true, false, undefined].map((flag) => normalizeFlag(flag, "includeEmail"))).toEqual([true, false, false]);
  });

  test.each([undefined, "", null, 7, ["a"]])("need an audience, not %p", (audience) => {
    expect(requestErrorOf(() => normalizeAudience(audience)).message).toBe(
      "audience: is missing; must be the recipient of the token, often a URL",
    );
  });

  test.each(["true", 1, null])("need a boolean flag, not %p", (flag) => {
    expect(requestErrorOf(() => normalizeFlag(flag, "includeEmail")).message).toBe("includeEmail: must be a boolean");
  });
});

describe("the payload of signBlob", () => {
  test("is taken as bytes, and only those that the view shows", () => {
    const whole = new Uint8Array([1, 2, 3, 4]);
    expect(normalizeBytes(whole.subarray(1, 3), "payload")).toEqual(Buffer.from([2, 3]));
    expect(normalizeBytes(Buffer.alloc(0), "payload")).toEqual(Buffer.alloc(0));
  });

  test.each([undefined, null, "do-not-quote-me", [1, 2], new ArrayBuffer(2), new Uint16Array(2)])(
    "is refused as %p and not quoted",
    (payload) => {
      expect(requestErrorOf(() => normalizeBytes(payload, "payload")).message).toBe(
        "payload: must be bytes (a Buffer or Uint8Array); for text: Buffer.from(text)",
      );
    },
  );
});

describe("the payload of signJwt", () => {
  test.each(['{"sub":"a"}', ' { "sub" : "a" }\n', "{}", '{"a":1,"a":2}'])(
    "is signed as it is when it is text: %j",
    (text) => {
      expect(normalizeClaims(text)).toBe(text);
    },
  );

  test("is written as JSON when it is an object", () => {
    expect(normalizeClaims({ sub: "a", exp: 5, gone: undefined })).toBe('{"sub":"a","exp":5}');
    expect(normalizeClaims(Object.assign(Object.create(null), { sub: "a" }))).toBe('{"sub":"a"}');
  });

  test.each<[string, Record<string, unknown>, string, RegExp]>([
    ["a bigint", { sub: 5n }, "payload.sub", /: is a bigint, which JSON cannot represent; use a number or a string$/],
    ["a bigint within", { a: { b: [{ c: 5n }] } }, "payload.c", /: is a bigint/],
    ["NaN", { level: Number.NaN }, "payload.level", /: is NaN or Infinity, which JSON cannot represent$/],
    ["Infinity in a list", { levels: [Number.NEGATIVE_INFINITY] }, "payload", /: is NaN or Infinity/],
  ])("is refused for %s in it, by the claim's name", (_name, payload, field, message) => {
    const error = requestErrorOf(() => normalizeClaims(payload));
    expect(error.field).toBe(field);
    expect(error.message).toMatch(message);
    expect(error).not.toHaveProperty("cause");
  });

  test.each<[string, unknown, string]>([
    ["milliseconds", Date.now(), "milliseconds"],
    ["a Date", new Date(), "a Date"],
    ["text", "1700000000", "a value of type string"],
    ["a fraction", Date.now() / 1000 + 0.0001, "a fraction"],
    ["NaN", Number.NaN, "NaN or Infinity"],
    ["null", null, "null"],
    ["a bigint", 5n, "a value of type bigint"],
  ])("is refused for an exp, iat or nbf that is %s, by the claim's name", (_name, value, problem) => {
    for (const claim of ["exp", "iat", "nbf"]) {
      const error = requestErrorOf(() => normalizeClaims({ sub: "a", [claim]: value }));
      expect(fieldAndMessage(error)).toEqual({
        field: `payload.${claim}`,
        message: `payload.${claim}: must be whole seconds since 1970, such as Math.floor(Date.now() / 1000), not ${problem}`,
      });
    }
  });

  test("is looked through for instants when it is text, too", () => {
    const error = requestErrorOf(() => normalizeClaims(JSON.stringify({ exp: new Date() })));
    expect(error.field).toBe("payload.exp");
    expect(normalizeClaims('{"exp":1700000000}')).toBe('{"exp":1700000000}');
  });

  class Claims {
    readonly sub = "do-not-quote-me";
  }
  test("is refused when it holds itself, without a word of it", () => {
    const cycle: Record<string, unknown> = { sub: "do-not-quote-me" };
    cycle["self"] = cycle;
    expect(requestErrorOf(() => normalizeClaims(cycle)).message).toBe(
      "payload: contains itself, or a member that cannot be written as JSON",
    );
  });

  test.each<[string, unknown]>([
    ["missing", undefined],
    ["null", null],
    ["text that is no JSON", "do-not-quote-me"],
    ["cut-off JSON", '{"sub":"do-not-quote-me"'],
    ["a JSON list", '["do-not-quote-me"]'],
    ["JSON text", '"do-not-quote-me"'],
    ["JSON null", "null"],
    ["a number", 7],
    ["a list", ["do-not-quote-me"]],
    ["bytes", Buffer.from('{"sub":"do-not-quote-me"}')],
    ["a Map, whose claims JSON would lose", new Map([["sub", "do-not-quote-me"]])],
    ["a Date", new Date()],
    ["an object of a class", new Claims()],
    ["an object that writes itself as text", { toJSON: () => "do-not-quote-me" }],
    ["a function", () => ({ sub: "do-not-quote-me" })],
  ])("is refused as %s, without a word of it", (_name, payload) => {
    const error = requestErrorOf(() => normalizeClaims(payload));
    expect(fieldAndMessage(error)).toEqual({
      field: "payload",
      message: "payload: must be a JSON object, as a string or a plain object",
    });
    expect(error).not.toHaveProperty("cause");
  });
});
