// SPDX-License-Identifier: Apache-2.0
// The gate of style rules that no linter looks for, over src/ and test/, with a seed of every rule.

import { parseSources } from "./doc-comments.js";
import { filesBelow, readText } from "./repository.js";
import * as rules from "./source-rules.js";

const HEADER = "// SPDX-License-Identifier: Apache-2.0\n// What it decides.\n";

const parsed = new Map<string, ReturnType<typeof parseSources>>();

function parse(folder: string): ReturnType<typeof parseSources> {
  const files = filesBelow(folder).filter((path) => /[.]ts$/.test(path) && !path.startsWith("test/package/consumers/"));
  return parseSources(files.map((path) => [path, readText(path)]));
}

function violations(rule: rules.SourceRule, folder: string, ...exempt: readonly RegExp[]): string[] {
  const sources = parsed.get(folder) ?? parse(folder);
  parsed.set(folder, sources);
  const ruled = [...sources].filter(([path]) => !exempt.some((pattern) => pattern.test(path)));
  return ruled.flatMap(([, source]) => rule(source));
}

describe("every file of src/", () => {
  it("opens with its license and one to three lines on what it decides", () => {
    expect(violations(rules.opensWithItsPurpose, "src")).toEqual([]);
  });

  it("has at most 400 lines, and functions of at most 60", () => {
    expect(violations(rules.isShort, "src")).toEqual([]);
    expect(violations(rules.hasShortFunctions, "src")).toEqual([]);
  });

  it("has no any, no export *, no default export and no enum", () => {
    expect(violations(rules.hasNoAny, "src")).toEqual([]);
    expect(violations(rules.exportsByName, "src")).toEqual([]);
  });

  it("says why each cast is right, and calls check… what returns nothing", () => {
    expect(violations(rules.givesReasonsForCasts, "src")).toEqual([]);
    expect(violations(rules.checksReturnNothing, "src")).toEqual([]);
  });

  it("asks the Clock for time and chance, except the clock itself and the emulator", () => {
    // unary-exchange.ts: grpc-js takes deadlines on the scale of Date.now() and no other.
    const exempt = [
      /^src\/base\/clock[.]ts$/,
      /^src\/rpc\/transport\/grpc-js\/unary-exchange[.]ts$/,
      /^src\/emulator\//,
    ];
    expect(violations(rules.asksTheClock, "src", ...exempt)).toEqual([]);
  });

  it("leaves the environment to endpoint/environment.ts", () => {
    expect(violations(rules.leavesTheEnvironmentAlone, "src", /^src\/base\/environment[.]ts$/)).toEqual([]);
  });

  it("holds exports by name and nothing else if it is called index.ts", () => {
    expect(violations(rules.isDoorOnly, "src", /(?<!\/index[.]ts)$/)).toEqual([]);
  });
});

describe("every file of test/", () => {
  it("opens with its license and one to three lines on what it decides, and has at most 400 lines", () => {
    const generated = /^test\/(streaming|library)\/generated\//;
    expect(violations(rules.opensWithItsPurpose, "test", generated)).toEqual([]);
    expect(violations(rules.isShort, "test", generated)).toEqual([]);
  });

  it("groups tests by at most 230 lines", () => {
    expect(violations(rules.hasShortDescribes, "test")).toEqual([]);
  });

  it("tries properties on the same cases each time", () => {
    expect(violations(rules.drawsTheSameCases, "test", /^test\/support\/property[.]ts$/)).toEqual([]);
  });

  it("mocks nothing and runs every test", () => {
    expect(violations(rules.mocksNothing, "test")).toEqual([]);
    expect(violations(rules.runsEveryTest, "test")).toEqual([]);
  });
});

const lines = (count: number): string => "x();\n".repeat(count);

const SEEDS: readonly (readonly [rule: rules.SourceRule, wrong: string, right: string])[] = [
  [rules.opensWithItsPurpose, "export {};\n", `${HEADER}\nexport {};\n`],
  [
    rules.opensWithItsPurpose,
    `${HEADER.split("\n")[0]}\n\nexport {};\n`,
    `${HEADER}// Two.\n// Three.\n\nexport {};\n`,
  ],
  [rules.opensWithItsPurpose, `${HEADER}// Two.\n// Three.\n// Four.\n\nexport {};\n`, `${HEADER}\nexport {};\n`],
  [rules.opensWithItsPurpose, "#!/usr/bin/env node\nexport {};\n", `#!/usr/bin/env node\n${HEADER}\nexport {};\n`],
  [rules.isShort, lines(401), lines(400)],
  [rules.hasShortFunctions, `function f() {\n${lines(59)}}`, `function f() {\n${lines(58)}}`],
  [rules.hasShortFunctions, `const f = () => {\n${lines(59)}};`, `const f = () => {\n${lines(58)}};`],
  [rules.hasShortDescribes, `describe("x", () => {\n${lines(229)}});`, `describe("x", () => {\n${lines(228)}});`],
  [
    rules.hasShortDescribes,
    `overTransports(() => {\n${lines(229)}});`,
    `describe.each([1])("%i", () => {\n${lines(228)}});`,
  ],
  [rules.hasNoAny, "const x: any = 1;", "const any: unknown = 1;"],
  [rules.givesReasonsForCasts, "const x = f() as string;", "const x = f() as string; // as: it is told"],
  [rules.givesReasonsForCasts, "g();\nconst x = f() as string;", "// It is told.\nconst x = f() as string;"],
  [rules.givesReasonsForCasts, 'f("https://x" as X);', 'f(require("x") as typeof import("x"), [1] as const);'],
  [rules.checksReturnNothing, "function checkX(x: string): string {}", "function checkX(x: string): void {}"],
  [rules.checksReturnNothing, "class A { #checkX() {} }", "class A { async #checkX(): Promise<void> {} }"],
  [rules.exportsByName, 'export * from "./x.js";', 'export { x } from "./x.js";'],
  [rules.exportsByName, "export default 1;", "switch (1) { default: }"],
  [rules.exportsByName, "export default function f() {}", "export function f() {}"],
  [rules.exportsByName, "enum Color { Red }", "const Color = { Red: 0 } as const;"],
  [rules.asksTheClock, "const at = Date.now();", "const at = clock.now();"],
  [rules.asksTheClock, "const at = new Date();", "const at = new Date(0);"],
  [rules.asksTheClock, "setTimeout(f, 1);", "clock.schedule(1, f);"],
  [rules.asksTheClock, "const x = Math.random();", "const x = Math.floor(1.5);"],
  [rules.leavesTheEnvironmentAlone, 'process.env["X"];', "process.version;"],
  [rules.isDoorOnly, "export const x = 1;", 'export type { X } from "./x.js";\nexport { x } from "./x.js";'],
  [rules.mocksNothing, "const f = jest.fn();", "const f = () => 1;"],
  [rules.drawsTheSameCases, 'import fc from "fast-check";', 'import { fc } from "../support/property.js";'],
  [rules.runsEveryTest, 'it.only("x", f);', 'it.each([1])("x", f);'],
  [rules.runsEveryTest, 'xit("x", f);', 'it("x", f);'],
];

describe("the rules of style", () => {
  it.each(SEEDS)("%p tells wrong from right (%#)", (rule, wrong, right) => {
    const check = (text: string): string[] => [...parseSources([["seeded.ts", text]]).values()].flatMap(rule);
    expect(check(wrong)).toEqual([expect.stringMatching(/^seeded[.]ts/)]);
    expect(check(right)).toEqual([]);
  });

  it("are each shown to tell wrong from right, and see every file", () => {
    const shown = SEEDS.map(([rule]) => rule);
    expect(Object.values(rules).filter((rule) => !shown.includes(rule))).toEqual([]);
    expect(parse("src").size).toBeGreaterThan(30);
    expect(parse("test").size).toBeGreaterThan(5);
  });
});
