// SPDX-License-Identifier: Apache-2.0
// The stage of commands that lend an account while they run (`serve`, `proxy`, `exec`): the built program as a process, what it says when
// it is ready, and questions to what it serves. Whatever still runs ends with the stage.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { builtProgram, type CliResult, iamcredsProcess, variablesOf } from "./cli.js";
import { type CliStage, openCliStage, ROBOT } from "./cli-stage.js";
import { waitUntil } from "./wait-until.js";

/** A program that serves. */
interface StartedSession {
  readonly child: ChildProcess;
  /** What it said when it was ready. */
  readonly ready: Readonly<Record<string, never>> & { host: string; url: string; environment: Record<string, string> };
  /** All that it has printed. */
  printed(): string;
}

/** The stage. */
export interface SessionStage extends CliStage {
  /** Starts a command with --json, and waits until it is ready. */
  start(...args: readonly string[]): Promise<StartedSession>;
  /** Runs a program as the robot by `exec`, flags first. */
  exec(
    flags: readonly string[],
    command: readonly string[],
    variables?: Readonly<Record<string, string>>,
  ): Promise<CliResult>;
}

/** Opens the stage. */
export async function openSessionStage(): Promise<SessionStage> {
  const stage = await openCliStage();
  const children: ChildProcess[] = [];
  return {
    ...stage,
    async start(...args) {
      const child = spawn(process.execPath, [builtProgram(), ...args, "--json"], { env: variablesOf(stage.variables) });
      children.push(child);
      let printed = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (bytes) => {
          printed += bytes;
        });
      }
      await waitUntil("the program is ready", () => printed.includes("\n") || child.exitCode !== null);
      return { child, ready: JSON.parse(printed.split("\n")[0] ?? ""), printed: () => printed };
    },
    exec: (flags, command, variables = {}) =>
      iamcredsProcess(["exec", ROBOT, ...flags, "--", ...command], {
        variables: { ...stage.variables, ...variables },
      }),
    async close() {
      for (const child of children) child.kill("SIGKILL");
      await stage.close();
    },
  };
}

/** All of a message's text. */
export async function textOf(message: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of message.setEncoding("utf8")) text += chunk;
  return text;
}

/** Asks by node:http, which lets Host and Origin be what they are given as. */
export async function ask(
  host: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<[code: number, text: string]> {
  const [hostname = "", port = ""] = host.split(":");
  const [answer] = (await once(get({ hostname, port, path, headers, agent: false }), "response")) as [IncomingMessage]; // as: Node says so
  return [answer.statusCode ?? 0, await textOf(answer)];
}
