// SPDX-License-Identifier: Apache-2.0
// Users who have logged in, what is revoked with a token and with its grant, delegations and providers.

import { describe, expect, it } from "@jest/globals";
import { LoginBook } from "../../../../../src/emulator/world/logins/login-book.js";
import { builtInProvider, providerName } from "../../../../../src/emulator/world/logins/login-options.js";
import { openKeyPool } from "../../../../support/key-pool.js";

const ROBOT = "robot@my-project.iam.gserviceaccount.com";
const SCOPES = ["https://www.googleapis.com/auth/drive"];

function open(delegations: ConstructorParameters<typeof LoginBook>[1] = []) {
  return new LoginBook(() => 0, delegations, [builtInProvider], openKeyPool());
}

describe("a login", () => {
  it("has a client, a secret and a refresh token of its own, by which it is found", () => {
    const logins = open();
    const [one, other] = [
      logins.createRefreshToken("a@b.example", SCOPES),
      logins.createRefreshToken("a@b.example", SCOPES),
    ];
    expect(one).toMatchObject({ user: "a@b.example", scopes: SCOPES });
    expect(new Set([one.clientId, other.clientId, one.clientSecret, other.clientSecret]).size).toBe(4);
    expect(logins.findRefreshToken(one.refreshToken)).toBe(one);
    expect([logins.hasClient(one.clientId), logins.hasClient("another")]).toEqual([true, false]);
    expect(logins.refreshTokens()).toEqual([one, other]);
  });

  it("is over when its refresh token is revoked, and so are the access tokens of its grant", () => {
    const logins = open();
    const { refreshToken } = logins.createRefreshToken("a@b.example", SCOPES);
    const grantId = logins.grantIdOf(refreshToken);
    expect(grantId).not.toContain(refreshToken);
    expect(logins.isRevoked("access", grantId)).toBe(false);
    logins.revoke(refreshToken);
    expect([logins.findRefreshToken(refreshToken), logins.refreshTokens()]).toEqual([undefined, []]);
    expect([logins.isRevoked("access", grantId), logins.isRevoked("access")]).toEqual([true, false]);
  });

  it("outlives an access token of it that is revoked by itself", () => {
    const logins = open();
    const entry = logins.createRefreshToken("a@b.example", SCOPES);
    logins.revoke("access");
    expect([logins.isRevoked("access"), logins.isRevoked("another")]).toEqual([true, false]);
    expect(logins.findRefreshToken(entry.refreshToken)).toBe(entry);
  });

  it("is forgotten by a reset, and so is what was revoked; providers and delegations stay", () => {
    const delegation = { serviceAccount: ROBOT, scopes: SCOPES };
    const logins = open([delegation]);
    const { refreshToken } = logins.createRefreshToken("a@b.example", SCOPES);
    logins.revoke("access");
    logins.clear();
    expect([logins.findRefreshToken(refreshToken), logins.isRevoked("access")]).toEqual([undefined, false]);
    expect([logins.providers(), logins.delegations()]).toEqual([[builtInProvider], [delegation]]);
  });
});

it("the oldest of 10,000 revoked tokens is forgotten first", () => {
  const logins = open();
  for (let index = 0; index <= 10_000; index++) logins.revokeGrant(`grant-${index}`);
  expect([logins.isRevoked("", "grant-0"), logins.isRevoked("", "grant-1")]).toEqual([false, true]);
});

it("an account may have users' tokens for the scopes of all its delegations", () => {
  const logins = open([
    { serviceAccount: ROBOT, scopes: ["a", "b"] },
    { serviceAccount: "other@p.iam.gserviceaccount.com", scopes: ["c"] },
    { serviceAccount: ROBOT, scopes: ["b", "d"] },
  ]);
  expect([...logins.delegatedScopes(ROBOT)]).toEqual(["a", "b", "d"]);
  expect([...logins.delegatedScopes("nobody@p.iam.gserviceaccount.com")]).toEqual([]);
});

it("a provider is found by its name, and replaced by another of that name", () => {
  const logins = open();
  const again = { ...builtInProvider, allowedAudiences: ["https://x.example"] };
  logins.addProvider(again);
  expect(logins.findProvider(providerName(builtInProvider))).toBe(again);
  expect([logins.providers(), logins.findProvider("//iam.googleapis.com/x")]).toEqual([[again], undefined]);
});
