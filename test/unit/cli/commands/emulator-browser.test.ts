// SPDX-License-Identifier: Apache-2.0
// Opening the console: by the program that this system has for it, and without one not at all.

import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { openBrowser } from "../../../../src/cli/commands/emulator-browser.js";
import { waitUntil } from "../../../support/wait-until.js";

const URL_WITH_KEY = "http://127.0.0.1:8519/?key=0123abcd";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "browser-"));
  for (const program of ["xdg-open", "open", "cmd"]) {
    writeFileSync(
      join(folder, program),
      `#!/bin/sh\necho "$@" > "${folder}/${program}.told.part" && /bin/mv "${folder}/${program}.told.part" "${folder}/${program}.told"\n`,
    );
    chmodSync(join(folder, program), 0o755);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each<[NodeJS.Platform, string, string]>([
  ["linux", "xdg-open", URL_WITH_KEY],
  ["freebsd", "xdg-open", URL_WITH_KEY],
  ["darwin", "open", URL_WITH_KEY],
  ["win32", "cmd", `/c start "" ${URL_WITH_KEY}`],
])("on %s %s opens it", async (platform, program, told) => {
  const path = join(folder, `${program}.told`);
  rmSync(path, { force: true });
  openBrowser(URL_WITH_KEY, platform, { PATH: folder });
  await waitUntil(`${program} is run`, () => existsSync(path));
  expect(readFileSync(path, "utf8")).toBe(`${told}\n`);
});

test("without such a program nothing happens", async () => {
  expect(() => openBrowser(URL_WITH_KEY, "linux", { PATH: join(folder, "empty") })).not.toThrow();
  await new Promise((resolve) => setImmediate(resolve)); // an error event that nobody hears would end the process
});
