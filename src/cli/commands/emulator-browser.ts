// SPDX-License-Identifier: Apache-2.0
// Opens a page in whatever browser this machine's user has chosen. Does not know whether there is one: nothing depends on it.

import { spawn } from "node:child_process";

/** The program that opens a page, and what it is given before the URL. */
const openers: Readonly<Partial<Record<NodeJS.Platform, readonly [program: string, ...args: readonly string[]]>>> = {
  darwin: ["open"],
  win32: ["cmd", "/c", "start", '""'],
};

/**
 * Opens a page. Fails silently: a machine without a browser still runs an emulator.
 *
 * @param url the page
 * @param platform which system this is. Default: this one
 * @param environment of the program that opens it. Default: this process's
 */
export function openBrowser(
  url: string,
  platform: NodeJS.Platform = process.platform,
  environment?: NodeJS.ProcessEnv,
): void {
  const [program, ...args] = openers[platform] ?? ["xdg-open"];
  const child = spawn(program, [...args, url], {
    stdio: "ignore",
    detached: true,
    ...(environment === undefined ? {} : { env: environment }),
  });
  child.on("error", () => {}); // no such program
  child.unref();
}
