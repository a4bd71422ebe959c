// SPDX-License-Identifier: Apache-2.0
// Tokens that are made for who sets the stage, and what is told of any token.

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { IAMCredentialsService as rows } from "../../../../generated/google/iam/credentials/v1/iamcredentials.js";
import { ALICE, CLOUD_PLATFORM, nameOf, openStage, type Stage, TARGET } from "../stage.js";

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

const ROBOT = `serviceAccount:${TARGET}`;

describe("a token that is made", () => {
  test("calls as its principal, and ends when it says", async () => {
    const { emulator, client } = stage;
    const { token, expiresAt } = await emulator.createToken({ principal: ALICE, lifetime: 60 });
    const sign = { name: nameOf(TARGET), delegates: [], payload: Buffer.from("x") };
    await client.call(rows.signBlob, sign, { token });
    expect(emulator.calls().at(-1)?.principal).toBe(ALICE);
    expect(await emulator.inspectToken(token)).toEqual({
      kind: "access",
      valid: true,
      revoked: false,
      principal: ALICE,
      scopes: [CLOUD_PLATFORM],
      expiresAt,
    });
    emulator.advanceClock(60_000);
    expect(await emulator.inspectToken(token)).toMatchObject({ valid: false, reason: "It has expired." });
  });

  test("is an ID token for an audience", async () => {
    const { emulator } = stage;
    const { token } = await emulator.createToken({ principal: ROBOT, kind: "id", audience: "https://a.example" });
    const told = await emulator.inspectToken(token);
    expect(told).toMatchObject({
      kind: "id",
      valid: true,
      principal: ROBOT,
      audience: "https://a.example",
      header: { alg: "RS256", kid: told.verified?.keyId },
      claims: { iss: "https://accounts.google.com", email: TARGET },
    });
  });

  test.each<[object, string]>([
    [{ kind: "id" }, "audience is missing"],
    [{ audience: "x" }, 'audience needs the kind "id"'],
    [{ kind: "id", audience: "x", lifetime: 1 }, 'lifetime needs the kind "access"'],
    [{ kind: "id", audience: "x", scopes: ["email"] }, 'scopes needs the kind "access"'],
    [{ kind: "refresh" }, 'kind must be one of access, id, not "refresh"'],
    [{ principal: "owner" }, "principal must be an IAM member"],
    [{ expires: 1 }, "expires is not a field of a token"],
  ])("is refused with %j", async (wrong, message) => {
    await expect(stage.emulator.createToken({ principal: ALICE, ...wrong })).rejects.toThrow(message);
  });
});

describe("what is told of a token", () => {
  test("is whether it was revoked, or its account is disabled", async () => {
    const { emulator } = stage;
    const revoked = await emulator.accessToken(ALICE);
    emulator.revokeToken(revoked);
    expect(await emulator.inspectToken(revoked)).toMatchObject({
      valid: false,
      revoked: true,
      reason: "It was revoked.",
    });
    const robot = await emulator.accessToken(ROBOT);
    emulator.updateServiceAccount(TARGET, { disabled: true });
    expect(await emulator.inspectToken(robot)).toMatchObject({
      valid: false,
      revoked: false,
      reason: "Its service account is disabled or deleted.",
    });
  });

  test("is whose refresh token it is", async () => {
    const { emulator } = stage;
    const file = await emulator.credentialsFile("authorized_user", { user: "dana@example.com" });
    const token = String(file["refresh_token"]);
    expect(await emulator.inspectToken(token)).toMatchObject({
      kind: "refresh",
      valid: true,
      principal: "user:dana@example.com",
    });
    emulator.revokeToken(token);
    expect(await emulator.inspectToken(token)).toMatchObject({ kind: "refresh", valid: false, revoked: true });
  });

  test("is what a JWT of an account says, and that its signature is the account's", async () => {
    const { emulator, client } = stage;
    const payload = JSON.stringify({ iss: TARGET, sub: TARGET, aud: "https://iam.googleapis.com/", scope: "a b" });
    const request = { name: nameOf(TARGET), delegates: [], payload };
    const { signedJwt, keyId } = await client.call(rows.signJwt, request, { token: "owner" });
    expect(await emulator.inspectToken(signedJwt)).toMatchObject({
      kind: "jwt",
      valid: true,
      principal: ROBOT,
      scopes: ["a", "b"],
      verified: { keyId },
    });
    const [header = "", , signature = ""] = signedJwt.split(".");
    const forged = [header, Buffer.from('{"iss":"x"}').toString("base64url"), signature].join(".");
    const told = await emulator.inspectToken(forged);
    expect(told).toMatchObject({
      valid: false,
      reason: "It was not signed by a key of the emulator.",
      claims: { iss: "x" },
    });
    expect(told).not.toHaveProperty("verified");
  });

  test("is the header of a JWT of any kind", async () => {
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const unsigned = `${encode({ alg: "none" })}.${encode({ sub: "me", exp: 1e308 })}.`;
    expect(await stage.emulator.inspectToken(unsigned)).toMatchObject({
      kind: "jwt",
      valid: false,
      header: { alg: "none" },
      claims: { sub: "me" },
    });
  });

  test("is that owner counts while it does, and that anything else is nothing", async () => {
    expect(await stage.emulator.inspectToken("owner")).toMatchObject({
      kind: "owner",
      valid: true,
      principal: "owner",
    });
    await using closed = await openStage({ owner: false });
    expect(await closed.emulator.inspectToken("owner")).toMatchObject({ kind: "owner", valid: false });
    for (const nothing of ["x", "a.b.c", "ya29.c.AAAA", "1//0eAAAA", "\u202e", "..", "x".repeat(4096)]) {
      expect(await stage.emulator.inspectToken(nothing)).toMatchObject({ kind: "unknown", valid: false });
    }
    await expect(stage.emulator.inspectToken("")).rejects.toThrow("token must be a non-empty string");
  });
});
