// SPDX-License-Identifier: Apache-2.0
// Every screen, light and dark, looked at by axe-core in a real browser. Asked to (CONSOLE_PICTURES), takes the pictures of docs/console.md.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { findings } from "./axe.js";
import { CI, type ConsoleStage, DANA, openBrowser, openConsole, SIGNER, TOKEN_CREATOR } from "./console-stage.js";
import { callAs } from "./rest-caller.js";

const PAGE = join(__dirname, "../../docs/console.md");
const PICTURES = join(__dirname, "../../docs/images/console");
const DEPLOYER = "deployer@demo-project.iam.gserviceaccount.com";
const BACKUP = "backup@other-project.iam.gserviceaccount.com";

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

async function judge({ page }: ConsoleStage, name: string, colors: string): Promise<void> {
  expect([name, await findings(page)]).toEqual([name, []]);
  const picture = `${name}-${colors}.png`;
  if (process.env["CONSOLE_PICTURES"] === undefined || !readFileSync(PAGE, "utf8").includes(picture)) return;
  await page.screenshot({ path: join(PICTURES, picture) });
}

const grants = [
  { member: DANA, role: TOKEN_CREATOR, serviceAccount: CI },
  { member: `serviceAccount:${CI}`, role: TOKEN_CREATOR, serviceAccount: DEPLOYER },
  { member: "user:erin@example.com", role: "roles/iam.serviceAccountOpenIdTokenCreator", project: "demo-project" },
  { member: DANA, role: "roles/iam.serviceAccountUser", serviceAccount: SIGNER },
];

async function setTheStage({ emulator }: ConsoleStage): Promise<void> {
  const FAULT = { method: "SignBlob", principal: DANA, times: 2 };
  await callAs(emulator, DANA, "generateAccessToken", CI);
  emulator.addFault({ ...FAULT, status: { code: "UNAVAILABLE", message: "The service is currently unavailable." } });
  for (let attempt = 1; attempt <= 3; attempt++) await callAs(emulator, DANA, "signBlob", CI);
  await callAs(emulator, "user:erin@example.com", "generateIdToken", SIGNER);
  await callAs(emulator, DANA, "generateAccessToken", DEPLOYER, [CI]);
  await callAs(emulator, "user:mallory@example.com", "signJwt", SIGNER);
  await callAs(emulator, DANA, "generateAccessToken", SIGNER, [CI, DEPLOYER]);
  await emulator.createServiceAccountKey(CI);
  emulator.addFault({
    method: "SignJwt",
    attempt: 1,
    status: { code: "RESOURCE_EXHAUSTED", message: "Quota exceeded." },
  });
  emulator.addFault({ principal: "user:erin@example.com", times: 3, delayMs: 3000 });
}

const chainPath = `chain?${new URLSearchParams({ caller: DANA, delegates: CI, account: SIGNER, permission: "iam.serviceAccounts.signBlob" })}`;

/** The screens: path, and what is seen when it is there. */
const SCREENS: readonly (readonly [name: string, path: string, ready: string])[] = [
  ["calls", "calls", "tr[data-id='8']"],
  ["call-denied", "calls/8", ".missing:not([hidden])"],
  ["call-attempts", "calls/4", "[data-part=attempts] tr"],
  ["accounts", "accounts", "tbody tr"],
  ["account", `accounts/${CI}`, "dl.facts div"],
  ["permissions", `accounts/${SIGNER}/permissions`, "tbody tr"],
  ["keys", `accounts/${CI}/keys`, "tbody tr"],
  ["chain", chainPath, "svg.chain"],
  ["tokens", "tokens", "form"],
  ["faults", "faults", "tbody tr"],
  ["clock", "clock", "button[data-ms]"],
  ["connect", "connect", ".recipe"],
];

it.each(["light", "dark"] as const)("axe finds nothing in any screen, %s", async (colorScheme) => {
  const emulator = { serviceAccounts: [SIGNER, CI, DEPLOYER, BACKUP], grants };
  await using stage = await openConsole(browser, { emulator, colorScheme, viewport: { width: 1120, height: 700 } });
  await setTheStage(stage);
  const { page } = stage;
  for (const [name, path, ready] of SCREENS) {
    await stage.visit(path);
    await page.locator(ready).first().waitFor();
    if (name === "tokens") {
      await page.getByRole("textbox", { name: "Principal" }).fill("dana@example.com");
      await page.getByRole("button", { name: "Mint" }).click();
      await page.getByRole("button", { name: "Inspect it" }).click();
      await page.getByText("✓ Valid").waitFor();
    }
    await judge(stage, name, colorScheme);
  }
  expect(stage.complaints).toEqual([]);
});

it.each(["light", "dark"] as const)("axe finds nothing in any dialog, %s", async (colorScheme) => {
  await using stage = await openConsole(browser, { colorScheme, viewport: { width: 1120, height: 700 } });
  await callAs(stage.emulator, DANA, "signJwt", SIGNER);
  await stage.visit(`accounts/${SIGNER}/permissions`);
  await stage.page.getByRole("button", { name: "Grant Access" }).click();
  await stage.page.getByRole("textbox", { name: "New principals" }).fill("dana@example.com");
  await judge(stage, "grant-access", colorScheme);
  await stage.visit("calls");
  await stage.page.getByRole("button", { name: "Needed grants" }).click();
  await stage.page.getByRole("dialog").waitFor();
  await judge(stage, "needed-grants", colorScheme);
  await stage.visit("accounts");
  await stage.page.getByRole("button", { name: "Create service account" }).click();
  await judge(stage, "create-account", colorScheme);
});

it.each([
  [1024, 700],
  [1920, 1080],
])("nothing of the frame is cut off at %d by %d", async (width, height) => {
  await using stage = await openConsole(browser, { viewport: { width, height } });
  await callAs(stage.emulator, DANA, "signJwt", SIGNER);
  for (const [, path] of SCREENS) {
    await stage.visit(path.replace("calls/8", "calls/1").replace("calls/4", "calls/1").replace(DEPLOYER, CI));
    const overflows = `[document.documentElement, ...document.querySelectorAll("header.top, .toolbar, .page, .detail, footer")]
      .filter((element) => element.scrollWidth > element.clientWidth + 1).map((element) => element.className)`;
    expect([path, await stage.page.evaluate(overflows)]).toEqual([path, []]);
  }
});

it("has one live region, the status line, and reaches every control of a screen with Tab", async () => {
  await using stage = await openConsole(browser);
  const { page } = stage;
  for (const path of ["calls", "faults", "tokens", `accounts/${CI}/permissions`]) {
    await stage.visit(path);
    expect(await page.locator("[aria-live]").count()).toBe(1);
    const controls =
      "[...document.querySelectorAll('a[href], button, input, select, textarea')].filter((each) => each.offsetParent !== null && !each.disabled)";
    const count = Number(await page.evaluate(`${controls}.length`));
    await page.evaluate("document.activeElement.blur()");
    const reached = new Set<string>();
    for (let press = 0; press < count + 8; press++) {
      await page.keyboard.press("Tab");
      reached.add(String(await page.evaluate(`String(${controls}.indexOf(document.activeElement))`)));
    }
    reached.delete("-1");
    expect([path, reached.size]).toEqual([path, count]);
  }
});
