// SPDX-License-Identifier: Apache-2.0
// The package as a user gets it: packed by npm, installed from the tarball into an empty project far from this one.

import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { openTemporaryFolder, ROOT, run } from "../gates/repository.js";

const NAME = "iam-credentials-client";

/** A project that has the package installed. */
export interface Consumer extends Disposable {
  /** Its folder. */
  readonly path: string;
  /** Where the package is in it. */
  readonly packagePath: string;
  /** The tarball. */
  readonly tarball: string;
  /** Paths in the tarball. */
  readonly packedFiles: readonly string[];
}

/** Packs the build as it is, and installs the tarball. */
export async function openConsumer(): Promise<Consumer> {
  const folder = openTemporaryFolder();
  const packed = await run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder.path]);
  if (packed.exitCode !== 0) throw new Error(`npm pack: ${packed.stderr}`);
  const [{ filename, files }] = JSON.parse(packed.stdout) as [{ filename: string; files: { path: string }[] }]; // as: npm's form
  const path = join(folder.path, "project");
  mkdirSync(path);
  writeFileSync(join(path, "package.json"), '{ "private": true }\n');
  await install(path, join(folder.path, filename));
  return {
    path,
    packagePath: join(path, "node_modules", NAME),
    tarball: join(folder.path, filename),
    packedFiles: files.map((file) => file.path),
    [Symbol.dispose]: folder[Symbol.dispose],
  };
}

async function install(project: string, tarball: string): Promise<void> {
  const quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline", "--fetch-retries=0"];
  const { exitCode, stderr } = await run("npm", ["install", tarball, ...quiet], { cwd: project });
  if (exitCode === 0) return;
  process.stderr.write(`npm install of the tarball failed, so its dependencies are linked instead:\n${stderr}\n`);
  const home = join(project, "node_modules", NAME);
  mkdirSync(home, { recursive: true });
  const unpacked = await run("tar", ["-xzf", tarball, "--strip-components=1", "-C", home]);
  if (unpacked.exitCode !== 0) throw new Error(`tar: ${unpacked.stderr}`);
  mkdirSync(join(project, "node_modules/.bin"));
  symlinkSync(`../${NAME}/build/iamcreds.js`, join(project, "node_modules/.bin/iamcreds"));
  for (const entry of readdirSync(join(ROOT, "node_modules"))) {
    if (!entry.startsWith(".") && entry !== "@types") linkModule(project, entry);
  }
}

/** Gives a project a package of this repository. One that is there stays. */
export function linkModule(project: string, name: string): void {
  const link = join(project, "node_modules", name);
  if (existsSync(link)) return;
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(join(ROOT, "node_modules", name), link, "dir");
}

/** Copies programs of consumers/ into a folder. */
export function copyPrograms(folder: string, ...names: readonly string[]): void {
  for (const name of names) cpSync(join(__dirname, "consumers", name), join(folder, name));
}
