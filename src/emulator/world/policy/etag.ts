// SPDX-License-Identifier: Apache-2.0
// Decides what an etag of a policy or role is, and how an error message spells its bytes. Knows neither.

const PREFIX = 0x07; // what the etags seen from Google begin with; seven bytes of microseconds follow

/** The etag of a policy that was never written: `ACAB` in base64 (memory). */
export const EMPTY_ETAG: Buffer = Buffer.from("ACAB", "base64");

/** Makes etags that never repeat and grow with time. */
export class EtagMint {
  readonly #now: () => number;
  #lastMicros = 0n;

  /** @param now the clock, in milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The next etag, 8 bytes: for example `BwWKmjvelug=`. */
  next(): Buffer {
    const micros = BigInt(Math.max(0, Math.floor(this.#now() * 1000)));
    this.#lastMicros = micros > this.#lastMicros ? micros : this.#lastMicros + 1n;
    const etag = Buffer.alloc(8);
    etag.writeBigUInt64BE(this.#lastMicros);
    etag[0] = PREFIX; // microseconds fill seven bytes until the year 4253
    return etag;
  }
}

const named: ReadonlyMap<number, string> = new Map([
  [0x0a, "\\n"],
  [0x0d, "\\r"],
  [0x09, "\\t"],
  [0x22, '\\"'],
  [0x27, "\\'"],
  [0x5c, "\\\\"],
]);

/** Spells bytes as Google's messages do: printable ASCII as it is, the rest in octal, `\007\005X`. */
export function formatEtag(etag: Uint8Array): string {
  let text = "";
  for (const byte of etag) {
    const isPrintable = byte >= 0x20 && byte < 0x7f;
    const octal = () => `\\${byte.toString(8).padStart(3, "0")}`;
    text += named.get(byte) ?? (isPrintable ? String.fromCharCode(byte) : octal());
  }
  return text;
}
