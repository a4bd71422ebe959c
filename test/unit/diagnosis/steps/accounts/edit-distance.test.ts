// SPDX-License-Identifier: Apache-2.0
// How far two names are apart, by which a misspelled account is found.

import { expect, test } from "@jest/globals";
import { editDistance } from "../../../../../src/diagnosis/steps/accounts.js";

test.each([
  ["", "", 0],
  ["robot", "robot", 0],
  ["", "robot", 5],
  ["robot", "robots", 1],
  ["robot", "rbot", 1],
  ["robot", "rabot", 1],
  ["robot", "orbot", 2],
  ["kitten", "sitting", 3],
])("%j and %j are %d letters apart, either way", (a, b, distance) => {
  expect([editDistance(a, b), editDistance(b, a)]).toEqual([distance, distance]);
});
