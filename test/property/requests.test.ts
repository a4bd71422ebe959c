// SPDX-License-Identifier: Apache-2.0
// Properties of what a caller may write: lifetimes and claims.

import { normalizeClaims, normalizeLifetime } from "../../src/iam-credentials/requests.js";
import { RequestError } from "../../src/index.js";
import { fc } from "../support/property.js";

const LONGEST_NANOS = 43_200_000_000_000n;
const nanosOf = (duration: { seconds: string; nanos: number } | undefined) =>
  BigInt(duration?.seconds ?? "0") * 1_000_000_000n + BigInt(duration?.nanos ?? 0);

test("a lifetime of any number of nanoseconds within bounds survives as text and as an object", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: LONGEST_NANOS }), (nanos) => {
      const seconds = String(nanos / 1_000_000_000n);
      const fraction = String(nanos % 1_000_000_000n).padStart(9, "0");
      expect(nanosOf(normalizeLifetime(`${seconds}.${fraction}s`))).toBe(nanos);
      expect(nanosOf(normalizeLifetime({ seconds, nanos: Number(fraction) }))).toBe(nanos);
    }),
  );
});

test("a lifetime as a number is right to the nanosecond that a double can tell", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-9, max: 43_200, noNaN: true }), (seconds) => {
      expect(Number(nanosOf(normalizeLifetime(seconds))) / 1e9).toBeCloseTo(seconds, 8);
    }),
  );
});

test("whatever is given as a lifetime, it is within bounds or a RequestError that names the field", () => {
  const written = fc.oneof(
    fc.anything(),
    fc.double(),
    fc.stringMatching(/^-?\d{0,14}(\.\d{0,10})?s?$/),
    fc.record({ seconds: fc.anything(), nanos: fc.oneof(fc.integer(), fc.anything()) }, { requiredKeys: [] }),
  );
  fc.assert(
    fc.property(written, (lifetime) => {
      fc.pre(lifetime !== undefined);
      try {
        const duration = normalizeLifetime(lifetime as never); // as: anything at all
        const nanos = nanosOf(duration);
        expect(nanos > 0n && nanos <= LONGEST_NANOS).toBe(true);
        expect(duration?.nanos).toBeGreaterThanOrEqual(0);
        expect(duration?.nanos).toBeLessThan(1e9);
      } catch (error) {
        if (!(error instanceof RequestError)) throw error;
        expect(error.field).toBe("lifetime");
      }
    }),
  );
});

test("claims are taken exactly when they are a JSON object, and text as it is", () => {
  const texts = fc.oneof(
    fc.json(),
    fc.string(),
    fc.dictionary(fc.string(), fc.jsonValue()).map((each) => JSON.stringify(each)),
  );
  fc.assert(
    fc.property(texts, (text) => {
      let parsed: unknown;
      try {
        parsed = JSON.parse(text);
      } catch {
        parsed = undefined;
      }
      const isObject = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
      if (isObject) expect(normalizeClaims(text)).toBe(text);
      else expect(() => normalizeClaims(text)).toThrow("payload: must be a JSON object, as a string or a plain object");
    }),
  );
});

test("a plain object of JSON values means the same after the way through text", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (claims) => {
      expect(normalizeClaims(claims)).toBe(JSON.stringify(claims));
    }),
  );
});

test("whatever is given as claims, it is JSON or a RequestError that does not quote it", () => {
  const things = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true });
  fc.assert(
    fc.property(things, (payload) => {
      try {
        expect(JSON.parse(normalizeClaims(payload))).toEqual(expect.any(Object));
      } catch (error) {
        if (!(error instanceof RequestError)) throw error;
        expect(error.message).toMatch(
          /^payload(\.\w+)?: (must be a JSON object, as a string or a plain object|contains itself|is a bigint|is NaN or Infinity|must be whole)/,
        );
      }
    }),
  );
});
