// SPDX-License-Identifier: Apache-2.0
// Metadata of an error when grpc-js is not available, as in a bundle that leaves it out: the members that callers read and write. Knows no
// call.

type Value = string | Buffer;

/** What `Metadata` of grpc-js does with the metadata of an answer. */
export class PlainMetadata {
  readonly #values = new Map<string, Value[]>();
  #options: object = {};

  /** Replaces all values of a key with one. */
  set(key: string, value: Value): void {
    this.#values.set(key.toLowerCase(), [value]);
  }

  /** Adds a value to those of a key. */
  add(key: string, value: Value): void {
    this.#values.set(key.toLowerCase(), [...this.get(key), value]);
  }

  /** Removes a key and its values. */
  remove(key: string): void {
    this.#values.delete(key.toLowerCase());
  }

  /** All values of a key. */
  get(key: string): Value[] {
    return this.#values.get(key.toLowerCase()) ?? [];
  }

  /** The first value of each key. */
  getMap(): { [key: string]: Value } {
    return Object.fromEntries(
      [...this.#values].flatMap(([key, [first]]) => (first === undefined ? [] : [[key, first]])),
    );
  }

  /** A copy that can be changed. */
  clone(): PlainMetadata {
    const copy = new PlainMetadata();
    copy.merge(this);
    copy.setOptions(this.#options);
    return copy;
  }

  /** Adds the values of another. */
  merge(other: PlainMetadata): void {
    for (const [key, values] of Object.entries(other.toJSON())) for (const value of values) this.add(key, value);
  }

  /** Keeps options, which mean something only to a channel. */
  setOptions(options: object): void {
    this.#options = options;
  }

  /** The options that were kept. */
  getOptions(): object {
    return this.#options;
  }

  /** As headers of HTTP/2, bytes in base64. */
  toHttp2Headers(): { [key: string]: string | string[] } {
    const textOf = (value: Value): string => (typeof value === "string" ? value : value.toString("base64"));
    const headers = [...this.#values].filter(([key]) => !key.startsWith(":"));
    return Object.fromEntries(
      headers.map(([key, values]) => {
        const [first = "", ...others] = values.map(textOf);
        return [key, others.length === 0 ? first : [first, ...others]];
      }),
    );
  }

  /** All values by key. */
  toJSON(): { [key: string]: Value[] } {
    return Object.fromEntries([...this.#values].map(([key, values]) => [key, [...values]]));
  }
}
