// SPDX-License-Identifier: Apache-2.0
// Decodes header blocks into header fields. Source: RFC 7541. A decoding error ends the connection, since the tables are lost; what is
// wrong with the fields themselves is reported along with them.

import { ConnectionError, ErrorCode } from "../frames/frames.js";
import { type DecodedBlock, fieldProblem } from "./field-rules.js";
import { DEFAULT_TABLE_SIZE, ENTRY_OVERHEAD, Huffman, huffmanTable, STATIC_TABLE } from "./hpack-tables.js";

interface Entry {
  readonly name: string;
  readonly value: string;
  readonly size: number;
  /** What is wrong with it; `undefined`: nothing. */
  readonly problem: string | undefined;
}

const STATIC_ENTRIES: readonly Entry[] = STATIC_TABLE.map(([name, value]) => entryOf(name, value));

/** More than any legitimate length or index. */
const MAX_INTEGER = 2 ** 31 - 1;
const MAX_INTEGER_OCTETS = 5;
/** The maximum before a block's first field (RFC 7541, section 4.2). */
const MAX_SIZE_UPDATES = 2;

/** Decodes the blocks of one connection, in order. */
export class HpackDecoder {
  readonly #maxListSize: number;
  /** The dynamic table, newest last. */
  readonly #table: Entry[] = [];
  #size = 0;
  #maxSize = DEFAULT_TABLE_SIZE;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #end = 0;
  readonly #text: Buffer = Buffer.allocUnsafe(1_024);

  /** @param maxListSize the maximum size of a list, where a field counts as name, value and 32 octets (RFC 9113, section 6.5.2) */
  constructor(maxListSize: number) {
    this.#maxListSize = maxListSize;
  }

  /**
   * Decodes a whole block. A list that is too large is still decoded to its end, to keep the table right.
   *
   * @throws ConnectionError (COMPRESSION_ERROR) when it is not valid
   */
  decode(bytes: Buffer, from: number, to: number): DecodedBlock {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = to;
    const fields: string[] = [];
    let listSize = 0;
    let problem: string | undefined;
    this.#readSizeUpdates();
    while (this.#at < to) {
      const entry = this.#readField(bytes[this.#at] ?? 0);
      listSize += entry.size;
      if (listSize > this.#maxListSize) continue;
      problem ??= entry.problem;
      fields.push(entry.name, entry.value);
    }
    const isTooLarge = listSize > this.#maxListSize;
    return { fields: isTooLarge ? [] : fields, problem, isTooLarge };
  }

  #readSizeUpdates(): void {
    for (let count = 1; this.#at < this.#end; count++) {
      const first = this.#bytes[this.#at] ?? 0;
      if (first >> 5 !== 0b001) return;
      if (count > MAX_SIZE_UPDATES) throw compressionError("more table size updates than allowed");
      const size = this.#readInteger(5);
      if (size > DEFAULT_TABLE_SIZE) throw compressionError("a larger table size than allowed");
      this.#maxSize = size;
      this.#evict(0);
    }
  }

  #readField(first: number): Entry {
    if (first >= 0x80) return this.#entryAt(this.#readInteger(7));
    if (first >= 0x40) {
      const entry = this.#readLiteral(6);
      this.#evict(entry.size);
      // An entry larger than the table empties it, which is not an error (RFC 7541, section 4.4).
      if (entry.size <= this.#maxSize) {
        this.#table.push(entry);
        this.#size += entry.size;
      }
      return entry;
    }
    if (first >= 0x20) throw compressionError("a table size update after a field");
    return this.#readLiteral(4);
  }

  #readLiteral(prefixBits: number): Entry {
    const index = this.#readInteger(prefixBits);
    const name = index === 0 ? this.#readString() : this.#entryAt(index).name;
    return entryOf(name, this.#readString());
  }

  #entryAt(index: number): Entry {
    const entry =
      index <= STATIC_ENTRIES.length
        ? STATIC_ENTRIES[index - 1]
        : this.#table[this.#table.length - (index - STATIC_ENTRIES.length)];
    if (entry === undefined) throw compressionError("an index without an entry");
    return entry;
  }

  #evict(room: number): void {
    let count = 0;
    while (this.#size > 0 && this.#size + room > this.#maxSize) this.#size -= this.#table[count++]?.size ?? 0;
    if (count > 0) this.#table.splice(0, count);
  }

  #readInteger(prefixBits: number): number {
    const mask = (1 << prefixBits) - 1;
    let value = this.#next() & mask;
    if (value < mask) return value;
    for (let octets = 1, factor = 1; octets <= MAX_INTEGER_OCTETS; octets++, factor *= 128) {
      const octet = this.#next();
      value += (octet & 0x7f) * factor;
      if (value > MAX_INTEGER) break;
      if (octet < 0x80) return value;
    }
    throw compressionError("an integer that is too large");
  }

  #next(): number {
    if (this.#at >= this.#end) throw compressionError("a field that is cut short");
    return this.#bytes[this.#at++] ?? 0;
  }

  #readString(): string {
    const isHuffman = (this.#bytes[this.#at] ?? 0) >= 0x80;
    const length = this.#readInteger(7);
    const from = this.#at;
    this.#at += length;
    if (this.#at > this.#end) throw compressionError("a string that is longer than the block");
    return isHuffman ? this.#decodeHuffman(from, this.#at) : this.#bytes.toString("latin1", from, this.#at);
  }

  #decodeHuffman(from: number, to: number): string {
    const table = huffmanTable();
    const bytes = this.#bytes;
    // No code is shorter than five bits.
    const most = Math.ceil(((to - from) * 8) / 5);
    const text = most <= this.#text.length ? this.#text : Buffer.allocUnsafe(most);
    let length = 0;
    let entry: number = Huffman.MAY_END;
    for (let at = from * 2; at < to * 2; at++) {
      const octet = bytes[at >> 1] ?? 0;
      const bits = (at & 1) === 0 ? octet >> 4 : octet & 15;
      entry = table[(entry & Huffman.NODE) * 16 + bits] ?? Huffman.FAILED;
      if ((entry & Huffman.FAILED) !== 0) throw compressionError("a string with EOS inside");
      if ((entry & Huffman.SYMBOL) !== 0) text[length++] = entry >> Huffman.SHIFT;
    }
    if ((entry & Huffman.MAY_END) === 0) throw compressionError("a string with invalid padding");
    return text.toString("latin1", 0, length);
  }
}

function entryOf(name: string, value: string): Entry {
  return { name, value, size: name.length + value.length + ENTRY_OVERHEAD, problem: fieldProblem(name, value) };
}

function compressionError(text: string): ConnectionError {
  return new ConnectionError(ErrorCode.COMPRESSION_ERROR, `the peer's header block has ${text}`);
}
