// SPDX-License-Identifier: Apache-2.0
// The gate of doc comments over src/, and seeds of everything that it must find.

import { declarationsBehind, parseSources, undocumented } from "./doc-comments.js";
import { filesBelow, readText } from "./repository.js";

const DOORS = [
  "src/index.ts",
  "src/iam-admin/index.ts",
  "src/diagnosis/index.ts",
  "src/emulator/index.ts",
  "src/gapic/index.ts",
];

function seeded(text: string): string[] {
  const door = 'export { Thing } from "./thing.js";\nexport type { Shape, Other as Renamed } from "./thing.js";\n';
  const files = new Map([
    ["src/index.ts", door],
    ["src/thing.ts", text],
  ]);
  return undocumented(parseSources(files), ["src/index.ts"]);
}

describe("the doc comments of src/", () => {
  const files = filesBelow("src").filter((path) => path.endsWith(".ts"));
  const sources = parseSources(files.map((path) => [path, readText(path)]));

  it("stand at every export, every public member behind a door and every option", () => {
    expect(undocumented(sources, DOORS)).toEqual([]);
  });

  it.each(DOORS)("are looked for behind %s", (door) => {
    expect(declarationsBehind(door, sources).length).toBeGreaterThan(5);
  });
});

describe("the search for missing doc comments", () => {
  it.each([
    ["function", "export function thing(): void {}", "thing"],
    ["class", "export class Thing {}", "Thing"],
    ["interface", "export interface Own {}", "Own"],
    ["type", "export type Own = string;", "Own"],
    ["constant", "export const own = 1;", "own"],
    ["export with an empty comment", "/** */\nexport const own = 1;", "own"],
    ["export with a comment of another kind", "// Not a doc comment.\nexport const own = 1;", "own"],
  ])("finds a bare %s", (_kind, text, name) => {
    expect(seeded(text)).toEqual([
      expect.stringMatching(new RegExp(`^src/thing[.]ts:\\d ${name} has no doc comment$`)),
    ]);
  });

  it("finds bare members of what a door exports, renamed or not", () => {
    const text = `/** A. */
export class Thing {
  #own = 1;
  private hidden = 2;
  constructor() {}
  open(): void {}
  get size(): number { return this.#own + this.hidden; }
  static readonly kind = "k";
  /** Documented. */
  close(): void {}
}
/** B. */
export interface Shape { width: number }
/** C. */
export type Other = { height: number };
/** D. */
export interface Inner { free: number }
`;
    expect(seeded(text)).toEqual([
      "src/thing.ts:13 Shape.width has no doc comment",
      "src/thing.ts:15 Other.height has no doc comment",
      "src/thing.ts:6 Thing.open has no doc comment",
      "src/thing.ts:7 Thing.size has no doc comment",
      "src/thing.ts:8 Thing.kind has no doc comment",
    ]);
  });

  it("finds bare fields of an options object that is declared once, and those that say nothing of a default", () => {
    const text = `/** A. */
export const SHAPE = declare({
  unknown: "is no field",
  fields: {
    /** One. Required. */
    one: required(anyText),
    /** Two. */
    two: optional(anyText),
    three: optional(anyText),
  },
});
/** B. */
export interface Shape extends GivenOf<typeof SHAPE.fields> {}
`;
    expect(seeded(text)).toEqual([
      'src/thing.ts:8 Shape.two says neither "Required" nor "Default: …"',
      "src/thing.ts:9 Shape.three has no doc comment",
      'src/thing.ts:9 Shape.three says neither "Required" nor "Default: …"',
    ]);
  });

  it("finds options and request fields that say neither whether they are required nor what they are without", () => {
    const text = `/** A. */
export interface ThingOptions {
  /** One. Required. */
  one: string;
  /** Two. Default: 2. */
  two?: number;
  /** Three. */
  three?: number;
}
`;
    expect(seeded(text)).toEqual(['src/thing.ts:8 ThingOptions.three says neither "Required" nor "Default: …"']);
    const request = "/** A. */\nexport interface ThingRequest {\n  /** One. */\n  one: string;\n}\n";
    expect(undocumented(parseSources([["src/iam/requests.ts", request]]), [])).toEqual([
      'src/iam/requests.ts:4 ThingRequest.one says neither "Required" nor "Default: …"',
    ]);
  });
});
