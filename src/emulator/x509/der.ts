// SPDX-License-Identifier: Apache-2.0
// Writes the few DER values that an X.509 certificate is made of (ITU-T X.690). Knows no certificates.

const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  explicit: 0xa0,
} as const;

function encodeLength(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.of(0x80 | bytes.length, ...bytes);
}

function encodeValue(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.of(tag), encodeLength(content.length), content]);
}

/** SEQUENCE of values already encoded. */
export function encodeSequence(...values: readonly Uint8Array[]): Buffer {
  return encodeValue(tags.sequence, ...values);
}

/** SET of one value already encoded; for several, DER requires an order that is not implemented here. */
export function encodeSetOf(value: Uint8Array): Buffer {
  return encodeValue(tags.set, value);
}

/** [n] EXPLICIT around a value already encoded; n below 31. */
export function encodeExplicit(n: number, value: Uint8Array): Buffer {
  return encodeValue(tags.explicit | n, value);
}

/** [n] IMPLICIT of a primitive value, without its own tag; n below 31. */
export function encodeImplicit(n: number, content: Uint8Array): Buffer {
  return encodeValue(0x80 | n, content);
}

/** BOOLEAN TRUE. (FALSE is a default wherever certificates have one, and DER leaves defaults out.) */
export function encodeTrue(): Buffer {
  return encodeValue(tags.boolean, Buffer.of(0xff));
}

/** INTEGER that is not negative, from its big-endian bytes, in the fewest bytes (X.690, 8.3.2). */
export function encodeInteger(magnitude: Uint8Array): Buffer {
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) start++;
  const bytes = magnitude.subarray(start);
  const needsSign = (bytes[0] ?? 0) >= 0x80 || bytes.length === 0;
  return encodeValue(tags.integer, needsSign ? Buffer.of(0) : Buffer.alloc(0), bytes);
}

/** BIT STRING of whole bytes, or with the given number of unused bits at its end. */
export function encodeBitString(bytes: Uint8Array, unusedBits = 0): Buffer {
  return encodeValue(tags.bitString, Buffer.of(unusedBits), bytes);
}

/** OCTET STRING. */
export function encodeOctetString(bytes: Uint8Array): Buffer {
  return encodeValue(tags.octetString, bytes);
}

/** UTF8String. */
export function encodeUtf8String(text: string): Buffer {
  return encodeValue(tags.utf8String, Buffer.from(text, "utf8"));
}

/** OBJECT IDENTIFIER in dotted form (X.690, 8.19). */
export function encodeOid(dotted: string): Buffer {
  const [first = 0, second = 0, ...arcs] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second, ...arcs].flatMap((arc) => {
    const septets = [arc % 128];
    for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) {
      septets.unshift(0x80 | (rest % 128));
    }
    return septets;
  });
  return encodeValue(tags.oid, Buffer.from(bytes));
}

/**
 * A certificate's time: UTCTime through 2049, GeneralizedTime from 2050 on (RFC 5280, 4.1.2.5). Whole seconds.
 *
 * @param at milliseconds since the epoch
 */
export function encodeTime(at: number): Buffer {
  const digits = `${new Date(at)
    .toISOString()
    .replace(/\.\d+Z$/, "")
    .replace(/[-:T]/g, "")}Z`;
  return Number(digits.slice(0, 4)) < 2050
    ? encodeValue(tags.utcTime, Buffer.from(digits.slice(2), "latin1"))
    : encodeValue(tags.generalizedTime, Buffer.from(digits, "latin1"));
}
