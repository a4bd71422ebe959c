// SPDX-License-Identifier: Apache-2.0
// The program's surroundings: streams, terminal, environment and time. A test can replace all of them.

import { type Clock, systemClock } from "../../base/clock.js";
import { readEnvironment } from "../../base/environment.js";
import type { Output } from "./output.js";

/** The variables of the environment, by name. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** The surroundings of a command. */
export interface Host extends Output {
  /** Writes bytes to standard output. */
  printBytes(bytes: Uint8Array): void;
  /** All of standard input. */
  readInput(): Promise<Buffer>;
  /** One line of standard input, which is a terminal. */
  readLine(): Promise<string>;
  /** Which streams are a terminal. */
  readonly isTerminal: { readonly input: boolean; readonly output: boolean; readonly errors: boolean };
  /** The width of standard output's terminal; undefined: it is not a terminal. */
  readonly columns: number | undefined;
  readonly variables: Variables;
  readonly clock: Clock;
}

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function readOneLine(stream: NodeJS.ReadStream): Promise<string> {
  for await (const chunk of stream) return String(chunk).split("\n", 1)[0] ?? "";
  return "";
}

/** The surroundings of this process. */
export function processHost(): Host {
  const { stdin, stdout, stderr } = process;
  return {
    print: (text) => void stdout.write(text),
    printBytes: (bytes) => void stdout.write(bytes),
    complain: (text) => void stderr.write(text),
    readInput: () => readAll(stdin),
    readLine: () => readOneLine(stdin),
    get isTerminal() {
      return { input: stdin.isTTY === true, output: stdout.isTTY === true, errors: stderr.isTTY === true };
    },
    get columns() {
      return stdout.isTTY === true ? stdout.columns : undefined;
    },
    variables: readEnvironment(),
    clock: systemClock,
  };
}
