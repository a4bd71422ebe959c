// SPDX-License-Identifier: Apache-2.0
// The screens of calls in a real browser: the table as calls come, and the detail with what can be done about one.

import type { Browser } from "playwright-core";
import { CI, type ConsoleStage, DANA, openBrowser, openConsole, SIGNER, TOKEN_CREATOR } from "./console-stage.js";
import { callAs } from "./rest-caller.js";

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

const rows = ({ page }: ConsoleStage) => page.locator("table.calls tbody tr");
const hasRows = async (stage: ConsoleStage, count: number) => {
  await rows(stage)
    .nth(count - 1)
    .waitFor();
  await rows(stage).nth(count).waitFor({ state: "detached" });
};
const openCall = async (stage: ConsoleStage, method: string) => {
  await rows(stage).getByRole("link", { name: method }).last().click();
  await stage.page.getByRole("heading", { level: 2, name: method }).waitFor();
};
const clipboard = ({ page }: ConsoleStage) => page.evaluate("navigator.clipboard.readText()");

it("denies a call, says what no binding gives, grants it with one click, and the same call passes", async () => {
  await using stage = await openConsole(browser);
  await stage.visit("calls");
  expect(await callAs(stage.emulator, DANA, "signBlob", SIGNER)).toBe(403);
  await openCall(stage, "SignBlob");
  const chain = stage.page.getByRole("img", { name: /^Chain/ });
  expect(await chain.getAttribute("aria-label")).toBe(
    "Chain. dana@example.com needs iam.serviceAccounts.signBlob on signer@demo-project: denied, no binding grants it.",
  );
  await stage.page.getByText("Service Account Token Creator to dana@example.com on signer@demo-project").waitFor();
  await stage.page.getByRole("button", { name: "Grant what is missing" }).click();
  await stage.told(
    "Granted Service Account Token Creator to dana@example.com on signer@demo-project. Repeat the call.",
  );
  expect(await callAs(stage.emulator, DANA, "signBlob", SIGNER)).toBe(200);
  await rows(stage).nth(1).getByText("✓ OK").waitFor();
  await openCall(stage, "SignBlob");
  await stage.page.getByText("Service Account Token Creator, in the account’s policy").waitFor();
  expect(stage.complaints).toEqual([]);
});

it("grants every hop that a chain of delegates lacks, those behind the denied one too", async () => {
  await using stage = await openConsole(browser, { emulator: { serviceAccounts: [SIGNER, CI] } });
  expect(await callAs(stage.emulator, DANA, "generateAccessToken", SIGNER, [CI])).toBe(403);
  await stage.visit("calls/1");
  expect(await stage.page.locator("svg.chain .outcome").allTextContents()).toEqual(["✕ denied", "○ not reached"]);
  await stage.page.getByRole("button", { name: "Grant what is missing" }).click();
  await stage.told(/^Granted .*ci-runner@demo-project; .*to ci-runner@demo-project on signer@demo-project/);
  expect(await callAs(stage.emulator, DANA, "generateAccessToken", SIGNER, [CI])).toBe(200);
});

it("hands out commands for a shell, with owner in place of a token", async () => {
  await using stage = await openConsole(browser);
  await callAs(stage.emulator, DANA, "signBlob", SIGNER);
  await stage.visit("calls/1");
  const click = async (name: string, told: string) => {
    await stage.page.getByRole("button", { name }).click();
    await stage.told(told);
  };
  await click("Copy gcloud command", "Copied the gcloud command.");
  const rest = `iam service-accounts add-iam-policy-binding ${SIGNER} --member=${DANA} --role=${TOKEN_CREATOR}`;
  expect(await clipboard(stage)).toBe(`gcloud ${rest}`);
  await click("Copy iamcreds command", "Copied the iamcreds command.");
  expect(await clipboard(stage)).toBe(`iamcreds ${rest}`);
  await click("Copy as curl", "Copied the curl command, with owner as the caller.");
  const curl = String(await clipboard(stage));
  expect(curl).toContain(`-H 'Authorization: Bearer owner'`);
  expect(curl).not.toContain("ya29.");
});

it("makes a fault of a call, which strikes the next one, and draws its attempts under each other", async () => {
  await using stage = await openConsole(browser);
  const { page } = stage;
  await callAs(stage.emulator, DANA, "signBlob", CI);
  await stage.visit("calls/1");
  await page.getByRole("link", { name: "Create a fault from this" }).click();
  await page.getByRole("heading", { level: 1, name: "Faults" }).waitFor();
  expect(await page.getByRole("combobox", { name: "Method" }).inputValue()).toBe("SignBlob");
  expect(await page.getByRole("textbox", { name: "Principal" }).inputValue()).toBe(DANA);
  await page.getByRole("combobox", { name: "Preset" }).selectOption("Unavailable, first two attempts");
  await page.getByRole("button", { name: "Add fault" }).click();
  await page.getByRole("cell", { name: "2 left" }).waitFor();
  for (const status of [503, 503, 200]) expect(await callAs(stage.emulator, DANA, "signBlob", CI)).toBe(status);
  await stage.visit("calls/4");
  const attempts = page.locator("[data-part=attempts] tbody tr");
  await attempts.nth(2).waitFor();
  expect(await attempts.locator("td:nth-child(1)").allTextContents()).toEqual(["Attempt 1", "Attempt 2", "Attempt 3"]);
  expect(await attempts.locator("td:nth-child(4)").allTextContents()).toEqual(["⚡ fault 1", "⚡ fault 1", ""]);
});

it("filters, counts, pauses and clears", async () => {
  await using stage = await openConsole(browser);
  const { page, emulator } = stage;
  await stage.visit("calls");
  await callAs(emulator, DANA, "signBlob", SIGNER);
  await callAs(emulator, DANA, "signJwt", CI);
  await rows(stage).nth(1).waitFor();
  const filter = page.getByRole("searchbox", { name: "Filter calls" });
  await filter.fill("status!=OK principal:dana method:Sign*");
  await page.getByText("✓ OK").waitFor({ state: "detached" });
  await hasRows(stage, 1);
  await filter.fill("statu=OK");
  await page.getByText("Unknown field statu;").waitFor();
  await filter.fill("");
  await page.getByRole("button", { name: "OK 1", exact: true }).click();
  expect(await filter.inputValue()).toBe("status=OK");
  await hasRows(stage, 1);
  await page.getByRole("button", { name: "OK 1", exact: true }).click();
  await page.getByRole("button", { name: "Pause" }).click();
  await callAs(emulator, DANA, "signJwt", CI);
  await page.getByText("Paused: 1 more since").waitFor();
  await hasRows(stage, 2);
  await page.getByRole("button", { name: "Pause" }).click();
  await rows(stage).nth(2).waitFor();
  await page.getByRole("button", { name: "Clear" }).click();
  await page.getByText("No calls yet").waitFor();
  expect(emulator.calls()).toEqual([]);
});

it("follows the newest call, until somebody scrolls away", async () => {
  await using stage = await openConsole(browser);
  const { page, emulator } = stage;
  await stage.visit("calls");
  for (let call = 0; call < 60; call++) await callAs(emulator, DANA, "generateAccessToken", CI);
  await page.locator("tr[data-id='60']").waitFor();
  const follow = page.getByRole("button", { name: "Follow" });
  expect(await follow.getAttribute("aria-pressed")).toBe("true");
  await page.locator("[data-part=scroller]").hover();
  await page.mouse.wheel(0, -5000);
  await page.locator("tr[data-id='1']").waitFor();
  await page.locator("button[aria-pressed=false]", { hasText: "Follow" }).waitFor();
  await callAs(emulator, DANA, "generateAccessToken", CI);
  await page.getByRole("button", { name: "OK 61" }).waitFor();
  expect(await page.locator("tr[data-id='61']").count()).toBe(0);
  await follow.click();
  await page.locator("tr[data-id='61']").waitFor();
});

it("is gone through with the keyboard alone", async () => {
  await using stage = await openConsole(browser);
  const { page, emulator } = stage;
  for (const account of [SIGNER, CI, SIGNER]) await callAs(emulator, DANA, "signJwt", account);
  await stage.visit("calls");
  await rows(stage).nth(2).waitFor();
  await page.getByRole("region", { name: "Table of calls" }).focus();
  await page.keyboard.press("ArrowDown");
  await page.waitForURL("**/console/calls/3");
  await page.keyboard.press("ArrowUp");
  await page.waitForURL("**/console/calls/2");
  await page.getByText("✓ granted").waitFor();
  await page.keyboard.press("Escape");
  await page.waitForURL("**/console/calls");
  await page.getByRole("region", { name: "Details of a call" }).waitFor({ state: "detached" });
});

it("lets pass and marks what would be denied while enforcement is observe, and exports the grants that were needed", async () => {
  await using stage = await openConsole(browser);
  const { page, emulator } = stage;
  await stage.visit("calls");
  await page.getByRole("combobox", { name: "Enforcement" }).selectOption("observe");
  await stage.told("What would be denied is logged, but let through.");
  expect(await callAs(emulator, DANA, "signBlob", SIGNER)).toBe(200);
  await page.getByText("▲ OK").waitFor();
  await page.getByRole("button", { name: "Needed grants" }).click();
  const output = page.getByRole("dialog").locator("pre");
  await output.filter({ hasText: `gcloud iam service-accounts add-iam-policy-binding ${SIGNER}` }).waitFor();
  await page.getByRole("combobox", { name: "As" }).selectOption("terraform");
  await output.filter({ hasText: 'resource "google_service_account_iam_member"' }).waitFor();
  await page.getByRole("combobox", { name: "As" }).selectOption("iamcreds");
  await output.filter({ hasText: "iamcreds " }).waitFor();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save" }).click();
  expect((await download).suggestedFilename()).toBe("grants.sh");
});
