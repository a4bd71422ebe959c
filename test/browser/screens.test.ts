// SPDX-License-Identifier: Apache-2.0
// The screens of chain, tokens, faults, clock and state, and how to connect, in a real browser: the way that each is for.

import { readFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { CI, DANA, openBrowser, openConsole, SIGNER } from "./console-stage.js";
import { callAs } from "./rest-caller.js";

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

it("simulates a chain, grants and revokes its edges by click and by keyboard, and logs nothing", async () => {
  await using stage = await openConsole(browser);
  const { page, emulator } = stage;
  await stage.visit("chain");
  await page.getByRole("combobox", { name: "Caller" }).fill("dana@example.com");
  await page.getByRole("combobox", { name: "Delegates" }).fill(CI);
  await page.getByRole("combobox", { name: "Service account" }).fill(SIGNER);
  await page.getByRole("combobox", { name: "Permission" }).selectOption("iam.serviceAccounts.signJwt");
  await page.getByText("✕ The call would be denied.").waitFor();
  await page.getByRole("button", { name: /^Grant: ci-runner@demo-project on signer@demo-project/ }).click();
  await page.getByText("✓ The call would pass.").waitFor();
  expect(emulator.calls()).toEqual([]);
  expect(await callAs(emulator, DANA, "signJwt", SIGNER, [CI])).toBe(200);
  await page.getByRole("button", { name: /^Revoke: dana@example.com on ci-runner@demo-project/ }).focus();
  await page.keyboard.press("Enter");
  await page.getByText("✕ The call would be denied.").waitFor();
  expect(await callAs(emulator, DANA, "signJwt", SIGNER, [CI])).toBe(403);
  expect(stage.complaints).toEqual([]);
});

it("mints a token that works, looks into it and revokes it; no address and no log has it", async () => {
  await using stage = await openConsole(browser);
  const { page, emulator } = stage;
  const addresses: string[] = [];
  page.on("request", (request) => void addresses.push(request.url()));
  await stage.visit("tokens");
  await page.getByRole("textbox", { name: "Principal" }).fill("dana@example.com");
  await page.getByRole("spinbutton", { name: "Lifetime, seconds" }).fill("600");
  await page.getByRole("button", { name: "Mint" }).click();
  const output = page.getByRole("status", { name: "The token" });
  await output.filter({ hasText: /\S{20,}/ }).waitFor();
  const token = (await output.textContent()) ?? "";
  await page.getByRole("button", { name: "Copy" }).click();
  expect(await page.evaluate("navigator.clipboard.readText()")).toBe(token);
  await page.getByRole("button", { name: "Inspect it" }).click();
  await page.getByText("✓ Valid").waitFor();
  await page.getByRole("definition").filter({ hasText: DANA }).waitFor();
  await page.getByRole("button", { name: "Revoke" }).click();
  await page.getByText("✕ Not valid").waitFor();
  expect(addresses.filter((address) => address.includes(token))).toEqual([]);
  expect(JSON.stringify(emulator.calls())).not.toContain(token);
});

it("decodes an ID token and says which key of the emulator verifies it, and that a changed one does not", async () => {
  await using stage = await openConsole(browser);
  const { page } = stage;
  await stage.visit("tokens");
  await page.getByRole("combobox", { name: "Kind" }).selectOption("id");
  await page.getByRole("textbox", { name: "Principal" }).fill(CI);
  await page.getByRole("textbox", { name: "Audience" }).fill("https://run.example.com");
  await page.getByRole("button", { name: "Mint" }).click();
  await page.getByRole("button", { name: "Inspect it" }).click();
  await page.getByText("✓ Valid").waitFor();
  await page.getByText("Verified with key").waitFor();
  await page.locator("pre").filter({ hasText: '"aud": "https://run.example.com"' }).waitFor();
  const box = page.getByRole("textbox", { name: "Token or JWT" });
  const [header, , signature] = (await box.inputValue()).split(".");
  await box.fill(`${header}.${Buffer.from('{"aud":"x","exp":9999999999}').toString("base64url")}.${signature}`);
  await page.getByRole("button", { name: "Inspect", exact: true }).click();
  await page.getByText("✕ Not valid").waitFor();
});

it("adds faults of each kind, counts what is left of them, removes one and then all", async () => {
  await using stage = await openConsole(browser);
  const { page, emulator } = stage;
  await stage.visit("faults");
  await page.getByText("No faults are set.").waitFor();
  const add = async (preset: string, shown: string) => {
    await page.getByRole("combobox", { name: "Preset" }).selectOption(preset);
    await page.getByRole("button", { name: "Add fault" }).click();
    await page.getByRole("cell", { name: shown, exact: true }).waitFor();
  };
  await add("Internal error, once", "responds with INTERNAL");
  await add("API disabled", "responds with PERMISSION_DENIED (SERVICE_DISABLED)");
  await add("Delayed by three seconds", "waits 3000 ms");
  await add("Connection reset, once", "connection: reset");
  expect(await callAs(emulator, DANA, "generateAccessToken", CI)).toBe(500);
  await page.getByRole("cell", { name: "responds with INTERNAL", exact: true }).waitFor({ state: "detached" });
  expect(await callAs(emulator, DANA, "generateAccessToken", CI)).toBe(403);
  expect(emulator.calls().at(-1)).toMatchObject({ reason: "SERVICE_DISABLED" });
  await page.getByRole("button", { name: "Remove fault 2" }).click();
  await page
    .getByRole("cell", { name: "responds with PERMISSION_DENIED (SERVICE_DISABLED)" })
    .waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Remove all" }).click();
  await page.getByText("No faults are set.").waitFor();
  expect(await callAs(emulator, DANA, "generateAccessToken", CI)).toBe(200);
});

it("names the field of a fault that is wrong", async () => {
  await using stage = await openConsole(browser);
  await stage.visit("faults");
  await stage.page.getByRole("combobox", { name: "Preset" }).selectOption("Delayed by three seconds");
  await stage.page.getByRole("spinbutton", { name: "Delay" }).fill("");
  await stage.page.getByRole("button", { name: "Add fault" }).click();
  await stage.told(/⚠ fault must have delayMs/);
});

it("puts the clock ahead, by steps and to the next rotation of a key", async () => {
  await using stage = await openConsole(browser);
  const { page, emulator } = stage;
  await callAs(emulator, DANA, "signBlob", CI);
  await stage.visit("clock");
  await page.getByRole("button", { name: "+5 min" }).click();
  await page.getByText("5 min ahead").waitFor();
  await page.getByRole("button", { name: "+1 h" }).click();
  await page.getByText("1 h 5 min ahead").waitFor();
  await page.getByRole("button", { name: "To the next rotation" }).click();
  await page.getByText(/1[23] d( \d+ h)? ahead/).waitFor();
});

it("exports the state, imports another, and resets", async () => {
  await using stage = await openConsole(browser);
  const { page, emulator } = stage;
  await stage.visit("clock");
  await page.getByRole("button", { name: "Export" }).click();
  await page.getByText("✓ JSON, 2 accounts and 1 grants").waitFor();
  const box = page.getByRole("textbox", { name: "State as seed JSON" });
  const state = JSON.parse(await box.inputValue());
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).click();
  expect(JSON.parse(readFileSync(await (await download).path(), "utf8"))).toEqual(state);
  await box.fill("{");
  await page.getByText("✕").first().waitFor();
  await box.fill(JSON.stringify({ version: 1, serviceAccounts: [{ email: "no e-mail" }] }));
  await page.getByRole("button", { name: "Import" }).click();
  await stage.told(/⚠ .*serviceAccounts\[0\]\.email/);
  await box.fill(JSON.stringify({ version: 1, serviceAccounts: [{ email: SIGNER }] }));
  await page.getByRole("button", { name: "Import" }).click();
  await stage.told("Imported the state.");
  expect(emulator.exportState().serviceAccounts?.map(({ email }) => email)).toEqual([SIGNER]);
  await page.getByRole("button", { name: "Reset" }).click();
  await stage.told("The emulator is back in the state that it started with.");
});

it("tells each kind of program how to connect, and gives the authority away where there is TLS", async () => {
  await using stage = await openConsole(browser);
  const { page, emulator } = stage;
  await stage.visit("connect");
  await page.getByRole("cell", { name: emulator.host, exact: true }).first().waitFor();
  await page.getByRole("button", { name: "Copy: iam-credentials-client and iamcreds" }).click();
  await stage.told("Copied iam-credentials-client and iamcreds.");
  expect(await page.evaluate("navigator.clipboard.readText()")).toBe(
    `export IAM_CREDENTIALS_EMULATOR_HOST=${emulator.hosts.grpc}`,
  );
  for (const title of ["external_account", "docker", "kubectl", "gcloud", "metadata server"]) {
    await page.getByRole("heading", { level: 3, name: title }).first().waitFor();
  }
  await page.getByText("export GOOGLE_CLOUD_PROJECT=my-project").waitFor();
});
