// SPDX-License-Identifier: Apache-2.0
// How often tokens are minted, for whom, and what is counted.

import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { type MinterStage, openMinterStage, ROBOT } from "../../../support/minter-stage.js";
import { rejectionOf } from "../../../support/rejection-of.js";

const STORAGE = "https://www.googleapis.com/auth/devstorage.read_only";

let stage: MinterStage;
beforeAll(async () => {
  stage = await openMinterStage();
});
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
});

it("callers at once and later ones share one token of the account", async () => {
  const minter = stage.minter();
  expect([minter.account, minter.expiresAt]).toEqual([ROBOT, undefined]);
  const tokens = await Promise.all(Array.from({ length: 20 }, () => minter.accessToken(undefined)));
  expect(new Set(tokens.map(({ value }) => value)).size).toBe(1);
  expect(stage.methods()).toEqual(["GenerateAccessToken"]);
  expect(minter.expiresAt).toBe(tokens[0]?.expiresAt);
  await minter.accessToken(undefined);
  expect(minter.counts).toMatchObject({ mints: 1, failures: 0 });
  expect(minter.counts.hits).toBeGreaterThanOrEqual(1);
});

it("each set of scopes has a token of its own, and so has each audience", async () => {
  const minter = stage.minter({ scopes: [STORAGE] });
  expect(minter.scopes).toEqual([STORAGE]);
  const [own, same, other] = [
    await minter.accessToken(undefined),
    await minter.accessToken([STORAGE]),
    await minter.accessToken(["https://www.googleapis.com/auth/cloud-platform"]),
  ];
  expect([same.value === own.value, other.value === own.value]).toEqual([true, false]);
  const claimsOf = ({ value }: { value: string }) =>
    JSON.parse(Buffer.from(value.split(".")[1] ?? "", "base64url").toString());
  const [a, b] = [await minter.idToken("https://a.example"), await minter.idToken("https://b.example")];
  expect([claimsOf(a).aud, claimsOf(a).email, claimsOf(b).aud]).toEqual([
    "https://a.example",
    ROBOT,
    "https://b.example",
  ]);
  await minter.idToken("https://a.example");
  expect(minter.counts).toEqual({ mints: 4, hits: 2, failures: 0 });
});

it("a token is renewed when that is asked for, and forgotten when they are dropped", async () => {
  const minter = stage.minter();
  const first = await minter.accessToken(undefined);
  const second = await minter.renew();
  expect(second.value).not.toBe(first.value);
  minter.drop();
  expect((await minter.accessToken(undefined)).value).not.toBe(second.value);
  expect(minter.counts.mints).toBe(3);
});

it("a refusal is the service's own, and counted", async () => {
  const minter = stage.minter({ target: { account: "nobody@my-project.iam.gserviceaccount.com", delegates: [] } });
  const error = await rejectionOf(minter.accessToken(undefined));
  expect(String(error)).toMatch(/NOT_FOUND|PERMISSION_DENIED/);
  expect(minter.counts).toEqual({ mints: 0, hits: 0, failures: 1 });
});

it("a caller may leave by its signal", async () => {
  const reason = new Error("gone");
  expect(await rejectionOf(stage.minter().accessToken(undefined, AbortSignal.abort(reason)))).toBe(reason);
});
