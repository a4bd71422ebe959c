// SPDX-License-Identifier: Apache-2.0
// Properties of the routing header and of the caller's metadata.

import { ConfigurationError } from "../../src/index.js";
import { formatRoutingHeader, normalizeMetadata } from "../../src/rpc/metadata.js";
import { fc } from "../support/property.js";

const text = fc.string({ unit: "binary" });
const raw = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) });

test("a routing header decodes back to its pairs, lone surrogates replaced", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.oneof(text, raw), fc.oneof(text, raw)), { minLength: 1 }), (pairs) => {
      const decoded = [...new URLSearchParams(formatRoutingHeader(pairs))];
      expect(decoded).toEqual(pairs.map(([field, value]) => [field.toWellFormed(), value.toWellFormed()]));
    }),
  );
});

test("a routing header has only characters that Python's urlencode leaves or makes", () => {
  fc.assert(
    fc.property(fc.oneof(text, raw), (value) => {
      expect(formatRoutingHeader([["name", value]])).toMatch(/^name=([A-Za-z0-9_.~/+-]|%[0-9A-F]{2})*$/);
    }),
  );
});

test("metadata are taken with lower-case keys and unchanged values, or refused by ConfigurationError", () => {
  const key = fc.oneof(fc.stringMatching(/^[A-Za-z0-9_.-]{1,12}$/), fc.stringMatching(/^[A-Za-z]{1,8}-bin$/), text);
  const value = fc.oneof(fc.string(), text, fc.uint8Array());
  fc.assert(
    fc.property(fc.array(fc.tuple(key, value)), (pairs) => {
      try {
        const taken = normalizeMetadata(pairs);
        expect(taken).toEqual(pairs.map(([each, sent]) => [each.toLowerCase(), sent]));
        for (const [each, sent] of taken) expect(each.endsWith("-bin")).toBe(typeof sent !== "string");
      } catch (error) {
        if (!(error instanceof ConfigurationError)) throw error;
      }
    }),
  );
});
