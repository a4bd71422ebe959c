// SPDX-License-Identifier: Apache-2.0
// The folder of one run: readable by its owner only, removed with it; what a killed run left goes with the next. Knows no file's meaning.

import { lstatSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive, thisMachine } from "../host/local-process.js";
import { ownUid } from "./peer-rules.js";

const NAME = /^iamcreds-run-([0-9a-f]{8})-(\d+)-/;

function isOurs(path: string): boolean {
  try {
    const { uid } = lstatSync(path);
    return lstatSync(path).isDirectory() && (ownUid() === undefined || uid === ownUid());
  } catch {
    return false;
  }
}

/** Removes the folders of runs that were killed on this machine; containers may share the parent. */
function removeLeftovers(parent: string): void {
  for (const name of readdirSync(parent)) {
    const [, machine, pid] = NAME.exec(name) ?? [];
    const path = join(parent, name);
    const isLeft = machine === thisMachine() && !isAlive(Number(pid));
    if (isLeft && isOurs(path)) rmSync(path, { recursive: true, force: true });
  }
}

/** A folder of this run. */
export class RunFolder {
  readonly #path: string;

  /** @throws the error of node:fs when there can be none */
  constructor() {
    const parent = tmpdir();
    removeLeftovers(parent);
    this.#path = mkdtempSync(join(parent, `iamcreds-run-${thisMachine()}-${process.pid}-`)); // of mode 0700
  }

  /** A path in it. */
  path(name: string): string {
    return join(this.#path, name);
  }

  /** Makes a folder in it. */
  makeFolder(name: string): string {
    mkdirSync(this.path(name), { mode: 0o700 });
    return this.path(name);
  }

  /** Writes a file atomically: readers see the old or the new one. */
  write(name: string, content: string): string {
    const draft = this.path(`${name}.draft`);
    writeFileSync(draft, content, { mode: 0o600 });
    renameSync(draft, this.path(name));
    return this.path(name);
  }

  /** Removes it with its contents. */
  remove(): void {
    rmSync(this.#path, { recursive: true, force: true });
  }
}
