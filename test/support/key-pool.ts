// SPDX-License-Identifier: Apache-2.0
// RSA key pairs for emulators of tests: real ones, each made once in a run of Jest and shared by its files through a folder,
// since one takes a quarter of a second of a processor, and ten times that when luck or load will have it.

import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

/** Both halves of a key. */
export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const generate = promisify(generateKeyPair);
const known = new Map<string, Promise<KeyPair>>();

/** Opens a source of key pairs: it gives no pair twice, and another source gives the same ones. */
export function openKeyPool(): (modulusLength: number) => Promise<KeyPair> {
  let taken = 0;
  return (modulusLength) => {
    const name = `${modulusLength}-${taken++}.pem`;
    const pair = known.get(name) ?? load(name, modulusLength);
    known.set(name, pair);
    return pair;
  };
}

async function load(name: string, modulusLength: number): Promise<KeyPair> {
  const folder = process.env["TEST_KEY_FOLDER"];
  const path = folder === undefined ? undefined : join(folder, name);
  const made = path === undefined ? undefined : read(path);
  const privateKey = made ?? (await generate("rsa", { modulusLength })).privateKey;
  if (path !== undefined && made === undefined) write(path, privateKey);
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

function read(path: string): KeyObject | undefined {
  try {
    return createPrivateKey(readFileSync(path));
  } catch {
    return undefined; // not made yet
  }
}

// Whole or not at all; of two workers that make it at once the later one's stays.
function write(path: string, key: KeyObject): void {
  const own = `${path}.${process.pid}`;
  writeFileSync(own, key.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
  renameSync(own, path);
}
