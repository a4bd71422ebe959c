// SPDX-License-Identifier: Apache-2.0
// The DER writer against values worked out by hand from X.690 and RFC 5280.

import { expect, test } from "@jest/globals";
import * as der from "../../../../src/emulator/x509/der.js";

const hex = (bytes: Buffer) => bytes.toString("hex");

test("integers are positive and as short as can be", () => {
  expect(hex(der.encodeInteger(Buffer.of()))).toBe("020100");
  expect(hex(der.encodeInteger(Buffer.of(0)))).toBe("020100");
  expect(hex(der.encodeInteger(Buffer.of(0, 0, 127)))).toBe("02017f");
  expect(hex(der.encodeInteger(Buffer.of(128)))).toBe("02020080");
  expect(hex(der.encodeInteger(Buffer.of(1, 0)))).toBe("02020100");
});

test("object identifiers join their first two arcs and split the others into septets", () => {
  expect(hex(der.encodeOid("2.5.4.3"))).toBe("0603550403");
  expect(hex(der.encodeOid("1.2.840.113549.1.1.11"))).toBe("06092a864886f70d01010b");
  expect(hex(der.encodeOid("2.100.128"))).toBe("060481348100");
});

test("lengths from 128 on say how many bytes they take", () => {
  expect(hex(der.encodeOctetString(Buffer.alloc(127))).slice(0, 4)).toBe("047f");
  expect(hex(der.encodeOctetString(Buffer.alloc(128))).slice(0, 6)).toBe("048180");
  expect(hex(der.encodeOctetString(Buffer.alloc(256))).slice(0, 8)).toBe("04820100");
  expect(hex(der.encodeOctetString(Buffer.alloc(65_536))).slice(0, 10)).toBe("0483010000");
});

test("times are UTCTime through 2049 and GeneralizedTime after it", () => {
  expect(der.encodeTime(Date.UTC(2049, 11, 31, 23, 59, 59, 999)).toString("latin1")).toBe("\x17\x0d491231235959Z");
  expect(der.encodeTime(Date.UTC(2050, 0, 1)).toString("latin1")).toBe("\x18\x0f20500101000000Z");
});

test("bit strings, booleans, sets, strings and tags are as X.690 has them", () => {
  expect(hex(der.encodeBitString(Buffer.of(0x80), 7))).toBe("03020780");
  expect(hex(der.encodeTrue())).toBe("0101ff");
  expect(hex(der.encodeSetOf(der.encodeUtf8String("ä")))).toBe("31040c02c3a4");
  expect(hex(der.encodeExplicit(3, der.encodeSequence()))).toBe("a3023000");
});
