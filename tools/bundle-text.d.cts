// SPDX-License-Identifier: Apache-2.0
// What a test may ask of bundle-text.cjs.

/** Where what is imported is found. */
export interface Link {
  /** The expression. */
  readonly at: string;
  /** Names that are called otherwise there. */
  readonly renamed: readonly (readonly [name: string, there: string])[];
}

/** A part's text, finished. @param text esbuild's @param links by the path under which esbuild has left it outside */
export function finished(text: string, links: ReadonlyMap<string, Link>): string;
