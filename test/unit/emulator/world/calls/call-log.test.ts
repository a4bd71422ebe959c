// SPDX-License-Identifier: Apache-2.0
// What calls() tells, and what it must not.

import { once } from "node:events";
import { connect } from "node:http2";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { IAMCredentialsService as rows } from "../../../../../generated/google/iam/credentials/v1/iamcredentials.js";
import { CallLog } from "../../../../../src/emulator/world/calls/call-log.js";
import { waitUntil } from "../../../../support/wait-until.js";
import { ALICE, CLOUD_PLATFORM, FIRST, nameOf, openStage, type Stage, TARGET } from "../../stage.js";

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

test("a call is told with caller, account, delegates, status, time and the headers that are no secret", async () => {
  const token = await stage.emulator.accessToken(ALICE);
  const headers = {
    "x-goog-api-client": "gl-node/20 grpc/1.14",
    "x-goog-request-params": `name=${encodeURIComponent(nameOf(TARGET))}`,
    "x-goog-user-project": "billed-project",
  };
  const { uniqueId } = stage.emulator.addServiceAccount(TARGET);
  const request = { name: nameOf(uniqueId), delegates: [], scope: [CLOUD_PLATFORM], lifetime: undefined };
  const before = Date.now();
  await stage.client.call(rows.generateAccessToken, request, { token, headers, timeoutMs: 5_000 });
  expect(stage.emulator.calls()).toEqual([
    {
      service: "iamcredentials.googleapis.com",
      transport: "grpc",
      method: "GenerateAccessToken",
      status: "OK",
      principal: ALICE,
      serviceAccount: TARGET,
      delegates: [],
      id: 1,
      at: expect.any(Date),
      durationMs: expect.any(Number),
      decision: [expect.objectContaining({ from: ALICE, to: TARGET, outcome: "granted" })],
      attempt: 1,
      metadata: headers,
      timeoutMs: expect.any(Number),
      userAgent: expect.stringMatching(/^grpc-node-js\//),
      apiClient: headers["x-goog-api-client"],
      requestParams: headers["x-goog-request-params"],
      quotaProject: "billed-project",
    },
  ]);
  const [call] = stage.emulator.calls();
  expect(call?.timeoutMs).toBeGreaterThan(3_000);
  expect(call?.timeoutMs).toBeLessThanOrEqual(5_000);
  expect(call?.at.getTime()).toBeGreaterThanOrEqual(before);
});

test("refused calls are told with as much as could be found out", async () => {
  const token = await stage.emulator.accessToken(ALICE);
  const request = { name: nameOf(TARGET), delegates: [nameOf(FIRST), "?"], payload: "{}" };
  await stage.client.refusal(rows.signJwt, request);
  await stage.client.refusal(rows.signJwt, request, { token });
  await stage.client.refusal(rows.signJwt, { ...request, delegates: [nameOf(FIRST)] }, { token });
  const ghost = { ...request, name: nameOf("ghost@x.example"), delegates: [] };
  await stage.client.refusal(rows.signJwt, ghost, { token });
  await stage.client.refusal(rows.signJwt, { ...ghost, name: "?" }, { token });
  const told = stage.emulator.calls().map(({ principal, serviceAccount, delegates, status }) => {
    return { principal, serviceAccount, delegates, status };
  });
  expect(told).toEqual([
    { status: "UNAUTHENTICATED", principal: undefined, serviceAccount: undefined, delegates: [] },
    { status: "INVALID_ARGUMENT", principal: ALICE, serviceAccount: TARGET, delegates: [FIRST, "(malformed)"] },
    { status: "PERMISSION_DENIED", principal: ALICE, serviceAccount: TARGET, delegates: [FIRST] },
    { status: "NOT_FOUND", principal: ALICE, serviceAccount: "ghost@x.example", delegates: [] },
    { status: "INVALID_ARGUMENT", principal: ALICE, serviceAccount: undefined, delegates: [] },
  ]);
});

test("a call whose deadline passed is told as DEADLINE_EXCEEDED", async () => {
  let giveUp = (_reason: Error): void => undefined;
  const keyless = await openStage({}, () => new Promise((_, reject) => (giveUp = reject)));
  // A client that does not cancel: grpc-js would, at the same moment, and then either may be first.
  const session = connect(keyless.emulator.url);
  const stream = session.request({
    ":method": "POST",
    ":path": rows.signJwt.path,
    "content-type": "application/grpc",
    te: "trailers",
    authorization: "Bearer owner",
    "grpc-timeout": "200m",
  });
  const message = rows.signJwt.requestSerialize({ name: nameOf(TARGET), delegates: [], payload: "{}" });
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  stream.end(Buffer.concat([head, message]));
  stream.resume();
  const [trailers] = await Promise.race([once(stream, "trailers"), once(stream, "response")]);
  expect(trailers["grpc-status"]).toBe("4");
  giveUp(new Error("the key did not come"));
  await waitUntil("the call is told", () => keyless.emulator.calls().length === 1);
  expect(keyless.emulator.calls()[0]).toMatchObject({ method: "SignJwt", status: "DEADLINE_EXCEEDED" });
  session.destroy();
  await keyless.close();
});

test("no token, payload or key is in it", async () => {
  const file = await stage.emulator.createServiceAccountKey(TARGET);
  const token = await stage.emulator.accessToken(ALICE);
  const secret = "planted-secret";
  const account = { name: nameOf(TARGET), delegates: [] };
  const minted = await stage.client.call(
    rows.generateAccessToken,
    { ...account, scope: [CLOUD_PLATFORM], lifetime: undefined },
    { token },
  );
  const idToken = await stage.client.call(
    rows.generateIdToken,
    { ...account, audience: secret, includeEmail: true },
    { token },
  );
  const jwt = await stage.client.call(rows.signJwt, { ...account, payload: `{"x":"${secret}"}` }, { token });
  await stage.client.call(rows.signBlob, { ...account, payload: Buffer.from(secret) }, { token });
  await stage.client.refusal(
    rows.signBlob,
    { name: secret, delegates: [secret], payload: Buffer.from(secret) },
    { token },
  );
  await stage.client.refusal(rows.signJwt, { ...account, payload: secret }, { token: secret });
  const told = JSON.stringify(stage.emulator.calls());
  expect(stage.emulator.calls()).toHaveLength(6);
  for (const text of [secret, token, minted.accessToken, idToken.token, jwt.signedJwt, file.private_key, "Bearer"]) {
    expect(told).not.toContain(text);
  }
});

test("what calls() gave does not change afterwards, nor can it be changed", async () => {
  const request = { name: nameOf(TARGET), delegates: [], payload: "{}" };
  const before = stage.emulator.calls();
  await stage.client.call(rows.signJwt, request, { token: "owner" });
  expect(before).toEqual([]);
  expect(Object.isFrozen(stage.emulator.calls()[0])).toBe(true);
});

test("the oldest calls are forgotten beyond the limit", () => {
  const log = new CallLog(10);
  const record = {
    service: "x",
    transport: "grpc",
    status: "OK",
    delegates: [],
    at: new Date(0),
    durationMs: 1,
  } as const;
  for (let n = 0; n < 1_005; n++) log.add({ ...record, method: String(n) });
  expect(log.list().map(({ method }) => method)).toEqual(Array.from({ length: 10 }, (_, n) => String(995 + n)));
});
