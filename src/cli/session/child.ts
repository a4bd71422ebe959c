// SPDX-License-Identifier: Apache-2.0
// Runs a program with our streams: passes on signals and exits as it does. Knows no token.

import { spawn } from "node:child_process";
import { constants } from "node:os";
import type { Variables } from "../host/host.js";
import type { ExitCode } from "../host/output.js";
import { messageOf } from "../host/output.js";

/** What is passed on to the child. */
const PASSED: readonly NodeJS.Signals[] = ["SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"];

/** What a program is started with. */
interface ChildSettings {
  readonly command: string;
  readonly args: readonly string[];
  readonly variables: Variables;
  /** Called with the reason when it could not be started. */
  complain(message: string): void;
}

// cmd.exe parses the line again: CVE-2024-27980.
function forWindows(command: string, args: readonly string[]): { command: string; args: string[]; shell: boolean } {
  const quote = (text: string) =>
    `"${text.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\*)$/, "$1$1")}"`.replace(/[()%!^"<>&|]/g, "^$&");
  return { command: quote(command), args: args.map(quote), shell: true };
}

function commandLine(command: string, args: readonly string[]): { command: string; args: string[]; shell: boolean } {
  if (process.platform === "win32" && /\.(cmd|bat)$/i.test(command)) return forWindows(command, args);
  return { command, args: [...args], shell: false };
}

/** The code of a program that could not be started: 127 not found, 126 can't be run. */
function codeOfStart(error: NodeJS.ErrnoException): ExitCode {
  return error.code === "ENOENT" ? 127 : 126;
}

/**
 * Runs the program to its end.
 *
 * @returns its exit code; 128 plus its signal's number; 126 or 127 when it could not be started
 */
export function runChild({ command, args, variables, complain }: ChildSettings): Promise<ExitCode> {
  return new Promise((resolve) => {
    const line = commandLine(command, args);
    const undo: (() => void)[] = [];
    const listen = (signal: NodeJS.Signals, listener: () => void): void => {
      process.on(signal, listener);
      undo.push(() => process.off(signal, listener));
    };
    // Before the child exists: an early signal still reaches it.
    for (const signal of PASSED) if (signal in constants.signals) listen(signal, () => void child.kill(signal));
    // A terminal signals the whole process group: the child already has it.
    const hasTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
    listen("SIGINT", () => void (hasTerminal || child.kill("SIGINT")));
    const child = spawn(line.command, line.args, { env: variables, stdio: "inherit", shell: line.shell });
    const end = (code: ExitCode): void => {
      for (const each of undo) each();
      resolve(code);
    };
    child.once("error", (error: NodeJS.ErrnoException) => {
      if (child.pid !== undefined) return; // a signal that could not be passed on
      complain(`${command}: ${error.code === "ENOENT" ? "there is no such program" : messageOf(error)}`);
      end(codeOfStart(error));
    });
    child.once("exit", (code, signal) => end(code ?? 128 + constants.signals[signal ?? "SIGKILL"]));
  });
}
