// SPDX-License-Identifier: Apache-2.0
// A roster against a Set, for any order of comings and goings.

import { describe, expect, it } from "@jest/globals";
import { Roster } from "../../../../src/base/collections/roster.js";
import { fc } from "../../../support/property.js";

interface Guest {
  readonly name: number;
  place: number | undefined;
}

const guests = (count: number): Guest[] => Array.from({ length: count }, (_, name) => ({ name, place: undefined }));

describe("a roster", () => {
  it("holds who a Set would hold, in its order", () => {
    const move = fc.record({ comes: fc.boolean(), who: fc.nat(199) });
    fc.assert(
      fc.property(fc.array(move, { minLength: 1, maxLength: 1_000 }), (moves) => {
        const all = guests(200);
        const roster = new Roster<"place", Guest>("place");
        const set = new Set<Guest>();
        for (const { comes, who } of moves) {
          const guest = all[who] as Guest; // as: who is less than their number
          if (comes) {
            roster.add(guest);
            set.add(guest);
          } else expect(roster.delete(guest)).toBe(set.delete(guest));
          expect([roster.size, roster.has(guest)]).toEqual([set.size, set.has(guest)]);
          expect(roster.first).toBe([...set][0]);
        }
        expect(roster.all().map(({ name }) => name)).toEqual([...set].map(({ name }) => name));
      }),
    );
  });

  it("keeps its order when most have left, and takes new ones behind", () => {
    const roster = new Roster<"place", Guest>("place");
    const all = guests(1_000);
    for (const guest of all) roster.add(guest);
    for (const guest of all) if (guest.name % 100 !== 7) roster.delete(guest);
    const late = { name: -1, place: undefined };
    roster.add(late);
    expect(roster.all().map(({ name }) => name)).toEqual([7, 107, 207, 307, 407, 507, 607, 707, 807, 907, -1]);
    expect(late.place).toBeLessThan(100);
  });

  it("keeps one member's places in two rosters apart", () => {
    const guest = { place: undefined as number | undefined, seat: undefined as number | undefined };
    const places = new Roster<"place", typeof guest>("place");
    const seats = new Roster<"seat", typeof guest>("seat");
    places.add(guest);
    expect([places.has(guest), seats.has(guest), seats.delete(guest)]).toEqual([true, false, false]);
    seats.add(guest);
    places.delete(guest);
    expect([places.size, seats.first]).toEqual([0, guest]);
  });
});
