// SPDX-License-Identifier: Apache-2.0
// Our decoder against RFC 7541's examples, and against what is no block.

import { describe, expect, test } from "@jest/globals";
import { ConnectionError, ErrorCode } from "../../../../../../src/rpc/transport/http2/frames/frames.js";
import { HpackDecoder } from "../../../../../../src/rpc/transport/http2/hpack/hpack-decoder.js";
import { STATIC_TABLE } from "../../../../../../src/rpc/transport/http2/hpack/hpack-tables.js";

const fromHex = (hex: string): Buffer => Buffer.from(hex.replaceAll(/\s/g, ""), "hex");

/** Decodes blocks of one connection, and gives the fields of each as lines. */
function decodeAll(...blocks: readonly string[]): string[][] {
  const decoder = new HpackDecoder(65_536);
  return blocks.map((block) => {
    const bytes = fromHex(block);
    const { fields } = decoder.decode(bytes, 0, bytes.length);
    return fields.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${fields[at + 1]}`] : []));
  });
}

const REQUESTS = [
  [":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com"],
  [":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com", "cache-control: no-cache"],
  [":method: GET", ":scheme: https", ":path: /index.html", ":authority: www.example.com", "custom-key: custom-value"],
];

const COOKIE = "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1";
const RESPONSES = [
  [
    ":status: 302",
    "cache-control: private",
    "date: Mon, 21 Oct 2013 20:13:21 GMT",
    "location: https://www.example.com",
  ],
  [
    ":status: 307",
    "cache-control: private",
    "date: Mon, 21 Oct 2013 20:13:21 GMT",
    "location: https://www.example.com",
  ],
  [
    ":status: 200",
    "cache-control: private",
    "date: Mon, 21 Oct 2013 20:13:22 GMT",
    "location: https://www.example.com",
    "content-encoding: gzip",
    COOKIE,
  ],
];

describe("the examples of RFC 7541, appendix C", () => {
  test.each([
    ["C.2.1", "400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572", "custom-key: custom-header"],
    ["C.2.2", "040c 2f73 616d 706c 652f 7061 7468", ":path: /sample/path"],
    ["C.2.3", "1008 7061 7373 776f 7264 0673 6563 7265 74", "password: secret"],
    ["C.2.4", "82", ":method: GET"],
  ])("%s is one field", (_name, block, field) => {
    expect(decodeAll(block)).toEqual([[field]]);
  });

  test("C.3: requests without Huffman code", () => {
    const blocks = [
      "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
      "8286 84be 5808 6e6f 2d63 6163 6865",
      "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
    ];
    expect(decodeAll(...blocks)).toEqual(REQUESTS);
  });

  test("C.4: requests with Huffman code", () => {
    const blocks = [
      "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
      "8286 84be 5886 a8eb 1064 9cbf",
      "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
    ];
    expect(decodeAll(...blocks)).toEqual(REQUESTS);
  });

  // These have a table of 256 octets, which is told at their beginning here, so that entries are evicted.
  test("C.5: responses without Huffman code", () => {
    const blocks = [
      `3fe1 01 4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d 546e
       1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d`,
      "4803 3330 37c1 c0bf",
      `88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a
       4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31`,
    ];
    expect(decodeAll(...blocks)).toEqual(RESPONSES);
  });

  test("C.6: responses with Huffman code", () => {
    const blocks = [
      `3fe1 01 4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b
       97c8 e9ae 82ae 43d3`,
      "4883 640e ffc1 c0bf",
      `88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960
       d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07`,
    ];
    expect(decodeAll(...blocks)).toEqual(RESPONSES);
  });
});

test("each entry of the static table has its index", () => {
  expect(STATIC_TABLE).toHaveLength(61);
  const block = Buffer.from(STATIC_TABLE.map((_, at) => 0x80 | (at + 1)));
  const { fields } = new HpackDecoder(65_536).decode(block, 0, block.length);
  expect(fields).toEqual(STATIC_TABLE.flat());
  expect([STATIC_TABLE[0], STATIC_TABLE[15], STATIC_TABLE[60]]).toEqual([
    [":authority", ""],
    ["accept-encoding", "gzip, deflate"],
    ["www-authenticate", ""],
  ]);
});

describe("what is no block", () => {
  test.each([
    ["index 0", "80", "an index without an entry"],
    ["an index beyond the tables", "be", "an index without an entry"],
    ["a name's index beyond the tables", "7e 01 61", "an index without an entry"],
    ["a string that is longer than the block", "00 05 61", "a string that is longer than the block"],
    ["a number that is cut short", "ff", "a field that is cut short"],
    ["a number of too many octets", "ff 80 80 80 80 80 01", "an integer that is too large"],
    ["a number beyond 2^31-1", "ff ff ff ff ff 0f", "an integer that is too large"],
    ["a number that is padded without end", "3f 80 80 80 80 80 80 80 80 80 00", "an integer that is too large"],
    ["a table size above ours", "3f e2 1f", "a larger table size than allowed"],
    ["three table sizes", "20 20 20", "more table size updates than allowed"],
    ["a table size update after a field", "82 20", "a table size update after a field"],
    ["a string that ends with EOS", "00 84 ff ff ff ff 00", "a string with EOS inside"],
    ["padding of eight bits", "00 82 1f ff 00", "a string with invalid padding"],
    ["padding that is not all ones", "00 81 18 00", "a string with invalid padding"],
    ["a block that ends inside a field", "00 01 61", "a field that is cut short"],
  ])("%s is a compression error", (_name, block, text) => {
    const bytes = fromHex(block);
    const decode = () => new HpackDecoder(65_536).decode(bytes, 0, bytes.length);
    expect(decode).toThrow(new ConnectionError(ErrorCode.COMPRESSION_ERROR, `the peer's header block has ${text}`));
    expect(decode).toThrow(expect.objectContaining({ code: 9 }));
  });
});

describe("the dynamic table", () => {
  const literal = (name: string, value: string): string =>
    Buffer.concat([
      Buffer.from([0x40, name.length]),
      Buffer.from(name),
      Buffer.from([value.length]),
      Buffer.from(value),
    ]).toString("hex");

  test("an entry larger than the table empties it and is no error", () => {
    const [, second] = decodeAll(`3f 09 ${literal("a", "b")}`, `${literal("a", "b".repeat(40))}`);
    expect(second).toEqual([`a: ${"b".repeat(40)}`]);
    expect(() => decodeAll(`3f 09 ${literal("a", "b")}`, `${literal("a", "b".repeat(40))}`, "be")).toThrow(
      "without an entry",
    );
  });

  test("the name of an entry may be that of the entry which it evicts", () => {
    // The table takes one entry of 34 octets: 0x7e is literal with the name of entry 62.
    expect(decodeAll(`3f 03 ${literal("a", "b")}`, "7e 01 63", "be")).toEqual([["a: b"], ["a: c"], ["a: c"]]);
  });

  test("a table of 0 keeps nothing, and one that grows again begins empty", () => {
    expect(() => decodeAll(literal("a", "b"), "20 be")).toThrow("without an entry");
    expect(() => decodeAll(literal("a", "b"), "20 3f e1 1f be")).toThrow("without an entry");
    expect(decodeAll(literal("a", "b"), `20 3f e1 1f ${literal("c", "d")} be`)[1]).toEqual(["c: d", "c: d"]);
  });
});

describe("a list that is too large", () => {
  test("has no fields, and leaves a table that can be used", () => {
    const decoder = new HpackDecoder(100);
    const first = fromHex("40 01 61 01 62");
    decoder.decode(first, 0, first.length);
    const bomb = Buffer.concat([fromHex("40 01 63 01 64"), Buffer.alloc(1_000, 0xbe)]);
    expect(decoder.decode(bomb, 0, bomb.length)).toEqual({ fields: [], problem: undefined, isTooLarge: true });
    const after = fromHex("be bf");
    expect(decoder.decode(after, 0, after.length).fields).toEqual(["c", "d", "a", "b"]);
  });

  test("counts 32 octets for each field, empty ones too", () => {
    const list = (count: number) => {
      const block = Buffer.concat(Array.from({ length: count }, () => fromHex("00 01 61 00")));
      return new HpackDecoder(330).decode(block, 0, block.length).isTooLarge;
    };
    expect([list(10), list(11)]).toEqual([false, true]);
  });
});

test.each([
  ["00 01 41 01 62", "a header field with a name that is not allowed"],
  ["00 00 01 62", "a header field with a name that is not allowed"],
  ["00 03 612062 01 62", "a header field with a name that is not allowed"],
  ["00 01 61 03 620a63", "a header field with a line break in its value"],
  ["00 01 61 01 00", "a header field with a line break in its value"],
  ["00 0a 636f6e6e656374696f6e 05 636c6f7365", "the header field connection, which HTTP/2 does not allow"],
  ["82", "a pseudo-header field that is not allowed in a response"],
])("a field that no response may have (%s) is told as such", (block, problem) => {
  const bytes = fromHex(block);
  expect(new HpackDecoder(65_536).decode(bytes, 0, bytes.length).problem).toBe(problem);
});
