// SPDX-License-Identifier: Apache-2.0
// The tree of the metadata server: the same one until the machine's account is another.

import { expect, test } from "@jest/globals";
import { openMetadataTree } from "../../../../../src/emulator/protocols/metadata/metadata-tree.js";
import { findMetadataEntry } from "../../../../../src/metadata-protocol/metadata-entry.js";
import { openEmptyWorld } from "../../empty-world.js";

const ROBOT = "robot@demo-project.iam.gserviceaccount.com";
const ACCOUNTS = "/computeMetadata/v1/instance/service-accounts/";

test("has the account as long as it is there and enabled", () => {
  const world = openEmptyWorld();
  const { accounts } = world;
  const tree = openMetadataTree({ accounts, machine: { ...world.machine, defaultAccount: ROBOT } });
  const names = () => [...Object(findMetadataEntry(tree(), ACCOUNTS)?.entry).keys()];
  const tokenOf = () => findMetadataEntry(tree(), `${ACCOUNTS}default/token`)?.entry;

  expect(names()).toEqual([]);
  const account = accounts.add(ROBOT);
  expect(names()).toEqual([ROBOT, "default"]);
  expect(tokenOf()).toEqual({ endpoint: "token", account });
  expect(tree()).toBe(tree());

  account.disabled = true;
  expect(names()).toEqual([]);
  account.disabled = false;
  expect(names()).toEqual([ROBOT, "default"]);
  accounts.delete(account);
  expect(names()).toEqual([]);
  const another = accounts.add(ROBOT);
  expect(tokenOf()).toEqual({ endpoint: "token", account: another });
});
