// SPDX-License-Identifier: Apache-2.0
// Where the repository is, which files it has, and how a gate runs a program over them. Judges nothing.

import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";

/** The root of the repository. */
export const ROOT = resolve(__dirname, "../..");

/** How a program ended. */
export interface Outcome {
  /** The exit status; -1 when a signal ended it. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a program is run. */
export interface RunOptions {
  /** Default: the root of the repository. */
  readonly cwd?: string;
  /** Laid over the environment of this process; `undefined` removes a variable. Default: nothing. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds before it is killed. Default: 240,000. */
  readonly timeoutMs?: number;
}

/** Runs a program to its end, whatever its exit status. Rejects when it cannot be started. */
export function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { cwd = ROOT, env = {}, timeoutMs = 240_000 } = options;
  return new Promise((settle, reject) => {
    const settings = { cwd, env: { ...process.env, ...env }, timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024 };
    const child = execFile(file, args, settings, (error, stdout, stderr) => {
      if (error !== null && typeof error.code === "string") reject(error);
      else settle({ exitCode: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
    });
    child.stdin?.end();
  });
}

/** Runs a script with the Node that runs this one. */
export function runNode(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return run(process.execPath, args, options);
}

/** Paths of the files below a folder of the repository, relative to its root, sorted. */
export function filesBelow(folder: string, root = ROOT): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => !/(^|[/\\])node_modules[/\\]/.test(path)) // test/newer has one of its own
    .sort();
}

/** The files of the repository, without what is installed, built or packed. Git is not asked: a zip or a container has no history. */
export function committedFiles(): string[] {
  return filesBelowRoot()
    .filter((path) => !path.endsWith(".tgz"))
    .sort();
}

function filesBelowRoot(): string[] {
  const skipped = new Set([".git", "build", "coverage", "node_modules"]);
  return readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => !skipped.has(entry.name))
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(entry.name) : [entry.name]));
}

/** The text of a file of the repository. */
export function readText(path: string, root = ROOT): string {
  return readFileSync(join(root, path), "utf8");
}

/** A folder that is gone when the test is over: `using copy = openTemporaryFolder()`. */
export interface TemporaryFolder extends Disposable {
  readonly path: string;
}

/** Makes an empty folder outside the repository. */
export function openTemporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), "iam-credentials-gate-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Copies parts of the repository into a folder, where node_modules is the repository's own. */
export function openCopy(parts: readonly string[]): TemporaryFolder {
  const folder = openTemporaryFolder();
  for (const part of parts) cpSync(join(ROOT, part), join(folder.path, part), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(folder.path, "node_modules"), "dir");
  return folder;
}
