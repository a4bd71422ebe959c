// SPDX-License-Identifier: Apache-2.0
// Who is there, in the order in which they came, where thousands come and go in a second. Does not know what they are.

/** Holes beyond which the members move together. */
const MOST_HOLES = 64;

/**
 * A set whose members know their places. A `Set` leaves each table that it outgrows behind with a pointer to the next one; once such a
 * table has reached V8's old generation, everything that was ever in a later one stays alive until that is collected: at 256 calls in
 * flight 2 KB a call, and most of the time for garbage collection.
 */
export class Roster<Key extends string, Member extends { [Place in Key]: number | undefined }> {
  readonly #key: Key;
  readonly #members: (Member | undefined)[] = [];
  #size = 0;
  /** No member is before this place. */
  #first = 0;

  /** @param key where a member keeps its place; `undefined`: it is not in the roster */
  constructor(key: Key) {
    this.#key = key;
  }

  get size(): number {
    return this.#size;
  }

  /** Who came first. */
  get first(): Member | undefined {
    const members = this.#members;
    while (this.#first < members.length && members[this.#first] === undefined) this.#first++;
    return members[this.#first];
  }

  has(member: Member): boolean {
    return member[this.#key] !== undefined;
  }

  /** Adds one at the end, unless it is there. */
  add(member: Member): void {
    if (this.has(member)) return;
    this.#place(member, this.#members.length);
    this.#size++;
  }

  /** Removes one. Returns whether it was there. */
  delete(member: Member): boolean {
    const place = member[this.#key];
    if (place === undefined) return false;
    this.#members[place] = undefined;
    this.#mark(member, undefined);
    this.#size--;
    if (this.#members.length - this.#size > MOST_HOLES + this.#size) this.#moveTogether();
    return true;
  }

  /** A snapshot. */
  all(): readonly Member[] {
    return this.#members.filter((member) => member !== undefined);
  }

  #moveTogether(): void {
    const members = this.#members;
    let length = 0;
    for (const member of members) if (member !== undefined) this.#place(member, length++);
    members.length = length;
    this.#first = 0;
  }

  #place(member: Member, place: number): void {
    this.#members[place] = member;
    this.#mark(member, place);
  }

  #mark(member: Member, place: number | undefined): void {
    (member as { [Place in Key]: number | undefined })[this.#key] = place; // as: a mapped type of a parameter is read-only to TypeScript
  }
}
