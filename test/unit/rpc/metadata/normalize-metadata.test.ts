// SPDX-License-Identifier: Apache-2.0
// What a caller may send as metadata, and what the error for the rest must not quote.

import { ConfigurationError } from "../../../../src/index.js";
import { authorizationProblem, normalizeMetadata } from "../../../../src/rpc/metadata.js";

const SECRET = "do-not-quote-me";

function errorOf(metadata: unknown): Error {
  try {
    normalizeMetadata(metadata as never); // as: wrong on purpose
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("it was taken");
}

describe("takes", () => {
  const bytes = Buffer.from([0, 1]);
  test.each<[string, Parameters<typeof normalizeMetadata>[0], [string, string | Uint8Array][]]>([
    ["nothing", undefined, []],
    [
      "an object",
      { "X-One": "1", "x-two": "2" },
      [
        ["x-one", "1"],
        ["x-two", "2"],
      ],
    ],
    ["an object with undefined, which counts as absent", { "x-one": undefined, "x-two": "2" }, [["x-two", "2"]]],
    [
      "pairs, with keys that repeat",
      [
        ["x-a", "1"],
        ["X-A", "2"],
      ],
      [
        ["x-a", "1"],
        ["x-a", "2"],
      ],
    ],
    ["a Map", new Map([["x-a", "1"]]), [["x-a", "1"]]],
    ["Headers", new Headers({ "X-A": "1" }), [["x-a", "1"]]],
    ["bytes under a key that ends in -bin", { "X-Trace-Bin": bytes }, [["x-trace-bin", bytes]]],
    ["every character of a key", { "aZ09-_.": "1" }, [["az09-_.", "1"]]],
    ["every printable character of ASCII", { a: ' !"#~' }, [["a", ' !"#~']]],
    ["empty text", { a: "" }, [["a", ""]]],
    ["its own authorization", { Authorization: "Bearer x" }, [["authorization", "Bearer x"]]],
  ])("%s", (_name, metadata, expected) => {
    expect(normalizeMetadata(metadata)).toEqual(expected);
  });
});

describe("refuses", () => {
  test.each([
    ["text", SECRET, "metadata: must be an object of keys and values, or an array of [key, value]"],
    ["null", null, "metadata: must be an object of keys and values, or an array of [key, value]"],
    ["a list of texts", ["a", SECRET], "metadata: must hold pairs of [key, value]"],
    ["triples", [["a", "b", SECRET]], "metadata: must hold pairs of [key, value]"],
    ["an empty key", { "": SECRET }, 'metadata: "" is no metadata key; one has letters, digits, "-", "_" and "." only'],
    ["a key with a blank", { "a b": SECRET }, 'metadata: "a b" is no metadata key'],
    ["a key with a newline", { "a\n": SECRET }, 'metadata: "a\\n" is no metadata key'],
    ["a key beyond ASCII", { ä: SECRET }, 'metadata: "ä" is no metadata key'],
    ["a key that only lower-cases to ASCII", { "\u212a": SECRET }, 'metadata: "\u212a" is no metadata key'],
    ["a pseudo-header", { ":path": SECRET }, 'metadata: ":path" is no metadata key'],
    ["a number for a key", [[1n, SECRET]], 'metadata: "1" is no metadata key'],
    ["a number for a value", { "x-a": 7 }, 'metadata: the value of "x-a" must be a string of printable ASCII'],
    ["null for a value", { "x-a": null }, 'metadata: the value of "x-a" must be a string of printable ASCII'],
    [
      "a newline in a value",
      { "x-a": `${SECRET}\n` },
      'metadata: the value of "x-a" must be a string of printable ASCII',
    ],
    ["a tab in a value", { "x-a": `${SECRET}\t` }, 'metadata: the value of "x-a" must be a string of printable ASCII'],
    ["text beyond ASCII", { "x-a": `${SECRET}ä` }, 'metadata: the value of "x-a" must be a string of printable ASCII'],
    ["bytes under another key", { "x-a": Buffer.from(SECRET) }, "bytes go under a key that ends in -bin"],
    [
      "text under a -bin key",
      { "X-a-bin": SECRET },
      'the value of "X-a-bin" must be bytes, since its key ends in -bin',
    ],
  ])("%s, by name and without the value", (_name, metadata, problem) => {
    const error = errorOf(metadata);
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toContain(problem);
    expect(error.message).not.toContain(SECRET);
  });

  test.each(["te", "Content-Type", "content-length", "host", "connection", "User-Agent", "grpc-timeout", "GRPC-x"])(
    "the channel's own key %s",
    (key) => {
      const error = errorOf({ [key]: SECRET });
      expect(error).toBeInstanceOf(ConfigurationError);
      expect(error.message).toBe(`metadata: the key "${key.toLowerCase()}" is the channel's own`);
    },
  );
});

describe("what credentials answer with", () => {
  test.each([
    ["a pair", { authorization: "Bearer t" }],
    ["several pairs", { authorization: "Bearer t", "x-goog-user-project": "p" }],
    ["nothing to add", {}],
  ])("may be %s", (_name, answer) => {
    expect(authorizationProblem(answer)).toBeUndefined();
  });

  test.each([
    ["undefined", undefined, 'no metadata, such as { authorization: "Bearer …" }'],
    ["null", null, 'no metadata, such as { authorization: "Bearer …" }'],
    ["the bare token", SECRET, 'no metadata, such as { authorization: "Bearer …" }'],
    ["a key with capitals", { Authorization: SECRET }, 'the key "Authorization", which is no lower-case metadata key'],
    ["no value", { authorization: undefined }, 'a value of "authorization" that is no printable ASCII text'],
    ["a newline", { authorization: `${SECRET}\n` }, 'a value of "authorization" that is no printable ASCII text'],
    ["bytes", { authorization: Buffer.from(SECRET) }, 'a value of "authorization" that is no printable ASCII text'],
  ])("is refused when it is or has %s, and the value is not quoted", (_name, answer, problem) => {
    expect(authorizationProblem(answer)).toBe(problem);
    expect(problem).not.toContain(SECRET);
  });
});
