// SPDX-License-Identifier: Apache-2.0
// A real terminal of a chosen width, by tmux: what is typed into it, and what stands on it.

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { variablesOf } from "./cli.js";
import { waitUntil } from "./wait-until.js";

/** Whether tmux is installed. */
export const hasTmux = spawnSync("tmux", ["-V"], { stdio: "ignore" }).status === 0;

/** The title of a test that needs a terminal. */
export const byTmux = (title: string): string => (hasTmux ? title : `is not judged, tmux is not installed: ${title}`);

/** A terminal with a shell in it. */
export interface Terminal {
  /** Types keys, by tmux's names for them: `C-c`, `Enter`. */
  press(...keys: readonly string[]): void;
  /** Types a line and presses Enter. */
  type(line: string): void;
  /** What stands on it, blanks at the ends of lines left out. @param isRaw with the escape sequences of colors */
  read(isRaw?: boolean): string;
  /** Waits until something stands on it. @returns all that does */
  wait(pattern: RegExp): Promise<string>;
  close(): void;
}

/** What a terminal is opened with. */
export interface TerminalOptions {
  /** For its files; removed by who made it. Required. */
  readonly folder: string;
  /** The variables of its shell. Required. */
  readonly variables: Readonly<Record<string, string>>;
  /** How wide it is. Default: 120. */
  readonly columns?: number;
}

/** Opens a terminal. */
export function openTerminal({ folder, variables, columns = 120 }: TerminalOptions): Terminal {
  const socket = join(folder, "tmux");
  const shell = join(folder, "shell.sh");
  writeFileSync(shell, 'PS1="ready> "\nset +o history\n');
  const run = (...args: readonly string[]): string => {
    const { status, stdout, stderr } = spawnSync("tmux", ["-S", socket, "-f", "/dev/null", ...args], {
      env: { ...variablesOf(variables), TERM: "xterm-256color", LC_ALL: "C.UTF-8" },
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`tmux ${args[0]}: ${stderr}`);
    return stdout;
  };
  run("new-session", "-d", "-x", String(columns), "-y", "60", `bash --noprofile --rcfile ${shell} -i`);
  const read = (isRaw = false): string => run("capture-pane", "-p", ...(isRaw ? ["-e"] : []));
  return {
    press: (...keys) => void run("send-keys", ...keys),
    type(line) {
      run("send-keys", "-l", line);
      run("send-keys", "Enter");
    },
    read,
    async wait(pattern) {
      await waitUntil(`the terminal shows ${pattern}`, () => pattern.test(read()));
      return read();
    },
    close: () => void run("kill-server"),
  };
}
