// SPDX-License-Identifier: Apache-2.0
// What was sent is masked in what comes back, however much of it there is.

import { maskDeep, maskOf } from "../../../../src/base/secrets/mask-sent.js";

const metadata = [["authorization", "Bearer tok-1234"]] as const;

test.each([
  ["JSON", (payload: Buffer) => ({ metadata, body: JSON.stringify({ payload: payload.toString("base64") }) })],
  ["a message", (payload: Buffer) => ({ metadata, message: { payload } })],
])("eight megabytes of %s are masked as eight bytes are: patterns overflowed the stack of the engine", (_, sentOf) => {
  const mask = maskOf(sentOf(Buffer.alloc(8_000_000, "to be signed")));
  expect(mask("Bearer tok-1234 is denied")).toBe("Bearer [hidden] is denied");
  const small = Buffer.from("to be signed");
  expect(maskOf(sentOf(small))(`not ${small} and not ${small.toString("base64")}`)).toBe(
    "not [hidden] and not [hidden]",
  );
});

test("eight megabytes that come back are masked and cut", () => {
  const payload = "to be signed ".repeat(700_000);
  const mask = maskOf({ metadata, body: JSON.stringify({ payload }) });
  expect(mask(`not ${payload}, but tok-1234${"x".repeat(8_000_000)}`)).toMatch(
    /^not \[hidden\], but \[hidden\]x{99000,100000}…$/,
  );
});

test("what is nested deeper than in any message is left out", () => {
  let value: unknown = "tok-1234";
  for (let depth = 0; depth < 50_000; depth++) value = depth % 2 === 0 ? [value] : { value };
  const masked = JSON.stringify(maskDeep({ a: ["tok-1234"], value }, maskOf({ metadata })));
  expect(masked).toMatch(/^\{"a":\["\[hidden\]"\],"value":[[\]{}":value]{300,1000}\}$/);
});
