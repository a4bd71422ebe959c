// SPDX-License-Identifier: Apache-2.0
// The screens of service accounts in a real browser, and on them the eight walks that Google's guide to short-lived credentials takes
// through its own console.

import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { CI, DANA, openBrowser, openConsole, SIGNER } from "./console-stage.js";
import { type CredentialsVerb, callAs } from "./rest-caller.js";

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

const ROLES = {
  creator: "Service Account Token Creator (roles/iam.serviceAccountTokenCreator)",
  openId: "Service Account OpenID Connect Identity Token Creator (roles/iam.serviceAccountOpenIdTokenCreator)",
} as const;

/** The steps of the guide, in its words: PRIV_SA is the account, the caller a service account or a user. */
async function walk(page: Page, account: string, caller: string, role: string): Promise<void> {
  await page.getByRole("link", { name: "Service Accounts" }).click();
  await page.getByRole("combobox", { name: "Project" }).selectOption("demo-project");
  await page.getByRole("link", { name: account }).click();
  await page.getByRole("link", { name: "Permissions" }).click();
  await page.getByRole("heading", { name: "Principals with access to this service account" }).waitFor();
  await page.getByRole("button", { name: "Grant Access" }).click();
  await page.getByRole("textbox", { name: "New principals" }).fill(caller);
  await page.getByRole("combobox", { name: "Role" }).selectOption({ label: role });
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
}

describe("a walk of the guide", () => {
  it.each([
    ["an access token", "generateAccessToken", ROLES.creator],
    ["an ID token", "generateIdToken", ROLES.openId],
    ["a JWT", "signJwt", ROLES.creator],
    ["a signed blob", "signBlob", ROLES.creator],
  ] as const)("lets a service account have %s, and another lets a user", async (_what, verb: CredentialsVerb, role) => {
    for (const member of [`serviceAccount:${CI}`, DANA]) {
      await using stage = await openConsole(browser);
      await stage.visit("calls");
      expect(await callAs(stage.emulator, member, verb, SIGNER)).toBe(403);
      await walk(stage.page, SIGNER, member.replace(/^\w+:/, ""), role);
      await stage.page.getByRole("cell", { name: member, exact: true }).waitFor();
      expect(await callAs(stage.emulator, member, verb, SIGNER)).toBe(200);
      expect(stage.complaints).toEqual([]);
    }
  });
});

it("creates an account, disables, enables, deletes and undeletes it", async () => {
  await using stage = await openConsole(browser);
  const { page, emulator } = stage;
  await stage.visit("accounts");
  await page.getByRole("button", { name: "Create service account" }).click();
  await page.getByRole("textbox", { name: "Service account name" }).fill("Nightly <b>");
  await page.getByRole("textbox", { name: "Service account ID" }).fill("nightly");
  await page.getByRole("button", { name: "Create", exact: true }).click();
  const email = "nightly@demo-project.iam.gserviceaccount.com";
  await stage.told(`Created ${email}.`);
  await page.getByRole("link", { name: "Service Accounts", exact: true }).first().click();
  const row = page.getByRole("row", { name: email });
  for (const [button, state] of [
    ["Disable", "⊘ Disabled"],
    ["Enable", "✓ Enabled"],
    ["Delete", "✕ Deleted"],
    ["Undelete", "✓ Enabled"],
  ] as const) {
    await row.getByRole("button", { name: button }).click();
    await row.getByText(state).waitFor();
  }
  expect(emulator.exportState().serviceAccounts).toContainEqual(
    expect.objectContaining({ email, displayName: "Nightly <b>" }),
  );
});

it("grants under a condition and after the propagation time, and removes", async () => {
  await using stage = await openConsole(browser, {
    emulator: { serviceAccounts: [SIGNER], policyPropagationMs: 420_000 },
  });
  const { page, emulator } = stage;
  await stage.visit(`accounts/${SIGNER}/permissions`);
  await page.getByText("Nobody has access to this service account.").waitFor();
  await page.getByRole("button", { name: "Grant Access" }).click();
  await page.getByRole("textbox", { name: "New principals" }).fill("dana@example.com");
  await page.getByRole("combobox", { name: "Role" }).selectOption({ label: ROLES.creator });
  await page.getByRole("textbox", { name: "Expression" }).fill("this is no expression");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("alert").filter({ hasText: "condition" }).waitFor();
  await page.getByRole("textbox", { name: "Expression" }).fill('request.time < timestamp("2100-01-01T00:00:00Z")');
  await page.getByRole("radio", { name: "after the propagation time: 7 min" }).check();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("◷ from").waitFor();
  expect(await callAs(emulator, DANA, "signBlob", SIGNER)).toBe(403);
  emulator.advanceClock(420_000);
  await page.getByText("✓ now").waitFor();
  expect(await callAs(emulator, DANA, "signBlob", SIGNER)).toBe(200);
  await page.getByRole("button", { name: "Remove Service Account Token Creator from user:dana@example.com" }).click();
  await page.getByText("Nobody has access to this service account.").waitFor();
  expect(await callAs(emulator, DANA, "signBlob", SIGNER)).toBe(403);
});

it("shows what an account inherits from its project, and removes it there", async () => {
  const grant = { member: DANA, role: "roles/iam.serviceAccountUser", project: "demo-project" };
  await using stage = await openConsole(browser, { emulator: { serviceAccounts: [SIGNER], grants: [grant] } });
  await stage.visit(`accounts/${SIGNER}/permissions`);
  await stage.page.getByRole("cell", { name: "Project demo-project" }).waitFor();
  await stage.page.getByRole("button", { name: /^Remove/ }).click();
  await stage.page.getByText("Nobody has access to this service account.").waitFor();
  expect(stage.emulator.exportState().grants).toEqual([]);
});

it("creates a key whose file downloads, disables it and deletes it, beside those of the system", async () => {
  await using stage = await openConsole(browser);
  const { page } = stage;
  await stage.visit(`accounts/${CI}/keys`);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Create new key" }).click();
  const file = JSON.parse(readFileSync(await (await download).path(), "utf8"));
  expect([file.type, file.client_email]).toEqual(["service_account", CI]);
  const row = page.getByRole("row", { name: file.private_key_id });
  await row.getByRole("button", { name: "Disable" }).click();
  await row.getByText("⊘ Disabled").waitFor();
  await row.getByRole("button", { name: "Enable" }).click();
  await row.getByText("✓ Active").waitFor();
  await row.getByRole("button", { name: "Delete" }).click();
  await row.waitFor({ state: "detached" });
  await callAs(stage.emulator, DANA, "signBlob", CI);
  await page.reload();
  await page.getByRole("cell", { name: "rotated automatically" }).first().waitFor();
});

it.each([
  ["service_account", { client_email: CI }],
  ["impersonated_service_account", { type: "impersonated_service_account" }],
  ["authorized_user", { type: "authorized_user" }],
  ["external_account_authorized_user", { type: "external_account_authorized_user" }],
  ["external_account", { type: "external_account" }],
])("downloads a credentials file of kind %s", async (kind, expected) => {
  await using stage = await openConsole(browser);
  const { page } = stage;
  await stage.visit(`accounts/${CI}`);
  await page.getByRole("combobox", { name: "Kind" }).selectOption(kind);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).click();
  const saved = await download;
  expect(saved.suggestedFilename()).toBe(`${kind}.${CI}.json`);
  expect(JSON.parse(readFileSync(await saved.path(), "utf8"))).toMatchObject(expected);
});
