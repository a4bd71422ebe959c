// SPDX-License-Identifier: Apache-2.0
// What a production install brings along: packages, files and bytes. Asks the registry, so it runs only when it is named.

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { table } from "../table.mjs";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const QUIET = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];

async function npm(args, cwd) {
  return (await run("npm", args, { cwd, shell: process.platform === "win32" })).stdout;
}

async function measureFolder(folder) {
  const { packages } = JSON.parse(await readFile(join(folder, "package-lock.json"), "utf8"));
  const modules = join(folder, "node_modules");
  let files = 0;
  let bytes = 0;
  for (const entry of await readdir(modules, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    files++;
    bytes += (await stat(join(entry.parentPath ?? entry.path, entry.name))).size;
  }
  return { packages: Object.keys(packages).filter((path) => path !== "").length, files, megabytes: bytes / 1e6 };
}

/** One record per package. */
export async function measure() {
  const folder = await mkdtemp(join(tmpdir(), "bench-install-"));
  try {
    const [packed] = JSON.parse(await npm(["pack", "--json", "--ignore-scripts", "--pack-destination", folder], ROOT));
    const official = "@google-cloud/iam-credentials";
    const { version } = createRequire(import.meta.url)(`${official}/package.json`);
    const records = [];
    for (const [client, what] of [
      ["ours", join(folder, packed.filename)],
      ["official", `${official}@${version}`],
    ]) {
      const place = join(folder, client);
      await mkdir(place);
      await writeFile(join(place, "package.json"), JSON.stringify({ name: "bench-install", private: true }));
      await npm(["install", "--omit=dev", ...QUIET, what], place);
      records.push({ client, round: 0, ...(await measureFolder(place)) });
    }
    return records;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The tables of the section, by heading. */
export function report(records) {
  const rows = records.map(({ client, packages, files, megabytes }) => [client, packages, files, megabytes.toFixed(1)]);
  const [ours, official] = records;
  const ratio = (figure) => (ours[figure] / official[figure]).toFixed(2);
  rows.push(["ratio", ...["packages", "files", "megabytes"].map(ratio)]);
  return [["Production install", table(["", "packages", "files", "MB"], rows)]];
}

/** The figure that has a goal: whoever puts the drop-in in the place of the official package installs the whole of ours. */
export function goals([ours, official]) {
  return [["installed MB, ours / official", "<= 0.80", ours.megabytes / official.megabytes]];
}
