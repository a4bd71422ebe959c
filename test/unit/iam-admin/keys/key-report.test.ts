// SPDX-License-Identifier: Apache-2.0
// Ages of keys, and which of them could go.

import { Timestamp } from "../../../../src/base/timestamp.js";
import { reportKeys, summarizeKey } from "../../../../src/iam-admin/keys/key-report.js";
import type { ServiceAccountKey } from "../../../../src/iam-admin/keys/service-account-key.js";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const DAY_SECONDS = 86_400;

/** A key by its id and age. @param more what else is different */
function key(id: string, ageDays: number | undefined, more: Partial<ServiceAccountKey> = {}): ServiceAccountKey {
  const at = (days: number) => new Timestamp(NOW / 1000 + days * DAY_SECONDS, 0);
  return {
    ...{
      name: `projects/p/serviceAccounts/robot@p.iam.gserviceaccount.com/keys/${id}`,
      privateKeyType: "TYPE_UNSPECIFIED",
    },
    ...{ keyAlgorithm: "KEY_ALG_RSA_2048", privateKeyData: Buffer.alloc(0), publicKeyData: Buffer.alloc(0) },
    validAfterTime: ageDays === undefined ? undefined : at(-ageDays),
    ...{ validBeforeTime: at(3650), keyOrigin: "GOOGLE_PROVIDED", keyType: "USER_MANAGED", disabled: false },
    ...more,
  };
}
const summarize = (keys: ServiceAccountKey[]) => keys.map((each) => summarizeKey(each, NOW));

test("a report counts user-managed keys alone, the oldest first, those of unknown age last", () => {
  const report = reportKeys(
    summarize([key("b", 2), key("x", undefined), key("s", 9, { keyType: "SYSTEM_MANAGED" }), key("c", 5)]),
  );
  expect(report).toMatchObject({ used: 3, limit: 10, oldest: { keyId: "c", ageDays: 5 }, oldestUnused: undefined });
  expect(report.keys.map(({ keyId }) => keyId)).toEqual(["c", "b", "x"]);
  expect(report.text).toBe("3 of 10 user-managed keys, oldest c (5 days old), none of them disabled or expired");
});

test.each([
  [[], "0 of 10 user-managed keys"],
  [[key("a", 1)], "1 of 10 user-managed keys, oldest a (1 day old), none of them disabled or expired"],
  [
    [key("a", 412), key("b", 90, { disabled: true }), key("c", 30, { disabled: true })],
    "3 of 10 user-managed keys, oldest unused b (disabled, 90 days old)",
  ],
  [
    [key("a", 5, { disabled: true }), key("b", 400, { validBeforeTime: new Timestamp(NOW / 1000, 0) })],
    "2 of 10 user-managed keys, oldest unused b (expired, 400 days old)",
  ],
])("%# says in a sentence which key could go", (keys, text) => {
  expect(reportKeys(summarize(keys)).text).toBe(text);
});

test("a clock that is behind the service makes no negative age", () => {
  expect(summarizeKey(key("a", -1), NOW).ageDays).toBe(0);
});
