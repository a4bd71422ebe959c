// SPDX-License-Identifier: Apache-2.0
// The findings that steps make: their states, what they rest on, and what a cause brings along.

import { expect, it, test } from "@jest/globals";
import { findBroken, findCause, findOk, findSkipped, findUnknown } from "../../../../src/diagnosis/facts/finding.js";

const GROUND = { source: "tokeninfo", evidence: ["scopes: email"] };
const NOTHING = { cause: undefined, commands: [] };

test.each([
  ["ok", findOk("it is", GROUND)],
  ["unknown", findUnknown("it is", GROUND)],
  ["cause", findBroken("it is", GROUND)],
])("%s has a text, its source and its evidence, and nothing that mends it", (state, finding) => {
  expect(finding).toEqual({ state, text: "it is", ...GROUND, ...NOTHING });
});

it("without evidence has none", () => {
  expect(findOk("it is", { source: "tokeninfo" }).evidence).toEqual([]);
});

it("that was not asked was said by nobody", () => {
  expect(findSkipped("offline")).toEqual({
    state: "skipped",
    text: "offline",
    source: "nobody",
    evidence: [],
    ...NOTHING,
  });
});

it("of a cause explains it in its situation, with the commands that mend it and who can run them", () => {
  const account = "robot@p.iam.gserviceaccount.com";
  const finding = findCause("account-disabled", { account }, GROUND);
  expect(finding).toMatchObject({ state: "cause", cause: "account-disabled", ...GROUND });
  expect(finding.text).toContain(account);
  expect(finding.commands).toEqual([
    { command: `gcloud iam service-accounts enable ${account}`, runBy: expect.stringMatching(/\w/) },
  ]);
});

it("of a cause that only fits is a suspicion", () => {
  expect(findCause("account-disabled", {}, GROUND, false).state).toBe("suspect");
});
