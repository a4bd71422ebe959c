// SPDX-License-Identifier: Apache-2.0
// One holder at a time, at whatever moment another steps in: clocks here let others act where a process would have been interrupted.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { takeFileLease } from "../../../../src/cli/cache/file-lease.js";
import type { Lease } from "../../../../src/cli/cache/token-store.js";
import { ManualClock } from "../../../support/manual-clock.js";

const MS = 10_000;

let parent: string;
let folder: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "lease-"));
  folder = join(parent, "key.lease");
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

/** A clock that lets another process act when it is looked at for the n-th time. */
function interruptedAt(n: number, clock: ManualClock, act: () => void): { wallNow(): number } {
  let looks = 0;
  return {
    wallNow() {
      looks += 1;
      if (looks === n) act();
      return clock.wallNow();
    },
  };
}

/** Renames the one file of the lease. */
function rewriteHolder(rewrite: (name: string) => string): void {
  const [name = ""] = readdirSync(folder);
  renameSync(join(folder, name), join(folder, rewrite(name)));
}

/** The number of a process that has ended. */
const deadPid = (): number => spawnSync(process.execPath, ["-e", ""]).pid;

describe("a lease", () => {
  it("has one holder, and is free again once released, without a trace", async () => {
    const clock = new ManualClock();
    const first = takeFileLease(folder, MS, clock);
    expect([first === undefined, takeFileLease(folder, MS, clock)]).toEqual([false, undefined]);
    await first?.release();
    expect(readdirSync(parent)).toEqual([]);
    expect(takeFileLease(folder, MS, clock)).toBeDefined();
  });

  it("ends by itself, and its late holder doesn't release the next one's", async () => {
    const clock = new ManualClock();
    const late = takeFileLease(folder, MS, clock);
    await clock.advance(MS);
    const next = takeFileLease(folder, MS, clock);
    expect(next).toBeDefined();
    await late?.release();
    expect(takeFileLease(folder, MS, clock)).toBeUndefined();
    await next?.release();
    expect(readdirSync(parent)).toEqual([]);
  });

  it.each([1, 2])("that is over goes to one of two that find it so, the other being quicker by %i looks", async (n) => {
    const clock = new ManualClock();
    takeFileLease(folder, MS, clock);
    await clock.advance(MS);
    let quicker: Lease | undefined;
    const act = () => {
      quicker = takeFileLease(folder, MS, clock);
    };
    const slower = takeFileLease(folder, MS, interruptedAt(n, clock, act));
    expect([quicker === undefined, slower]).toEqual([false, undefined]);
    expect(takeFileLease(folder, MS, clock)).toBeUndefined();
  });

  it("goes to one of two that find it free, and leaves nothing of the other", () => {
    const clock = new ManualClock();
    let quicker: Lease | undefined;
    const act = () => {
      quicker = takeFileLease(folder, MS, clock);
    };
    const slower = takeFileLease(folder, MS, interruptedAt(1, clock, act));
    expect([quicker === undefined, slower]).toEqual([false, undefined]);
    expect(readdirSync(parent)).toEqual(["key.lease"]);
  });

  it("is over when its holder has died", () => {
    const clock = new ManualClock();
    takeFileLease(folder, MS, clock);
    rewriteHolder((name) => name.replace(`-${process.pid}-`, `-${deadPid()}-`));
    expect(takeFileLease(folder, MS, clock)).toBeDefined();
  });

  it("of another machine ends by time alone: its processes can't be seen from here", async () => {
    const clock = new ManualClock();
    takeFileLease(folder, MS, clock);
    rewriteHolder((name) => name.replace(/^[0-9a-f]{8}-\d+-/, `00000000-${deadPid()}-`));
    expect(takeFileLease(folder, MS, clock)).toBeUndefined();
    await clock.advance(MS);
    expect(takeFileLease(folder, MS, clock)).toBeDefined();
  });

  it("is not held by a file of a stranger", () => {
    mkdirSync(folder);
    writeFileSync(join(folder, ".DS_Store"), "");
    expect(takeFileLease(folder, MS, new ManualClock())).toBeDefined();
  });

  it("is refused with the system's error where nothing can be written", () => {
    expect(() => takeFileLease(join(parent, "missing", "key.lease"), MS, new ManualClock())).toThrow("ENOENT");
  });
});
