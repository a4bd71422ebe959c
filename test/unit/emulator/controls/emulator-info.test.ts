// SPDX-License-Identifier: Apache-2.0
// What an emulator tells of itself.

import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { ALICE, FIRST, openStage, SECOND, type Stage, TARGET, TOKEN_CREATOR } from "../stage.js";

const SIGN_BLOB = "iam.serviceAccounts.signBlob";
const GRANT = { member: ALICE, role: TOKEN_CREATOR, serviceAccount: TARGET };

let stage: Stage;
beforeEach(async () => {
  stage = await openStage({ grants: [], policyPropagationMs: 60_000 });
});
afterEach(() => stage.close());

test("info tells where the emulator is and whom it knows, and no token", async () => {
  const { emulator } = stage;
  emulator.addGrant(GRANT);
  await emulator.credentialsFile("authorized_user", { user: "dana@example.com" });
  const info = emulator.info();
  expect(info).toMatchObject({
    url: emulator.url,
    consoleUrl: `${emulator.url}/`,
    instance: expect.stringMatching(/^[0-9a-f]{16}$/),
    listeners: ["grpc", "http", "metadataServer"].map((name) => ({ name, url: emulator.url })),
    features: ["console", "owner", "conditions"],
    principals: [
      "owner",
      "user:dana@example.com",
      ALICE,
      ...[TARGET, FIRST, SECOND].map((each) => `serviceAccount:${each}`),
    ],
    propagationMs: 60_000,
  });
  expect(info.permissions).toMatchObject({
    [SIGN_BLOB]: TOKEN_CREATOR,
    "iam.serviceAccounts.getAccessToken": TOKEN_CREATOR,
    "iam.serviceAccounts.getOpenIdToken": "roles/iam.serviceAccountOpenIdTokenCreator",
  });
  expect(JSON.stringify(info)).not.toMatch(/ya29|1\/\/0e/);
});

test("info names the port of each protocol, the authority that clients must trust, and custom roles", async () => {
  const name = "projects/demo-project/roles/signer";
  await using open = await openStage({
    tls: true,
    ports: { metadataServer: 0 },
    allowedHosts: ["emulator.test"],
    roles: [{ name, includedPermissions: [SIGN_BLOB] }],
  });
  const { emulator } = open;
  const info = emulator.info();
  expect(info).toMatchObject({
    features: ["console", "tls", "owner", "conditions"],
    certificateAuthority: emulator.caCertificate,
    consoleUrl: `https://${emulator.host}/`,
  });
  expect(info.listeners).toEqual([
    { name: "grpc", url: emulator.url },
    { name: "http", url: emulator.url },
    { name: "metadataServer", url: `http://${emulator.hosts.metadataServer}` },
  ]);
  expect(info.hosts).toContain("emulator.test");
  expect(info.roles.at(-1)).toEqual({ name, permissions: [SIGN_BLOB] });
  expect(info.instance).not.toBe(stage.emulator.info().instance);
});
