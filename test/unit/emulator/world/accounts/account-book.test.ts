// SPDX-License-Identifier: Apache-2.0
// Accounts by e-mail, unique id and member, and those that are deleted for as long as they can come back.

import { expect, it } from "@jest/globals";
import { AccountBook, memberOf } from "../../../../../src/emulator/world/accounts/account-book.js";
import { openKeyPool } from "../../../../support/key-pool.js";

const ROBOT = "robot@my-project.iam.gserviceaccount.com";
const DAY_MS = 24 * 3_600_000;

function open() {
  const time = { now: 0 };
  return { time, accounts: new AccountBook(() => time.now, openKeyPool()) };
}

it("an account has 21 digits of its own, the project of its e-mail, and nothing else at first", () => {
  const { accounts } = open();
  const account = accounts.add(ROBOT);
  expect(account).toMatchObject({
    email: ROBOT,
    projectId: "my-project",
    displayName: "",
    description: "",
    disabled: false,
  });
  expect(account.uniqueId).toMatch(/^1\d{20}$/);
  expect(accounts.add("other@my-project.iam.gserviceaccount.com").uniqueId).not.toBe(account.uniqueId);
});

it("an account is added once, whatever unique id is asked for later", () => {
  const { accounts } = open();
  const account = accounts.add(ROBOT, "123");
  expect(accounts.add(ROBOT, "456")).toBe(account);
  expect([...accounts.all()]).toEqual([account]);
});

it("an account is found by e-mail, unique id and as a member, and as nothing else", () => {
  const { accounts } = open();
  const account = accounts.add(ROBOT, "123");
  expect([accounts.find(ROBOT), accounts.find("123"), accounts.ofMember(memberOf(account))]).toEqual(
    Array(3).fill(account),
  );
  expect([accounts.find("456"), accounts.ofMember(ROBOT), accounts.ofMember(`user:${ROBOT}`)]).toEqual(
    Array(3).fill(undefined),
  );
});

it("a deleted account is not found, and comes back within 30 days with its unique id and keys", () => {
  const { accounts, time } = open();
  const account = accounts.add(ROBOT, "123");
  accounts.delete(account);
  expect([accounts.find(ROBOT), accounts.find("123"), [...accounts.all()]]).toEqual([undefined, undefined, []]);
  time.now = 30 * DAY_MS - 1;
  expect(accounts.findDeleted("123")).toBe(account);
  accounts.undelete(account);
  expect([accounts.find(ROBOT), accounts.findDeleted("123")]).toEqual([account, undefined]);
});

it("a deleted account is gone after 30 days", () => {
  const { accounts, time } = open();
  accounts.delete(accounts.add(ROBOT, "123"));
  time.now = 30 * DAY_MS;
  expect(accounts.findDeleted("123")).toBeUndefined();
  time.now = 0;
  expect(accounts.findDeleted("123")).toBeUndefined();
});

it("an e-mail can be another account's while the old one is deleted", () => {
  const { accounts } = open();
  const old = accounts.add(ROBOT, "123");
  accounts.delete(old);
  const young = accounts.add(ROBOT, "456");
  expect([accounts.find(ROBOT), accounts.findDeleted("123")]).toEqual([young, old]);
});

it("restoring leaves the accounts that are named and no other, deleted ones included", () => {
  const { accounts } = open();
  const [kept, gone] = [accounts.add(ROBOT, "123"), accounts.add("gone@my-project.iam.gserviceaccount.com", "456")];
  accounts.delete(kept);
  accounts.restore([kept]);
  expect([[...accounts.all()], accounts.find("456"), accounts.findDeleted("123")]).toEqual([
    [kept],
    undefined,
    undefined,
  ]);
  expect(gone.uniqueId).toBe("456");
});
