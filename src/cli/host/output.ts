// SPDX-License-Identifier: Apache-2.0
// How the program speaks and how it ends: the words that main.ts and the commands share. Knows no command.

/**
 * How a program ends: 0 it did what it was asked to, 1 it could not, 2 it did not understand the arguments; what the
 * others mean is in exit.ts, and `exec` ends as its child does.
 */
export type ExitCode = number;

/** Where a command writes. */
export interface Output {
  /** Writes lines for whoever reads the result: standard output. */
  print(text: string): void;
  /** Writes lines for people, about progress and errors: standard error. */
  complain(text: string): void;
}

/** Arguments that a command can't take. The message names the option and says what would be right. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Something that went wrong with a message that needs no name in front. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  const { message } = Object(error) as { readonly message?: unknown }; // as: any value has properties after Object()
  return typeof message === "string" ? message : String(error);
}
