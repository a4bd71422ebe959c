// SPDX-License-Identifier: Apache-2.0
// The benchmark's soak of the emulator in short: calls over 256 streams of one connection that faults end again and again.
// Emulator and client are processes of their own, on the built package.

import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { soakCount } from "../support/soak-share.js";

const BENCH = resolve(__dirname, "../bench/run.mjs");
const LONGEST_MS = 10_800_000 /* half a millisecond a call, if the machine has nothing else to do */;
const CALLS = soakCount(1_000_000);
/** Which calls are refused, as the plan of the soak has it: what strikes a call otherwise comes first. */
const isRefused = (index: number): boolean =>
  index % 101 === 21 && index % 397 !== 396 && index % 47 !== 7 && index % 53 !== 31;
const INDEXES = Array.from({ length: CALLS }, (_, index) => index);
const REFUSED = INDEXES.filter(isRefused).length;
const ASKED = INDEXES.filter((index) => index % 100 === 0 && !isRefused(index)).length;
/** Between half of the calls and all: what is left after a collection goes up and down by less. */
const MOST_GROWTH_MIB = 3;

describe(`${CALLS} calls over 256 streams, with faults`, () => {
  // What the section of the benchmark records.
  let record: Readonly<Record<string, unknown>>;

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), "soak-"));
    const out = join(folder, "records");
    const args = [BENCH, "--mini", "--only", "soak", "--out", out];
    try {
      // It fails when a process does not end by itself.
      await promisify(execFile)(process.execPath, args, {
        timeout: LONGEST_MS,
        env: { ...process.env, SOAK_SHARE: String(CALLS / 1_000_000) },
        maxBuffer: Infinity,
      });
      record = JSON.parse(readFileSync(out, "utf8"));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, LONGEST_MS);

  test("no call is lost: each ends with its answer, or with the refusal of its fault", () => {
    expect(record).toMatchObject({
      calls: CALLS,
      answered: CALLS - REFUSED,
      refused: REFUSED,
      failed: 0,
      failures: {},
    });
  });

  test("no call has the answer of another: signatures, lifetimes and scopes are its own", () => {
    expect(record).toMatchObject({ wrong: 0, twice: 0, asked: ASKED });
  });

  test("the log has each attempt once at most, and an OK for every call that was answered and for no other", () => {
    expect(record).toMatchObject({ sentTwice: 0, unexplained: 0 });
    const { arrived, attempts } = record as { arrived: number; attempts: number };
    expect(arrived).toBeLessThanOrEqual(attempts);
    expect(arrived).toBeGreaterThanOrEqual(CALLS);
    // Whoever shares a connection with a call that is struck has to repeat itself.
    expect(attempts).toBeGreaterThan(CALLS);
  });

  test("the client's memory does not grow with the number of calls", () => {
    const { points } = record as { points: { client: { heapMiB: number } }[] };
    const [, half, , all] = points.map(({ client }) => client.heapMiB);
    expect(half).toBeGreaterThan(0);
    expect(Number(all) - Number(half)).toBeLessThan(MOST_GROWTH_MIB);
  });

  test("the emulator's process ends by itself after close(), with no port, socket or timer left", () => {
    expect(record).toMatchObject({ left: [], portOpen: false });
  });
});
