// SPDX-License-Identifier: Apache-2.0
// Keeps tokens in files, for programs that run once per command: one file per key, readable by its owner only, written atomically.

import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../base/clock.js";
import type { Variables } from "../host/host.js";
import { takeFileLease } from "./file-lease.js";
import type { Lease, StoredToken, TokenStore } from "./token-store.js";

/** The folder of the cache. */
export function cacheFolder(variables: Variables): string {
  return join(variables["XDG_CACHE_HOME"] || join(variables["HOME"] || homedir(), ".cache"), "iamcreds");
}

function readJson(path: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return Object(JSON.parse(readFileSync(path, "utf8"))) as Readonly<Record<string, unknown>>; // as: an object of whatever
  } catch {
    return undefined; // missing, or half-written by somebody else: nothing is stored
  }
}

/** Tokens in files. */
export class FileTokenStore implements TokenStore {
  readonly #folder: string;
  readonly #clock: Clock;

  constructor(folder: string, clock: Clock) {
    this.#folder = folder;
    this.#clock = clock;
  }

  read(key: string): Promise<StoredToken | undefined> {
    const { token, expiresAt, staleAt } = readJson(this.#path(key)) ?? {};
    if (typeof token !== "string" || typeof expiresAt !== "number" || typeof staleAt !== "number")
      return Promise.resolve(undefined);
    return Promise.resolve({ sealed: Buffer.from(token, "base64"), expiresAt, staleAt });
  }

  async write(key: string, { sealed, expiresAt, staleAt }: StoredToken): Promise<void> {
    this.#makeFolder();
    const draft = join(this.#folder, `${key}.${randomBytes(6).toString("hex")}.draft`);
    const text = JSON.stringify({ token: Buffer.from(sealed).toString("base64"), expiresAt, staleAt });
    writeFileSync(draft, text, { mode: 0o600, flag: "wx" });
    renameSync(draft, this.#path(key));
  }

  async lease(key: string, ms: number): Promise<Lease | undefined> {
    this.#makeFolder();
    return takeFileLease(join(this.#folder, `${key}.lease`), ms, this.#clock);
  }

  /** Removes everything. */
  static clear(folder: string): void {
    rmSync(folder, { recursive: true, force: true });
  }

  #makeFolder(): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
  }

  #path(key: string): string {
    return join(this.#folder, `${key}.json`);
  }
}
