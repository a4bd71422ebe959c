// SPDX-License-Identifier: Apache-2.0
// Credentials files: what each kind says, and for whom it can be read.

import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Emulator, EmulatorCredentialsKind } from "../../../../../src/emulator/index.js";
import { FIRST, openStage, type Stage, TARGET } from "../../stage.js";

let stage: Stage;
let emulator: Emulator;
let directory: string;
beforeAll(async () => {
  stage = await openStage();
  ({ emulator } = stage);
  directory = await mkdtemp(join(tmpdir(), "emulator-"));
});
afterAll(async () => {
  await rm(directory, { recursive: true });
  await stage.close();
});

test("a file is its owner's alone, and nothing else is left beside it", async () => {
  const path = join(directory, "key.json");
  await emulator.writeCredentialsFile("service_account", path, { serviceAccount: FIRST });
  await emulator.writeCredentialsFile("service_account", path, { serviceAccount: FIRST });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(directory)).toEqual(["key.json"]);
  expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({
    type: "service_account",
    client_email: FIRST,
    token_uri: `${emulator.url}/token`,
  });
});

test("every URL of every kind is the emulator's", async () => {
  const options = {
    service_account: { serviceAccount: FIRST },
    impersonated_service_account: { serviceAccount: TARGET, source: `serviceAccount:${FIRST}`, delegates: [FIRST] },
    authorized_user: { user: "alice@example.com", quotaProjectId: "billed-project" },
    external_account: { subject: "robot", serviceAccount: TARGET },
    external_account_authorized_user: { user: "alice@example.com" },
  } as const;
  for (const kind of Object.keys(options) as EmulatorCredentialsKind[]) {
    const path = join(directory, `${kind}.json`);
    await emulator.writeCredentialsFile(kind, path, options[kind] as never);
    const text = await readFile(path, "utf8");
    expect(JSON.parse(text).type).toBe(kind);
    const urls = [...text.matchAll(/https?:\/\/[^"]+/g)].map(([url]) => url);
    // Where a user would log in with a browser; no library goes there with this file.
    expect(urls.filter((url) => !url.startsWith(emulator.url) && !url.includes("/o/oauth2/auth"))).toEqual([]);
    expect(urls.length).toBeGreaterThan(0);
  }
});

test("delegates have the names that the API takes", async () => {
  const path = join(directory, "delegates.json");
  const options = { serviceAccount: TARGET, source: "user:alice@example.com", delegates: [FIRST] };
  await emulator.writeCredentialsFile("impersonated_service_account", path, options);
  expect(JSON.parse(await readFile(path, "utf8")).delegates).toEqual([`projects/-/serviceAccounts/${FIRST}`]);
});

test.each([
  [
    "service_account",
    { serviceAccount: "ghost@demo-project.iam.gserviceaccount.com" },
    /^options\.serviceAccount must be that of a service account/,
  ],
  ["authorized_user", { user: "x" }, /^options\.user must be an e-mail address/],
  ["authorized_user", { user: "a@example.com", scopes: [] }, /^options\.scopes must have at least one item/],
  ["external_account", { subject: "" }, /^options\.subject must be 1 to 127/],
  [
    "external_account",
    { subject: "x", provider: { projectNumber: "1", pool: "none", provider: "none" } },
    /^options\.provider does not exist/,
  ],
  ["impersonated_service_account", { serviceAccount: TARGET, source: "x" }, /^options\.source must be an IAM member/],
  ["something", {}, /^kind must be the type of a credentials file/],
  ["service_account", null, /^options must be an object/],
])("the kind %s with %j is refused by name", async (kind, options, message) => {
  const written = emulator.writeCredentialsFile(kind as "service_account", join(directory, "x.json"), options as never);
  await expect(written).rejects.toThrow(message);
});
