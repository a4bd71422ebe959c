// SPDX-License-Identifier: Apache-2.0
// The fixed tables of HPACK: the static entries and the Huffman code. Source: RFC 7541, appendices A and B.

/** A header field. */
export type Field = readonly [name: string, value: string];

/** The size of an entry in addition to its octets. Source: RFC 7541, section 4.1. */
export const ENTRY_OVERHEAD = 32;

/** The size of the dynamic table unless SETTINGS say otherwise, which ours do not. Source: RFC 9113, section 6.5.2. */
export const DEFAULT_TABLE_SIZE = 4_096;

/** The static table; its first entry has index 1. */
export const STATIC_TABLE: readonly Field[] = (
  ":authority|:method=GET|:method=POST|:path=/|:path=/index.html|:scheme=http|:scheme=https|:status=200|:status=204|:status=206|" +
  ":status=304|:status=400|:status=404|:status=500|accept-charset|accept-encoding=gzip, deflate|accept-language|accept-ranges|accept|" +
  "access-control-allow-origin|age|allow|authorization|cache-control|content-disposition|content-encoding|content-language|" +
  "content-length|content-location|content-range|content-type|cookie|date|etag|expect|expires|from|host|if-match|if-modified-since|" +
  "if-none-match|if-range|if-unmodified-since|last-modified|link|location|max-forwards|proxy-authenticate|proxy-authorization|range|" +
  "referer|refresh|retry-after|server|set-cookie|strict-transport-security|transfer-encoding|user-agent|vary|via|www-authenticate"
)
  .split("|")
  .map((entry) => {
    const [name = "", value = ""] = entry.split("=");
    return [name, value] as const;
  });

/**
 * The length in bits of the Huffman code of each octet, and of EOS at the end, as base-36 digits. The code is canonical: among codes
 * of one length those of smaller symbols come first, and no code is a prefix of another, so the lengths define the code.
 */
const CODE_LENGTHS =
  "dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6cad67777777777777777777777878djde6f5656566657766" +
  "6567655677777fbedskmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmnqqkjmnmpqqqrrqopjlqrrqrollqq" +
  "srrrkoklmllnmmppooqnqrqqrrrrrsrrrrrqu";

/** The symbol that stands for the end and must not occur. */
const EOS = 256;

/** Bits of an entry of {@link huffmanTable}. */
export const Huffman = {
  /** An octet has been completed; it is in the bits above. */
  SYMBOL: 0x200,
  /** A string may end here: what is left over is padding. */
  MAY_END: 0x400,
  /** No valid string leads here. */
  FAILED: 0x800,
  /** The current node. */
  NODE: 0x1ff,
  /** The position of the octet's lowest bit. */
  SHIFT: 12,
} as const;

let table: Int32Array | undefined;

/**
 * Where four bits lead from each node of the code tree: entry `node * 16 + bits`. No code is shorter than five bits, so four complete
 * one octet at most. Built on first use.
 */
export function huffmanTable(): Int32Array {
  table ??= buildHuffmanTable();
  return table;
}

function buildHuffmanTable(): Int32Array {
  const tree = buildTree();
  const mayEnd = new Set<number>();
  // Padding is a prefix of EOS: at most seven bits, all ones.
  for (let node = 0, bits = 0; bits <= 7; bits++) {
    mayEnd.add(node);
    node = tree[node * 2 + 1] ?? 0;
  }
  const entries = new Int32Array((tree.length / 2) * 16);
  for (let node = 0; node < tree.length / 2; node++) {
    for (let bits = 0; bits < 16; bits++) entries[node * 16 + bits] = walk(tree, node, bits, mayEnd);
  }
  return entries;
}

function walk(tree: readonly number[], from: number, bits: number, mayEnd: ReadonlySet<number>): number {
  let node = from;
  let symbol = -1;
  for (let mask = 8; mask > 0; mask >>= 1) {
    const next = tree[node * 2 + ((bits & mask) === 0 ? 0 : 1)] ?? 0;
    if (next >= 0) {
      node = next;
      continue;
    }
    symbol = ~next;
    if (symbol === EOS) return Huffman.FAILED;
    node = 0;
  }
  const emitted = symbol < 0 ? 0 : Huffman.SYMBOL | (symbol << Huffman.SHIFT);
  return node | emitted | (mayEnd.has(node) ? Huffman.MAY_END : 0);
}

/** The code tree: a pair of numbers per node, each the next node or, inverted, a symbol. */
function buildTree(): readonly number[] {
  const symbols = Array.from(CODE_LENGTHS, (digit, symbol) => ({ symbol, length: Number.parseInt(digit, 36) }));
  symbols.sort((a, b) => a.length - b.length || a.symbol - b.symbol);
  const tree = [0, 0];
  let code = 0;
  let lastLength = symbols[0]?.length ?? 0;
  for (const { symbol, length } of symbols) {
    code *= 2 ** (length - lastLength);
    lastLength = length;
    let node = 0;
    for (let bit = length - 1; bit > 0; bit--) {
      const at = node * 2 + ((code >>> bit) & 1);
      if (tree[at] === 0) tree[at] = tree.push(0, 0) / 2 - 1;
      node = tree[at] ?? 0;
    }
    tree[node * 2 + (code & 1)] = ~symbol;
    code++;
  }
  return tree;
}
