// SPDX-License-Identifier: Apache-2.0
// The types of the reporter, for the test that looks at it.

interface ParityRow {
  readonly row: string;
  readonly fact: string;
  readonly tests: readonly string[];
  readonly differences: readonly string[];
  readonly others: readonly string[];
}

interface Result {
  readonly fullName: string;
  readonly status: string;
}

declare class ParityReporter {
  static parseParityTable(text?: string): readonly ParityRow[];
  static patternOf(title: string): RegExp;
  static problemsOf(titles: readonly string[], results: readonly Result[]): string[];
  constructor(globalConfig: { readonly testPathPatterns: { readonly patterns: readonly string[] } });
  onRunComplete(contexts: ReadonlySet<unknown>, results: object): void;
  getLastError(): Error | undefined;
}

export = ParityReporter;
