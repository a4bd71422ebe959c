// SPDX-License-Identifier: Apache-2.0
// The service accounts of the project, for completion: queried for at most a second, and cached for five minutes, since a Tab that hangs
// is worse than none. On any error there are none.

import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../../cache/file-token-store.js";
import type { Host } from "../../host/host.js";
import { withCaller } from "../../source/caller.js";
import { emulatorHost } from "../../source/emulator-host.js";
import { type FlagGroups, readArguments } from "../../table/flags.js";

const FRESH_MS = 300_000;
const MOST = 1000;

function pathFor({ variables }: Host, project: string): string {
  const source = variables["GOOGLE_APPLICATION_CREDENTIALS"] ?? "";
  const key = createHash("sha256").update(JSON.stringify([project, source, emulatorHost(variables) ?? ""]));
  return join(cacheFolder(variables), `accounts-${key.digest("hex")}.json`);
}

function readFresh(path: string, now: number): readonly string[] | undefined {
  try {
    const { at, emails } = Object(JSON.parse(readFileSync(path, "utf8"))) as { at?: unknown; emails?: unknown }; // as: checked below
    const isFresh = typeof at === "number" && at <= now && now - at < FRESH_MS;
    return isFresh && Array.isArray(emails) ? emails.map(String) : undefined;
  } catch {
    return undefined;
  }
}

function remember(path: string, folder: string, at: number, emails: readonly string[]): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  writeFileSync(draft, JSON.stringify({ at, emails }), { mode: 0o600, flag: "wx" });
  renameSync(draft, path);
}

/** The e-mails of the accounts. */
export async function listAccountNames(host: Host, common: FlagGroups): Promise<readonly string[]> {
  const { flags } = readArguments(["--timeout", "1s"], common, host.variables);
  const project = flags.text("project");
  if (project === undefined) return [];
  const path = pathFor(host, project);
  const known = readFresh(path, host.clock.wallNow());
  if (known !== undefined) return known;
  const given = { ...flags, path: [], args: [], positionals: [], rest: undefined };
  const emails: string[] = [];
  try {
    await withCaller(given, host, async (caller) => {
      const list = caller
        .adminClient()
        .listServiceAccounts({ name: `projects/${project}`, pageSize: 100 }, caller.call);
      for await (const { email } of list) if (emails.push(email) >= MOST) break;
    });
    remember(path, cacheFolder(host.variables), host.clock.wallNow(), emails);
  } catch {
    // What came in time is offered; nothing is cached.
  }
  return emails;
}
