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
    ["a list of texts", ["a", SECRET], "metadata: must contain pairs of [key, value]"],
    ["triples", [["a", "b", SECRET]], "metadata: must contain pairs of [key, value]"],
    ["an empty key", { "": SECRET }, 'metadata: the key "" must consist of letters, digits, "-", "_" and "."'],
    ["a key with a blank", { "a b": SECRET }, 'metadata: the key "a b" must consist of'],
    ["a key with a newline", { "a\n": SECRET }, 'metadata: the key "a\\n" must consist of'],
    ["a key beyond ASCII", { ä: SECRET }, 'metadata: the key "ä" must consist of'],
    ["a key that only lower-cases to ASCII", { "\u212a": SECRET }, 'metadata: the key "\u212a" must consist of'],
    ["a pseudo-header", { ":path": SECRET }, 'metadata: the key ":path" must consist of'],
    ["a number for a key", [[1n, SECRET]], 'metadata: the key "1" must consist of'],
    ["a number for a value", { "x-a": 7 }, 'metadata: the value of "x-a" must be a string of printable ASCII'],
    ["null for a value", { "x-a": null }, 'metadata: the value of "x-a" must be a string of printable ASCII'],
    [
      "a newline in a value",
      { "x-a": `${SECRET}\n` },
      'metadata: the value of "x-a" must be a string of printable ASCII',
    ],
    ["a tab in a value", { "x-a": `${SECRET}\t` }, 'metadata: the value of "x-a" must be a string of printable ASCII'],
    ["text beyond ASCII", { "x-a": `${SECRET}ä` }, 'metadata: the value of "x-a" must be a string of printable ASCII'],
    ["bytes under another key", { "x-a": Buffer.from(SECRET) }, "use a key that ends in -bin for bytes"],
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
      expect(error.message).toBe(`metadata: the key "${key.toLowerCase()}" is reserved for the channel`);
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
    [
      "a key with capitals",
      { Authorization: SECRET },
      'the key "Authorization", which is not a lowercase metadata key',
    ],
    ["no value", { authorization: undefined }, 'a value of "authorization" that is not printable ASCII'],
    ["a newline", { authorization: `${SECRET}\n` }, 'a value of "authorization" that is not printable ASCII'],
    ["bytes", { authorization: Buffer.from(SECRET) }, 'a value of "authorization" that is not printable ASCII'],
  ])("is refused when it is or has %s, and the value is not quoted", (_name, answer, problem) => {
    expect(authorizationProblem(answer)).toBe(problem);
    expect(problem).not.toContain(SECRET);
  });
});
