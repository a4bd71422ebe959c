// SPDX-License-Identifier: Apache-2.0
// Encodes header fields into header blocks. Source: RFC 7541. Recurring fields are indexed, secrets never. Strings are not Huffman-coded:
// that costs more time than sending the octets.

import { DEFAULT_TABLE_SIZE, ENTRY_OVERHEAD, type Field, STATIC_TABLE } from "./hpack-tables.js";

/** Where a block is written: the caller has made room for it. */
interface BlockTarget {
  bytes: Buffer;
  at: number;
}

/**
 * How fields of a name are sent: `index` those that recur; `plain` those that differ with every call; `secret` those that no
 * intermediary may index either (RFC 7541, section 7.1.3).
 */
export type FieldPolicy = "index" | "plain" | "secret";

interface NameState {
  readonly policy: FieldPolicy;
  /** Its index in the static table; 0: it is not there. */
  readonly staticIndex: number;
  /** Values in the static table, and their indexes. */
  readonly staticValues: Map<string, number>;
  /** Values in the dynamic table, and which insertion each was. */
  readonly values: Map<string, number>;
  /** The last values seen. */
  recent: string[];
}

interface Inserted {
  readonly state: NameState;
  readonly value: string;
  readonly size: number;
}

/** Names whose values are remembered; others are sent as they are. */
const MAX_NAMES = 128;
/** A value counts as recurring if it is the first of its name, or is among this many last ones. */
const MAX_RECENT = 8;

/** Encodes the blocks of one connection, in order. */
export class HpackEncoder {
  readonly #policyOf: (name: string) => FieldPolicy;
  readonly #names = new Map<string, NameState>();
  /** The dynamic table, oldest first. */
  #table: Inserted[] = [];
  #size = 0;
  #maxSize = DEFAULT_TABLE_SIZE;
  #insertions = 0;
  /** Changes with every change of the table. */
  #generation = 0;
  /** The lowest and the latest table size not yet sent to the peer; `undefined`: none. */
  #lowestUpdate: number | undefined;
  readonly #fixed = new Map<readonly Field[], { readonly generation: number; readonly octets: Buffer }>();

  constructor(policyOf: (name: string) => FieldPolicy) {
    this.#policyOf = policyOf;
  }

  /** The peer's SETTINGS_HEADER_TABLE_SIZE, an upper bound. */
  limitTable(size: number): void {
    const maxSize = Math.min(DEFAULT_TABLE_SIZE, size);
    if (maxSize === this.#maxSize) return;
    // If it shrank and grew in between, the peer must learn both (RFC 7541, section 4.2).
    this.#lowestUpdate = Math.min(this.#lowestUpdate ?? maxSize, maxSize);
    this.#maxSize = maxSize;
    this.#generation++;
    this.#evict(0);
  }

  /** Begins a block: announces a changed table size to the peer. */
  begin(target: BlockTarget): void {
    if (this.#lowestUpdate === undefined) return;
    writeInteger(target, 0x20, 5, this.#lowestUpdate);
    if (this.#lowestUpdate !== this.#maxSize) writeInteger(target, 0x20, 5, this.#maxSize);
    this.#lowestUpdate = undefined;
  }

  /** Adds fields shared by many calls; the list is recognized by identity, and its encoding is copied while the table does not change. */
  addFixed(target: BlockTarget, fields: readonly Field[]): void {
    const known = this.#fixed.get(fields);
    if (known?.generation === this.#generation) {
      target.bytes.set(known.octets, target.at);
      target.at += known.octets.length;
      return;
    }
    const from = target.at;
    let isFinal = true;
    for (const [name, value] of fields) if (!this.add(target, name, value)) isFinal = false;
    if (!isFinal) return;
    if (this.#fixed.size >= MAX_NAMES) this.#fixed.clear();
    const octets = Buffer.from(target.bytes.subarray(from, target.at));
    this.#fixed.set(fields, { generation: this.#generation, octets });
  }

  /** Adds one field. Returns whether it will be sent in the same form as long as the table does not change. */
  add(target: BlockTarget, name: string, value: string): boolean {
    const state = this.#names.get(name) ?? this.#remember(name);
    if (state.policy !== "index") {
      writeLiteral(target, state.policy === "secret" ? 0x10 : 0, 4, state.staticIndex, name, value);
      return true;
    }
    const insertion = state.values.get(value);
    const index =
      insertion === undefined ? state.staticValues.get(value) : STATIC_TABLE.length + 1 + this.#insertions - insertion;
    if (index !== undefined) {
      writeInteger(target, 0x80, 7, index);
      return true;
    }
    const size = name.length + value.length + ENTRY_OVERHEAD;
    // Large or non-recurring fields must not evict recurring ones.
    const isTooLarge = size > this.#maxSize >> 1;
    if (isTooLarge || !comesAgain(state, value)) {
      writeLiteral(target, 0, 4, state.staticIndex, name, value);
      return isTooLarge;
    }
    writeLiteral(target, 0x40, 6, state.staticIndex, name, value);
    this.#insert(state, value, size);
    return false;
  }

  #remember(name: string): NameState {
    const staticValues = new Map<string, number>();
    let staticIndex = 0;
    STATIC_TABLE.forEach((entry, at) => {
      if (entry[0] !== name) return;
      if (staticIndex === 0) staticIndex = at + 1;
      if (entry[1] !== "") staticValues.set(entry[1], at + 1);
    });
    const isKnown = this.#names.size < MAX_NAMES;
    const given = this.#policyOf(name);
    const policy = isKnown || given === "secret" ? given : "plain";
    const state: NameState = { policy, staticIndex, staticValues, values: new Map(), recent: [] };
    if (isKnown) this.#names.set(name, state);
    return state;
  }

  #insert(state: NameState, value: string, size: number): void {
    this.#evict(size);
    this.#generation++;
    this.#insertions++;
    this.#size += size;
    this.#table.push({ state, value, size });
    state.values.set(value, this.#insertions);
  }

  #evict(room: number): void {
    let count = 0;
    for (const { state, value, size } of this.#table) {
      if (this.#size + room <= this.#maxSize) break;
      this.#size -= size;
      state.values.delete(value);
      count++;
    }
    if (count === 0) return;
    this.#table = this.#table.slice(count);
    this.#generation++;
  }
}

function comesAgain(state: NameState, value: string): boolean {
  const { recent } = state;
  if (recent.length === 0 || recent.includes(value)) {
    if (recent.length === 0) recent.push(value);
    return true;
  }
  recent.push(value);
  if (recent.length > MAX_RECENT) recent.shift();
  return false;
}

function writeLiteral(
  target: BlockTarget,
  pattern: number,
  prefixBits: number,
  nameIndex: number,
  name: string,
  value: string,
): void {
  writeInteger(target, pattern, prefixBits, nameIndex);
  if (nameIndex === 0) writeString(target, name);
  writeString(target, value);
}

function writeString(target: BlockTarget, text: string): void {
  writeInteger(target, 0, 7, text.length);
  target.at += target.bytes.write(text, target.at, "latin1");
}

/** Source: RFC 7541, section 5.1. */
function writeInteger(target: BlockTarget, pattern: number, prefixBits: number, value: number): void {
  const { bytes } = target;
  const mask = (1 << prefixBits) - 1;
  if (value < mask) {
    bytes[target.at++] = pattern | value;
    return;
  }
  bytes[target.at++] = pattern | mask;
  let left = value - mask;
  while (left >= 128) {
    bytes[target.at++] = (left & 127) | 128;
    left >>>= 7;
  }
  bytes[target.at++] = left;
}
