// SPDX-License-Identifier: Apache-2.0
// A user's login at a token endpoint of the emulator's: tokens that are kept and renewed, and what is said when the login is over.

import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { UserTokenProvider } from "../../../src/auth/user-token-provider.js";
import { type Emulator, startEmulator } from "../../../src/emulator/index.js";
import { ManualClock } from "../../support/manual-clock.js";
import { rejectionOf } from "../../support/rejection-of.js";

const LOGIN = {
  clientId: "1-x.apps.googleusercontent.com",
  clientSecret: "the-client-secret",
  refreshToken: "1//the-refresh-token",
  user: "ana@example.com",
};

let emulator: Emulator;
let clock: ManualClock;
beforeEach(async () => {
  clock = new ManualClock();
  emulator = await startEmulator({
    seed: { version: 1, refreshTokens: [{ ...LOGIN, scopes: ["https://www.googleapis.com/auth/cloud-platform"] }] },
  });
});
afterEach(() => emulator.close());

function open(over: Readonly<Record<string, unknown>> = {}) {
  const info = {
    type: "authorized_user",
    client_id: LOGIN.clientId,
    client_secret: LOGIN.clientSecret,
    refresh_token: LOGIN.refreshToken,
    token_uri: `${emulator.url}/token`,
    ...over,
  };
  return new UserTokenProvider(info, { name: "credentials", universeDomain: "googleapis.com", clock });
}
const ask = async (provider: UserTokenProvider) =>
  provider.getRequestMetadata({ signal: new AbortController().signal });
const exchanges = () => emulator.calls().filter(({ method }) => method === "oauth2.token").length;

test("a token is kept until shortly before its end, and is the user's", async () => {
  const provider = open();
  const authorization = (await ask(provider))["authorization"];
  expect((await ask(provider))["authorization"]).toBe(authorization);
  expect(exchanges()).toBe(1);
  const info = await fetch(`${emulator.url}/tokeninfo?access_token=${authorization?.slice("Bearer ".length)}`);
  expect(info.status).toBe(200);
  expect(emulator.calls().some(({ principal }) => principal === `user:${LOGIN.user}`)).toBe(true);
  await clock.advance(3_600_000);
  expect((await ask(provider))["authorization"]).not.toBe(authorization);
  expect(exchanges()).toBe(2);
});

test("callers at once share one exchange", async () => {
  const provider = open();
  const tokens = await Promise.all(Array.from({ length: 20 }, () => ask(provider)));
  expect(new Set(tokens.map((token) => token["authorization"])).size).toBe(1);
  expect(exchanges()).toBe(1);
});

test("the project that the file names goes along", async () => {
  expect(await ask(open({ quota_project_id: "billed" }))).toMatchObject({ "x-goog-user-project": "billed" });
});

test("a login that is over says how to log in again, and repeats no secret", async () => {
  const error = await rejectionOf(ask(open({ refresh_token: "1//another-secret" })));
  const { message } = error as Error; // as: rejectionOf gives what was thrown
  expect(message).toMatch(/^credentials: could not get a token \(.*invalid_grant.*\)/);
  expect(message).toContain("run gcloud auth application-default login again");
  expect(message).not.toMatch(/another-secret|the-client-secret/);
});

test("a waiter that leaves gets its signal's reason", async () => {
  const reason = new Error("left");
  const provider = open();
  const answer = provider.getRequestMetadata({ signal: AbortSignal.abort(reason) });
  await expect(answer).rejects.toBe(reason);
});
