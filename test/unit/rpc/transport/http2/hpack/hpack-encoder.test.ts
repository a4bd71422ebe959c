// SPDX-License-Identifier: Apache-2.0
// The octets that our encoder writes, against RFC 7541's examples and its rules.

import { describe, expect, test } from "@jest/globals";
import { HpackDecoder } from "../../../../../../src/rpc/transport/http2/hpack/hpack-decoder.js";
import { type FieldPolicy, HpackEncoder } from "../../../../../../src/rpc/transport/http2/hpack/hpack-encoder.js";
import type { Field } from "../../../../../../src/rpc/transport/http2/hpack/hpack-tables.js";

function encodeBlock(encoder: HpackEncoder, fields: readonly Field[]): string {
  const target = { bytes: Buffer.alloc(65_536), at: 0 };
  encoder.begin(target);
  for (const [name, value] of fields) encoder.add(target, name, value);
  return target.bytes.toString("hex", 0, target.at);
}

const indexAll = (): FieldPolicy => "index";

test("requests are the octets of RFC 7541, C.3", () => {
  const encoder = new HpackEncoder(indexAll);
  const common = [
    [":method", "GET"],
    [":scheme", "http"],
    [":path", "/"],
    [":authority", "www.example.com"],
  ] as const;
  expect(encodeBlock(encoder, common)).toBe("828684410f7777772e6578616d706c652e636f6d");
  expect(encodeBlock(encoder, [...common, ["cache-control", "no-cache"]])).toBe("828684be58086e6f2d6361636865");
  const last = [
    [":method", "GET"],
    [":scheme", "https"],
    [":path", "/index.html"],
    [":authority", "www.example.com"],
    ["custom-key", "custom-value"],
  ] as const;
  expect(encodeBlock(encoder, last)).toBe("828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565");
});

test("a secret is never indexed, neither here nor by anybody on the way", () => {
  const encoder = new HpackEncoder((name) => (name === "authorization" ? "secret" : "index"));
  for (let time = 0; time < 2; time++) {
    // 0001 and a four-bit index of 23, then the value as it is.
    expect(encodeBlock(encoder, [["authorization", "Bearer x"]])).toBe("1f0808426561726572 2078".replace(" ", ""));
  }
});

test("a plain field leaves the table as it is", () => {
  const encoder = new HpackEncoder((name) => (name === "grpc-timeout" ? "plain" : "index"));
  const first = encodeBlock(encoder, [["grpc-timeout", "1S"]]);
  expect(encodeBlock(encoder, [["grpc-timeout", "1S"]])).toBe(first);
  expect(first).toBe(`000c${Buffer.from("grpc-timeout").toString("hex")}02${Buffer.from("1S").toString("hex")}`);
});

test("values that never come again push out none that does", () => {
  const encoder = new HpackEncoder(indexAll);
  const often: Field = ["x-client", "the same each time"];
  encodeBlock(encoder, [often]);
  for (let number = 0; number < 1_000; number++) encodeBlock(encoder, [["x-once", `value ${number}`]]);
  expect(encodeBlock(encoder, [often])).toHaveLength(2);
});

describe("the peer's table size", () => {
  const field: Field = ["x-a", "b"];

  test("is told at the beginning of the next block, once", () => {
    const encoder = new HpackEncoder(indexAll);
    encoder.limitTable(100);
    expect(encodeBlock(encoder, [])).toBe("3f45");
    expect(encodeBlock(encoder, [])).toBe("");
  });

  test("is told twice, the lowest first, when it sank and rose between two blocks", () => {
    const encoder = new HpackEncoder(indexAll);
    encodeBlock(encoder, [field]);
    encoder.limitTable(0);
    encoder.limitTable(4_096);
    // What was in the table is gone.
    expect(encodeBlock(encoder, [field])).toBe("203fe11f4003782d610162");
  });

  test("of 0 leaves nothing to be indexed but the static table", () => {
    const encoder = new HpackEncoder(indexAll);
    encoder.limitTable(0);
    expect(encodeBlock(encoder, [field, [":method", "POST"]])).toBe("200003782d61016283");
    expect(encodeBlock(encoder, [field])).toBe("0003782d610162");
  });

  test("above ours changes nothing", () => {
    const encoder = new HpackEncoder(indexAll);
    encoder.limitTable(1_000_000);
    expect(encodeBlock(encoder, [])).toBe("");
  });
});

test("fixed fields come out the same whether they are copied or encoded, while the table changes between", () => {
  const encoder = new HpackEncoder(indexAll);
  const decoder = new HpackDecoder(65_536);
  const lists = ["/a", "/b", "/c"].map((path): readonly Field[] => [
    [":method", "POST"],
    [":path", path],
    ["te", "trailers"],
  ]);
  for (let round = 0; round < 60; round++) {
    const fields = lists[round % lists.length] ?? [];
    const own: Field = ["x-own", `${Math.floor(round / 7)}`];
    const target = { bytes: Buffer.alloc(1_000), at: 0 };
    encoder.begin(target);
    encoder.addFixed(target, fields);
    encoder.add(target, own[0], own[1]);
    expect(decoder.decode(target.bytes, 0, target.at).fields).toEqual([...fields.flat(), ...own]);
    if (round % 20 === 19) encoder.limitTable(round);
  }
});
