// SPDX-License-Identifier: Apache-2.0
// Reads a file of commands as a guide prints them: continued by `\`, a backquote or `^`, words in double quotes.

/** The commands of a text, each as its words. */
export function readCommands(text: string): string[][] {
  const lines = text.replace(/\s*[\\`^]\n\s*/g, " ").split("\n");
  return lines
    .filter((line) => line.trim() !== "")
    .map((line) => Array.from(line.matchAll(/(?:[^\s"]|"[^"]*")+/g), ([word]) => word.replaceAll('"', "")));
}
