// SPDX-License-Identifier: Apache-2.0
// Runs a TypeScript program of a test in a process of its own, from source: esbuild bundles it, nothing has to be built.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buildSync } from "esbuild";
import { transportOfTurn } from "./transport-of-turn.js";
import { waitUntil } from "./wait-until.js";

const ROOT = resolve(__dirname, "../..");
/** Variables that would lend a child trust, credentials or an endpoint that its test did not give it. */
const FOREIGN = /^(NODE_EXTRA_CA_CERTS|NODE_OPTIONS|SSL_CERT_|GRPC_|GOOGLE_|CLOUDSDK_|GCE_|IAM_CREDENTIALS_|JEST_)/;

/** How a child ended. */
export interface ChildResult {
  /** The exit code; `null` after a signal. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running child. */
export class ChildProgram {
  readonly #process: ChildProcessWithoutNullStreams;
  /** All that it has printed. */
  stdout = "";
  /** All that it has complained about. */
  stderr = "";
  /** Resolves when it has ended. */
  readonly ended: Promise<ChildResult>;

  constructor(process: ChildProcessWithoutNullStreams, cleanUp: () => void) {
    this.#process = process;
    process.stdout.on("data", (bytes) => {
      this.stdout += bytes;
    });
    process.stderr.on("data", (bytes) => {
      this.stderr += bytes;
    });
    this.ended = new Promise((resolve) => {
      process.once("close", (code) => {
        cleanUp();
        resolve({ code, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  /** Writes a line to its stdin. */
  tell(line: string): void {
    this.#process.stdin.write(`${line}\n`);
  }

  /** Resolves once it has printed a text. */
  async says(text: string, timeoutMs?: number): Promise<void> {
    await waitUntil(`the child prints ${text}`, () => this.stdout.includes(text), timeoutMs).catch((cause: unknown) => {
      throw new Error(`the child printed ${this.stdout}${this.stderr}`, { cause });
    });
  }

  /** Sends it a signal. */
  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }
}

const bundles = new Map<string, Uint8Array>();

// Once for all children of a test file that have the same transport.
function bundle(path: string): Uint8Array {
  const isOverGrpcJs = transportOfTurn() === "grpc-js";
  const key = `${path} ${isOverGrpcJs}`;
  const built =
    bundles.get(key) ??
    buildSync({
      entryPoints: [join(ROOT, path)],
      // As a bundled program must.
      inject: isOverGrpcJs ? [join(ROOT, "src/grpc-js.ts")] : [],
      write: false,
      bundle: true,
      platform: "node",
      target: "node20",
      format: "cjs",
      packages: "external",
      logLevel: "error",
    }).outputFiles[0]?.contents;
  if (built === undefined) throw new Error(`esbuild made nothing of ${path}`);
  bundles.set(key, built);
  return built;
}

/**
 * Starts a program.
 *
 * @param path from the root: `test/fault/programs/x.ts`
 * @param env what the child's environment has besides PATH, HOME and the transport whose turn it is
 * @param args its arguments. Default: none
 */
export function startProgram(
  path: string,
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): ChildProgram {
  const folder = mkdtempSync(join(tmpdir(), "program-"));
  const outfile = join(folder, "program.cjs");
  writeFileSync(outfile, bundle(path));
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([key]) => !FOREIGN.test(key)));
  const child = spawn(process.execPath, ["--enable-source-maps", outfile, ...args], {
    cwd: folder,
    env: { ...inherited, NODE_PATH: join(ROOT, "node_modules"), TEST_TRANSPORT: transportOfTurn(), ...env },
  });
  return new ChildProgram(child, () => rmSync(folder, { recursive: true, force: true }));
}

/** Runs a program to its end. */
export function runProgram(path: string, env: Readonly<Record<string, string>> = {}): Promise<ChildResult> {
  return startProgram(path, env).ended;
}
