// SPDX-License-Identifier: Apache-2.0
// Requests that fast-check makes, with a fixed seed: the same ones each time, and an equal one for each side.

import { fc } from "../../../support/property.js";
import type { Case } from "../case.js";
import type { Method } from "../side.js";

const SEED = 20_261_122;

const text = fc.oneof(
  { weight: 3, arbitrary: fc.string({ maxLength: 12 }) },
  fc.string({ unit: "binary", maxLength: 8 }),
);
const nothing = fc.constantFrom(null, undefined);
const odd = fc.oneof(fc.integer(), fc.double(), fc.boolean(), nothing, fc.constantFrom("", "x"), fc.constant({}));
const words = fc.oneof(
  { weight: 4, arbitrary: fc.array(text, { maxLength: 3 }) },
  nothing,
  fc.array(odd, { maxLength: 2 }),
  text,
);
const name = fc.oneof({ weight: 4, arbitrary: text }, odd);
const bytes = fc.oneof(
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 9 }) },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 9 }).map((each) => Buffer.from(each)) },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 9 }).map((each) => Buffer.from(each).toString("base64")) },
  fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 4 }),
  odd,
);
const whole = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.maxSafeInteger().map(String),
  fc.record({ low: fc.integer(), high: fc.integer(), unsigned: fc.boolean() }),
  nothing,
);
const duration = fc.oneof(
  { weight: 5, arbitrary: fc.record({ seconds: whole, nanos: fc.integer() }, { requiredKeys: [] }) },
  nothing,
  odd,
);
const unknown = fc.dictionary(fc.constantFrom("x", "name_", "scopes", "$type", "toJSON", "0"), odd, { maxKeys: 2 });

const requests: Record<Method, fc.Arbitrary<object>> = {
  generateAccessToken: fc.record({ name, delegates: words, scope: words, lifetime: duration }, { requiredKeys: [] }),
  generateIdToken: fc.record({ name, delegates: words, audience: text, includeEmail: odd }, { requiredKeys: [] }),
  signBlob: fc.record({ name, delegates: words, payload: bytes }, { requiredKeys: [] }),
  signJwt: fc.record({ name, delegates: words, payload: fc.oneof(text, odd) }, { requiredKeys: [] }),
};

function casesOf(method: Method, count: number): Case[] {
  const arbitrary = fc
    .tuple(requests[method], fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, unknown))
    .map(([known, others]) => ({ ...others, ...known }));
  // Drawn once for each play: what is drawn twice from one seed is equal and not the same.
  const draw = () => fc.sample(arbitrary, { seed: SEED, numRuns: count });
  const left = [draw(), draw()];
  return (
    left[0]?.map((_, index): Case => {
      const copies = left.map((drawn) => drawn[index]);
      return {
        title: `generated: ${method} ${index + 1}`,
        async run(side) {
          const request = copies.pop();
          return { request, outcome: await side.call(side.shared, method, "promise", request) };
        },
      };
    }) ?? []
  );
}

/** All of them. */
export const generatedCases: Case[] = [
  ...casesOf("generateAccessToken", 80),
  ...casesOf("generateIdToken", 40),
  ...casesOf("signBlob", 60),
  ...casesOf("signJwt", 40),
];
