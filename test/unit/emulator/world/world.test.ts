// SPDX-License-Identifier: Apache-2.0
// What a world is made of, and what is forgotten when it is cleared.

import { expect, it } from "@jest/globals";
import { clearWorld } from "../../../../src/emulator/world/world.js";
import { openEmptyWorld } from "../empty-world.js";

const ROBOT = "robot@my-project.iam.gserviceaccount.com";

it("an empty world has no accounts, roles of its own, faults or calls", () => {
  const world = openEmptyWorld();
  expect([[...world.accounts.all()], world.roles.all(), world.faults.list(), world.calls.list()]).toEqual([
    [],
    [],
    [],
    [],
  ]);
  expect(world.now()).toBeGreaterThan(Date.now() - 60_000);
});

it("its parts share one clock and one book of accounts", () => {
  const world = openEmptyWorld();
  const account = world.accounts.add(ROBOT);
  world.clock.advance(31 * 24 * 3_600_000);
  expect(world.now()).toBeGreaterThan(Date.now() + 30 * 24 * 3_600_000);
  world.accounts.delete(account);
  world.clock.advance(31 * 24 * 3_600_000);
  expect(world.accounts.findDeleted(account.uniqueId)).toBeUndefined();
});

it("clearing forgets everything but accounts, and puts the clock back", () => {
  const world = openEmptyWorld();
  const account = world.accounts.add(ROBOT);
  world.clock.advance(3_600_000);
  world.faults.add({ delayMs: 1 });
  const { refreshToken } = world.logins.createRefreshToken("a@b.example", []);
  clearWorld(world);
  expect([world.faults.list(), world.logins.findRefreshToken(refreshToken)]).toEqual([[], undefined]);
  expect(world.now()).toBeLessThan(Date.now() + 60_000);
  expect(world.accounts.find(ROBOT)).toBe(account);
});
