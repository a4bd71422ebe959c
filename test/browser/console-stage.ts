// SPDX-License-Identifier: Apache-2.0
// An emulator and a browser that looks at its console. Any error in the page's own console fails the test that asks for it.

import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { type Emulator, type EmulatorOptions, startEmulator } from "../../src/emulator/index.js";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const PATIENCE_MS = 15_000;

/** The accounts and grants of most tests: dana may act as `ci`, and `ci` as nobody. */
export const SIGNER = "signer@demo-project.iam.gserviceaccount.com";
/** The account in the middle. */
export const CI = "ci-runner@demo-project.iam.gserviceaccount.com";
/** Who calls. */
export const DANA = "user:dana@example.com";
/** The role that gives every token. */
export const TOKEN_CREATOR = "roles/iam.serviceAccountTokenCreator";

/** What the stage's emulator starts with. */
export const demo: EmulatorOptions = {
  serviceAccounts: [SIGNER, CI],
  grants: [{ member: DANA, role: TOKEN_CREATOR, serviceAccount: CI }],
};

/** Starts the browser that CHROMIUM_PATH names. */
export function openBrowser(): Promise<Browser> {
  const executablePath = process.env["CHROMIUM_PATH"];
  if (executablePath === undefined)
    throw new Error("CHROMIUM_PATH is not set: these tests are run by test/browser/run.mjs");
  return chromium.launch({ executablePath, args: FLAGS });
}

/** How the page is opened. */
export interface StageOptions {
  /** What the emulator starts with. Default: {@link demo}. */
  readonly emulator?: EmulatorOptions;
  /** The colors. Default: light. */
  readonly colorScheme?: "light" | "dark";
  /** The size of the window. Default: 1280 by 800. */
  readonly viewport?: { readonly width: number; readonly height: number };
}

/** An emulator, and a page that looks at its console. */
export interface ConsoleStage extends AsyncDisposable {
  readonly emulator: Emulator;
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the page complained of: uncaught errors, and lines of its console that are errors. */
  readonly complaints: readonly string[];
  /** Opens a path of the console, `accounts` for one, and waits until it is connected. */
  visit(path: string): Promise<void>;
  /** The text of the status line when it has one that fits. */
  told(text: string | RegExp): Promise<void>;
}

/** A list that grows with what the page complains of: uncaught errors, and lines of its console that are errors. */
export function collectComplaints(page: Page): readonly string[] {
  const complaints: string[] = [];
  page.on("pageerror", (error) => void complaints.push(String(error)));
  page.on("console", (message) => void (message.type() === "error" && complaints.push(message.text())));
  return complaints;
}

/** Opens an emulator and a page. */
export async function openConsole(browser: Browser, options: StageOptions = {}): Promise<ConsoleStage> {
  const emulator = await startEmulator(options.emulator ?? demo);
  const { colorScheme = "light", viewport = { width: 1280, height: 800 } } = options;
  const context = await browser.newContext({
    colorScheme,
    viewport,
    acceptDownloads: true,
    permissions: ["clipboard-read", "clipboard-write"],
  });
  context.setDefaultTimeout(PATIENCE_MS); // what is not there by then is named
  const page = await context.newPage();
  const complaints = collectComplaints(page);
  return {
    emulator,
    context,
    page,
    complaints,
    async visit(path) {
      await page.goto(`${emulator.url}/console/${path}`);
      await page.getByText("● Connected").waitFor();
    },
    async told(text) {
      await page.locator("#status-line").filter({ hasText: text }).waitFor();
    },
    async [Symbol.asyncDispose]() {
      await context.close();
      await emulator.close();
    },
  };
}
