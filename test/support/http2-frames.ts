// SPDX-License-Identifier: Apache-2.0
// Frames of HTTP/2, octet by octet, as a peer of a test says them: right ones and wrong ones. Shares no code with what reads them.

/** A frame's octets. */
export function frame(type: number, flags: number, id: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(id, 5);
  return Buffer.concat([head, payload]);
}

/** A number of 32 bits. */
export function uint32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, at) => void bytes.writeUInt32BE(value, at * 4));
  return bytes;
}

/** SETTINGS. */
export function settings(pairs: readonly (readonly [id: number, value: number])[] = []): Buffer {
  const payload = Buffer.alloc(pairs.length * 6);
  pairs.forEach(([id, value], at) => {
    payload.writeUInt16BE(id, at * 6);
    payload.writeUInt32BE(value, at * 6 + 2);
  });
  return frame(4, 0, 0, payload);
}

/** Fields as a block of literals without indexing or Huffman code. */
export function block(fields: readonly (readonly [name: string, value: string])[]): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]));
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, "latin1");
  const length: number[] = [];
  if (bytes.length < 127) length.push(bytes.length);
  else {
    length.push(127);
    let left = bytes.length - 127;
    for (; left >= 128; left >>= 7) length.push((left & 127) | 128);
    length.push(left);
  }
  return Buffer.concat([Buffer.from(length), bytes]);
}

/** HEADERS with a whole block. */
export function headers(id: number, fields: readonly (readonly [string, string])[], isEnd = false): Buffer {
  return frame(1, isEnd ? 5 : 4, id, block(fields));
}

/** DATA. */
export function data(id: number, payload: Uint8Array | string, isEnd = false): Buffer {
  return frame(0, isEnd ? 1 : 0, id, Buffer.from(payload));
}

/** Response headers that are the beginning of a good answer. */
export const OK_HEADERS = [
  [":status", "200"],
  ["content-type", "application/grpc"],
] as const;
