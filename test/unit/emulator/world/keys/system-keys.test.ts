// SPDX-License-Identifier: Apache-2.0
// Keys on the clock: who signs when, and how long a key is published before and after. And what else the clock ends.

import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { IAMCredentialsService as rows } from "../../../../../generated/google/iam/credentials/v1/iamcredentials.js";
import { ALICE, nameOf, openStage, type Stage, TARGET } from "../../stage.js";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

async function publishedIds(): Promise<string[]> {
  const response = await fetch(`${stage.emulator.url}/service_accounts/v1/metadata/x509/${TARGET}`);
  return Object.keys((await response.json()) as object);
}

async function sign(): Promise<string> {
  const request = { name: nameOf(TARGET), delegates: [], payload: "{}" };
  return (await stage.client.call(rows.signJwt, request, { token: "owner" })).signedJwt;
}

const signerOf = (jwt: string) => decodeProtectedHeader(jwt).kid;

test("a key signs for thirteen days, its successor is published half a day before it signs, and it stays half a day after", async () => {
  const old = await sign();
  expect(await publishedIds()).toEqual([signerOf(old)]);
  stage.emulator.advanceClock(12 * DAY_MS + 6 * HOUR_MS);
  expect(await publishedIds()).toEqual([signerOf(old)]);
  stage.emulator.advanceClock(7 * HOUR_MS);
  const [first, next, ...others] = await publishedIds();
  expect([first, others]).toEqual([signerOf(old), []]);
  expect(signerOf(await sign())).toBe(first);
  stage.emulator.advanceClock(11 * HOUR_MS + 60_000);
  expect(signerOf(await sign())).toBe(next);
  expect(await publishedIds()).toEqual([next, first]);
  const keys = createRemoteJWKSet(new URL(`${stage.emulator.url}/service_accounts/v1/metadata/jwk/${TARGET}`));
  await jwtVerify(old, keys);
  stage.emulator.advanceClock(12 * HOUR_MS);
  expect(await publishedIds()).toEqual([next]);
});

test("after a leap of the clock there is one new key", async () => {
  const old = signerOf(await sign());
  stage.emulator.advanceClock(100 * DAY_MS);
  const ids = await publishedIds();
  expect(ids).toHaveLength(1);
  expect(ids).not.toContain(old);
});

test("an access token ends when the clock says so, and advanceClock takes no step back", async () => {
  const token = await stage.emulator.accessToken(ALICE);
  const request = { name: nameOf(TARGET), delegates: [], payload: Buffer.of(1) };
  stage.emulator.advanceClock(HOUR_MS - 60_000);
  await stage.client.call(rows.signBlob, request, { token });
  stage.emulator.advanceClock(60_000);
  expect((await stage.client.refusal(rows.signBlob, request, { token })).code).toBe(16);
  expect(() => stage.emulator.advanceClock(-1)).toThrow(
    new TypeError("ms must be a non-negative number of milliseconds, not -1"),
  );
});
