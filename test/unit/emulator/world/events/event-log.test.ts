// SPDX-License-Identifier: Apache-2.0
// What is kept of events, and who is told.

import { describe, expect, test } from "@jest/globals";
import { EventLog } from "../../../../../src/emulator/world/events/event-log.js";

function openLog(limit: number, count: number): EventLog {
  const log = new EventLog(limit);
  for (let index = 0; index < count; index++) log.add("state", {});
  return log;
}

const idsAfter = (log: EventLog, id: number) => log.after(id)?.map((event) => event.id);

describe("the events after one", () => {
  test("are those that came later, in their order", () => {
    expect(idsAfter(openLog(10, 5), 3)).toEqual([4, 5]);
    expect(idsAfter(openLog(10, 5), 0)).toEqual([1, 2, 3, 4, 5]);
  });

  test("are none after the last", () => {
    expect(idsAfter(openLog(10, 5), 5)).toEqual([]);
    expect(idsAfter(openLog(10, 0), 0)).toEqual([]);
  });

  test("are undefined where one of them is forgotten, and where there never was such a number", () => {
    const log = openLog(10, 37);
    expect(idsAfter(log, 27)).toHaveLength(10);
    expect(log.after(26)).toBeUndefined();
    expect(log.after(38)).toBeUndefined();
  });
});

describe("a listener", () => {
  test("is told of each event until it is removed, twice when it is added twice", () => {
    const log = openLog(10, 1);
    const told: number[] = [];
    const listener = ({ id }: { readonly id: number }) => void told.push(id);
    const removals = [log.listen(listener), log.listen(listener)];
    log.add("reset", {});
    removals[0]?.();
    removals[0]?.();
    log.add("fault", {});
    removals[1]?.();
    log.add("fault", {});
    expect(told).toEqual([2, 2, 3]);
  });

  test("that throws keeps nobody else from hearing", () => {
    const log = openLog(10, 0);
    const told: string[] = [];
    log.listen(() => {
      throw new Error("not well");
    });
    log.listen(({ name }) => void told.push(name));
    log.add("clock", { now: new Date(0) });
    expect(told).toEqual(["clock"]);
  });
});
