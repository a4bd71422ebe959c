// SPDX-License-Identifier: Apache-2.0
// A seed makes an emulator, an emulator makes a seed, and reset() goes back to where it began.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { IAMCredentialsService as rows } from "../../../../../generated/google/iam/credentials/v1/iamcredentials.js";
import { type EmulatorSeed, startEmulator } from "../../../../../src/emulator/index.js";
import { JWT_BEARER, postForm, signAssertion } from "../../protocols/oauth/signed-assertion.js";
import { ALICE, CLOUD_PLATFORM, FIRST, nameOf, openStage, TARGET, TOKEN_CREATOR } from "../../stage.js";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "emulator-"));
});
afterAll(() => rm(directory, { recursive: true }));

const request = { name: nameOf(TARGET), delegates: [], payload: Buffer.of(1) };

test("what is exported makes another emulator like it: ids, keys, roles, grants and logins", async () => {
  const role = {
    name: "projects/demo-project/roles/signer",
    title: "Signer",
    includedPermissions: ["iam.serviceAccounts.signBlob"],
  };
  await using first = await openStage({
    roles: [role],
    extendedLifetimeAccounts: [FIRST],
    domainWideDelegation: [{ serviceAccount: FIRST, scopes: [CLOUD_PLATFORM] }],
  });
  const { emulator } = first;
  emulator.addGrant({ member: "user:bob@example.com", role: role.name, project: "demo-project" });
  const expression = 'resource.name.startsWith("projects/")';
  const condition = { title: "always", description: "", expression };
  emulator.addGrant({ member: "user:carol@example.com", role: TOKEN_CREATOR, serviceAccount: TARGET, condition });
  const file = await emulator.createServiceAccountKey(FIRST);
  await emulator.writeCredentialsFile("authorized_user", join(directory, "user.json"), { user: "alice@example.com" });
  const seed = emulator.exportState();
  expect(JSON.stringify(seed)).not.toMatch(/PRIVATE KEY|ya29\./);
  const path = join(directory, "seed.json");
  await writeFile(path, JSON.stringify(seed));

  const second = await startEmulator({ seed: path });
  try {
    expect(second.exportState()).toEqual(seed);
    expect(second.addServiceAccount(TARGET)).toEqual(emulator.addServiceAccount(TARGET));
    const assertion = await signAssertion(file);
    expect((await postForm(`${second.url}/token`, { grant_type: JWT_BEARER, assertion })).code).toBe(200);
    const user = JSON.parse(await readFile(join(directory, "user.json"), "utf8"));
    const { client_id, client_secret, refresh_token } = user;
    const fields = { grant_type: "refresh_token", client_id, client_secret, refresh_token };
    expect((await postForm(`${second.url}/token`, fields)).code).toBe(200);
  } finally {
    await second.close();
  }
});

test("roles keep their text and stage, and what a deleted role granted is left out", async () => {
  const role = (id: string) => `projects/demo-project/roles/${id}`;
  const seed: EmulatorSeed = {
    version: 1,
    serviceAccounts: [{ email: TARGET }],
    roles: [
      { name: role("off"), title: "Off", description: "For later", stage: "DISABLED", includedPermissions: [] },
      { name: role("gone"), title: "Gone", includedPermissions: ["iam.serviceAccounts.signBlob"] },
    ],
    grants: ["off", "gone"].map((id) => ({ member: ALICE, role: role(id), serviceAccount: TARGET })),
  };
  await using stage = await openStage({ serviceAccounts: [], grants: [], ...({ seed } as object) });
  const deleted = await fetch(`${stage.emulator.url}/v1/${role("gone")}`, {
    method: "DELETE",
    headers: { authorization: "Bearer owner" },
  });
  expect(deleted.status).toBe(200);
  const told = stage.emulator.exportState();
  expect(told.roles).toEqual([seed.roles?.[0]]);
  expect(told.grants).toEqual([seed.grants?.[0]]);
  await (await startEmulator({ seed: told })).close();
});

test("every kind of member that a policy was given over the API is in the state, and in the emulator made of it", async () => {
  const members = [
    ALICE,
    "serviceAccount:other@demo-project.iam.gserviceaccount.com",
    "group:g@example.com",
    "domain:example.com",
    "principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/subject/s",
    "principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/*",
    "allUsers",
    "allAuthenticatedUsers",
  ];
  const emulator = await startEmulator({ serviceAccounts: [TARGET] });
  const second = await (async () => {
    try {
      const response = await fetch(`${emulator.url}/v1/projects/-/serviceAccounts/${TARGET}:setIamPolicy`, {
        method: "POST",
        headers: { authorization: "Bearer owner", "content-type": "application/json" },
        body: JSON.stringify({ policy: { bindings: [{ role: TOKEN_CREATOR, members }] } }),
      });
      expect(response.status).toBe(200);
      return await startEmulator({ seed: emulator.exportState() });
    } finally {
      await emulator.close();
    }
  })();
  try {
    expect(second.policy({ serviceAccount: TARGET }).bindings.map(({ member }) => member)).toEqual(members);
  } finally {
    await second.close();
  }
});

test("options come on top of a seed", async () => {
  const seed: EmulatorSeed = {
    version: 1,
    serviceAccounts: [{ email: TARGET, uniqueId: "100000000000000000001", disabled: true, displayName: "Target" }],
    metadataServer: { zone: "europe-west1-b", projectId: "seeded-project" },
  };
  const emulator = await startEmulator({
    seed,
    serviceAccounts: [FIRST],
    metadataServer: { projectId: "given-project" },
  });
  try {
    const told = emulator.exportState();
    expect(told.serviceAccounts?.map(({ email }) => email)).toEqual([TARGET, FIRST]);
    expect(told.serviceAccounts?.[0]).toEqual(seed.serviceAccounts?.[0]);
    expect(told.metadataServer).toMatchObject({ zone: "europe-west1-b", projectId: "given-project" });
  } finally {
    await emulator.close();
  }
});

test("reset() goes back to the start: grants, faults, calls, keys and the clock, but ids and tokens stay", async () => {
  await using stage = await openStage();
  const { emulator } = stage;
  const before = emulator.exportState();
  const token = await emulator.accessToken(ALICE);
  const file = await emulator.createServiceAccountKey(FIRST);
  const { keyId } = await stage.client.call(rows.signBlob, request, { token });
  emulator.addServiceAccount("late@demo-project.iam.gserviceaccount.com");
  emulator.addGrant({ member: "user:bob@example.com", role: TOKEN_CREATOR, serviceAccount: TARGET });
  emulator.addFault({ status: { code: "UNAVAILABLE" } });
  emulator.advanceClock(20 * 86_400_000);
  emulator.reset();
  expect(emulator.exportState()).toEqual(before);
  expect(emulator.calls()).toEqual([]);
  expect((await stage.client.call(rows.signBlob, request, { token })).keyId).toBe(keyId);
  const refused = await postForm(`${emulator.url}/token`, {
    grant_type: JWT_BEARER,
    assertion: await signAssertion(file),
  });
  expect(refused.body).toMatchObject({ error_description: "Invalid JWT Signature." });
});

describe("a seed that is wrong is refused by name:", () => {
  test.each([
    [{}, "seed.version is missing"],
    [{ version: 2 }, "seed.version must be 1"],
    [{ version: 1, colour: 1 }, "seed.colour is not a field of a seed"],
    [
      { version: 1, serviceAccounts: [{ email: "x" }] },
      /^seed\.serviceAccounts\[0\]\.email must be an e-mail address, not "x"$/,
    ],
    [
      { version: 1, serviceAccounts: [{ email: TARGET, disabled: "no" }] },
      "seed.serviceAccounts[0].disabled must be a boolean",
    ],
    [
      {
        version: 1,
        serviceAccounts: [
          { email: TARGET, keys: [{ keyId: "a".repeat(40), certificate: "-----BEGIN CERTIFICATE-----\nx" }] },
        ],
      },
      "seed.serviceAccounts[0].keys[0].certificate must be an X.509 certificate",
    ],
    [
      { version: 1, grants: [{ member: ALICE, role: TOKEN_CREATOR, serviceAccount: TARGET }] },
      `grants[0].serviceAccount does not exist: ${TARGET}`,
    ],
    [
      {
        version: 1,
        refreshTokens: [
          { user: "a@example.com", clientId: "a", clientSecret: "b c", refreshToken: "d", scopes: ["openid"] },
        ],
      },
      "seed.refreshTokens[0].clientSecret must be printable text without spaces, of at most 512 characters",
    ],
    ["/none/seed.json", "seed cannot be read: /none/seed.json"],
    ['{"version":1}', /^seed must be a path or a parsed object, not the contents of a file$/],
    [__filename, `seed is not JSON: ${__filename}`],
  ])("%j", async (seed, message) => {
    const start = startEmulator({ seed: seed as EmulatorSeed });
    await expect(start).rejects.toThrow(
      typeof message === "string" ? message : expect.objectContaining({ message: expect.stringMatching(message) }),
    );
  });
});

describe("a seed is held to what the options are held to:", () => {
  const grant = { member: ALICE, role: TOKEN_CREATOR, serviceAccount: TARGET };
  const provider = { projectNumber: "1", pool: "pool", provider: "provider" };
  const login = { user: "a@example.com", clientId: "a", clientSecret: "b", refreshToken: "c", scopes: ["openid"] };
  const key = { keyId: "a".repeat(40), certificate: "-----BEGIN CERTIFICATE-----" };

  test.each<[object, string]>([
    [{ grants: [{ ...grant, member: "bob" }] }, "seed.grants[0].member must be a member of policies: "],
    [{ grants: [{ ...grant, member: "group:bob" }] }, "seed.grants[0].member must be a member of policies: "],
    [{ grants: [{ ...grant, role: "roles/none" }] }, "seed.grants[0].role must be a custom role or one of roles/"],
    [{ grants: [{ ...grant, project: "demo-project" }] }, "seed.grants[0] must have either serviceAccount or project"],
    [
      { grants: [{ ...grant, serviceAccount: undefined, project: "X" }] },
      "seed.grants[0].project must be a project ID",
    ],
    [{ grants: [{ member: ALICE, role: TOKEN_CREATOR }] }, "seed.grants[0] must have either serviceAccount or project"],
    [
      { roles: [{ name: "projects/p/roles/one", includedPermissions: ["iam.none"] }] },
      "seed.roles[0].includedPermissions[0] must be one of ",
    ],
    [
      { serviceAccounts: [{ email: TARGET, keys: new Array(11).fill(key) }] },
      "seed.serviceAccounts[0].keys must have at most 10 items",
    ],
    [
      { domainWideDelegation: [{ serviceAccount: TARGET, scopes: ["a"] }] },
      "seed.domainWideDelegation[0].scopes[0] must be a scope",
    ],
    [
      { identityProviders: [{ ...provider, issuer: "https://i.example" }] },
      "seed.identityProviders[0] must have both issuer and jwks, or neither",
    ],
    [
      { identityProviders: [{ ...provider, jwks: { keys: [] } }] },
      "seed.identityProviders[0] must have both issuer and jwks, or neither",
    ],
    [
      { refreshTokens: [{ ...login, refreshToken: "a b" }] },
      "seed.refreshTokens[0].refreshToken must be printable text",
    ],
    [{ metadataServer: { zone: "A" } }, "seed.metadataServer.zone must be lowercase letters, digits and hyphens"],
    [
      { metadataServer: { numericProjectId: 0 } },
      "seed.metadataServer.numericProjectId must be an integer of at least 1",
    ],
    [
      { metadataServer: { attributes: { "a b": "" } } },
      'seed.metadataServer.attributes must have keys that match ^[A-Za-z0-9_-]{1,128}$, not "a b"',
    ],
    [{ metadataServer: { licenseIds: ["x"] } }, "seed.metadataServer.licenseIds[0] must be digits"],
  ])("%j is refused", async (seed, message) => {
    await expect(startEmulator({ seed: { version: 1, ...seed } })).rejects.toThrow(message);
  });

  test.each<[EmulatorSeed, string]>([
    [
      { version: 1, serviceAccounts: [{ email: TARGET }, { email: TARGET }] },
      "seed.serviceAccounts[1].email is a duplicate",
    ],
    [
      {
        version: 1,
        serviceAccounts: [
          { email: FIRST, uniqueId: "7" },
          { email: TARGET, uniqueId: "7" },
        ],
      },
      "seed.serviceAccounts[1].uniqueId is a duplicate",
    ],
    [
      { version: 1, serviceAccounts: [{ email: TARGET, keys: [key, key] }] },
      "seed.serviceAccounts[0].keys[1].keyId is a duplicate",
    ],
    [
      {
        version: 1,
        roles: [
          { name: "projects/p/roles/one", includedPermissions: [] },
          { name: "projects/p/roles/one", includedPermissions: [] },
        ],
      },
      "seed.roles[1].name is a duplicate",
    ],
  ])("what is there twice is refused: %j", async (seed, message) => {
    await expect(startEmulator({ seed })).rejects.toThrow(new TypeError(message));
  });
});
