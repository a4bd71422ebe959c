// SPDX-License-Identifier: Apache-2.0
// Runs the program iamcreds within the test's own process, with streams and a terminal that the test holds in its hands.

import { spawn } from "node:child_process";
import { constants } from "node:os";
import { join, resolve } from "node:path";
import { type Clock, systemClock } from "../../src/base/clock.js";
import type { Host } from "../../src/cli/host/host.js";
import { run } from "../../src/cli/program.js";
import { setEnvironment } from "./bare-environment.js";

/** What the program finds around it. */
export interface CliSurroundings {
  /** Standard input. Default: empty. */
  readonly input?: string | Uint8Array;
  /** The environment's variables, all of them. Default: none. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Time. Default: the machine's. */
  readonly clock?: Clock;
  /** How wide the terminal is that all streams are. Default: they are none. */
  readonly columns?: number;
}

/** How it ended. */
export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program. */
export async function iamcreds(args: readonly string[], surroundings: CliSurroundings = {}): Promise<CliResult> {
  const { input = "", variables = {}, columns, clock = systemClock } = surroundings;
  let stdout = "";
  let stderr = "";
  const isTerminal = columns !== undefined;
  const host: Host = {
    print: (text) => {
      stdout += text;
    },
    printBytes: (bytes) => {
      stdout += Buffer.from(bytes).toString("latin1");
    },
    complain: (text) => {
      stderr += text;
    },
    readInput: async () => Buffer.from(input),
    readLine: async () => Buffer.from(input).toString().split("\n", 1)[0] ?? "",
    isTerminal: { input: isTerminal, output: isTerminal, errors: isTerminal },
    columns,
    variables,
    clock,
  };
  const restore = setEnvironment(variables);
  try {
    const code = await run(args, host);
    return { code, stdout, stderr };
  } finally {
    restore();
  }
}

const ROOT = resolve(__dirname, "../..");
/** Variables that would lend the program credentials or an endpoint that its test did not give it. */
const FOREIGN = /^(NODE_OPTIONS|GOOGLE_|CLOUDSDK_|GCE_|IAM_CREDENTIALS_|JEST_|npm_|NPM_)/;

/** The path of a program of the built package. */
export const builtProgram = (name = "iamcreds"): string => join(ROOT, `build/${name}.js`);

/** The variables of a process that the test starts: the machine's own that tell nothing of Google, and those given. */
export function variablesOf(variables: Readonly<Record<string, string>>): Record<string, string | undefined> {
  const inherited = Object.entries(process.env).filter(([name]) => !FOREIGN.test(name));
  return { ...Object.fromEntries(inherited), HOME: "/nowhere-that-exists", ...variables };
}

/** Runs the built program as a process. Needs the build, which `npm test` makes first. */
export function iamcredsProcess(
  args: readonly string[],
  { input = "", variables = {} }: Pick<CliSurroundings, "input" | "variables"> = {},
  program?: string,
): Promise<CliResult> {
  const child = spawn(process.execPath, [builtProgram(program), ...args], { env: variablesOf(variables) });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (bytes) => {
    stdout += bytes;
  });
  child.stderr.on("data", (bytes) => {
    stderr += bytes;
  });
  child.stdin.on("error", () => undefined); // it may have ended without reading
  child.stdin.end(input);
  return new Promise((done) => {
    child.once("close", (code, signal) =>
      done({ code: code ?? 128 + (constants.signals[signal ?? "SIGKILL"] ?? 0), stdout, stderr }),
    );
  });
}
