// SPDX-License-Identifier: Apache-2.0
// Finds what the style of sources forbids and no linter looks for. Each rule takes one parsed file.

import ts from "typescript";
import { locationOf } from "./doc-comments.js";

/** Finds violations of one rule in one file, as `path:line what`. */
export type SourceRule = (source: ts.SourceFile) => string[];

const LONGEST_FILE = 400;
const LONGEST_FUNCTION = 60;
const LONGEST_DESCRIBE = 230;

function descendants(node: ts.Node): ts.Node[] {
  const children: ts.Node[] = [];
  node.forEachChild((child) => void children.push(child, ...descendants(child)));
  return children;
}

function find(source: ts.SourceFile, isWrong: (node: ts.Node) => boolean, what: string): string[] {
  return descendants(source)
    .filter(isWrong)
    .map((node) => `${locationOf(node)} ${what}`);
}

/** Line 1 is the license (after a program's `#!`); lines 2 to 4, one of them at least, say what the file decides. */
export const opensWithItsPurpose: SourceRule = ({ fileName, text }) => {
  const lines = text.replace(/^#!.*\n/, "").split("\n");
  if (lines[0] !== "// SPDX-License-Identifier: Apache-2.0") return [`${fileName}:1 does not open with the SPDX line`];
  const end = lines.findIndex((line, index) => index > 0 && !/^\/\/ \S/.test(line));
  if (end === 1) return [`${fileName}:2 does not say what the file decides`];
  return end > 4 ? [`${fileName}:5 takes more than three lines to say what the file decides`] : [];
};

/** A file has 400 lines at most. */
export const isShort: SourceRule = ({ fileName, text }) => {
  const lines = text.trimEnd().split("\n").length;
  return lines > LONGEST_FILE ? [`${fileName} has ${lines} lines, more than ${LONGEST_FILE}`] : [];
};

/** Nodes that have more lines than they may. */
function findLong(source: ts.SourceFile, isLimited: (node: ts.Node) => boolean, what: string, longest: number) {
  const line = (position: number): number => source.getLineAndCharacterOfPosition(position).line;
  return descendants(source)
    .filter(isLimited)
    .map((node) => [node, line(node.getEnd()) - line(node.getStart()) + 1] as const)
    .filter(([, lines]) => lines > longest)
    .map(([node, lines]) => `${locationOf(node)} ${what} of ${lines} lines, more than ${longest}`);
}

/** A function has 60 lines at most. */
export const hasShortFunctions: SourceRule = (source) =>
  findLong(source, ts.isFunctionLike, "a function", LONGEST_FUNCTION);

const DESCRIBES = /^(describe|over\w*Transports)\b/;

/** A group of tests has 230 lines at most, groups in it included: a longer one is a file per behavior. */
export const hasShortDescribes: SourceRule = (source) =>
  findLong(
    source,
    (node) => ts.isCallExpression(node) && DESCRIBES.test(node.expression.getText()),
    "a describe",
    LONGEST_DESCRIBE,
  );

/** No `any`. */
export const hasNoAny: SourceRule = (source) => find(source, ({ kind }) => kind === ts.SyntaxKind.AnyKeyword, "any");

const COMMENT = /(?<!:)\/\//;

/** A cast says why it is right: on a line of its statement, in a comment above that, or in one above the function that begins `as:`. */
export const givesReasonsForCasts: SourceRule = (source) => {
  const lines = source.text.split("\n");
  const lineOf = (position: number): number => source.getLineAndCharacterOfPosition(position).line;
  const first = (node: ts.Node): number => lineOf(node.getStart());
  const hasReason = (cast: ts.Node): boolean => {
    const statement = closest(cast, (node) => ts.isStatement(node) || ts.isClassElement(node)) ?? cast;
    const enclosing = closest(cast, ts.isFunctionLike);
    const last = ts.isFunctionLike(statement) ? lineOf(cast.getEnd()) : lineOf(statement.getEnd());
    return (
      lines.slice(first(statement), last + 1).some((line) => COMMENT.test(line)) ||
      /^\s*(\/\/|\*)/.test(lines[first(statement) - 1] ?? "") ||
      (enclosing !== undefined && /^\s*\/\/ as: /.test(lines[first(enclosing) - 1] ?? ""))
    );
  };
  return find(
    source,
    (node) => ts.isAsExpression(node) && !isPlainCast(node) && !hasReason(node),
    "a cast without a reason",
  );
};

function closest(node: ts.Node, isIt: (node: ts.Node) => boolean): ts.Node | undefined {
  let at: ts.Node | undefined = node;
  while (at !== undefined && !isIt(at)) at = at.parent;
  return at;
}

/** `as const`, and the type of a module that require() loads. */
function isPlainCast({ expression, type }: ts.AsExpression): boolean {
  const isModule = ts.isTypeQueryNode(type) || (ts.isImportTypeNode(type) && type.isTypeOf);
  return type.getText() === "const" || (isModule && /^require\(/.test(expression.getText()));
}

/** What returns a value and may be called check…, since it is public. */
const PUBLIC_CHECKS = ["checkMember", "checkChain"];

/** `check…` throws or returns nothing: who returns what it has checked is called otherwise. */
export const checksReturnNothing: SourceRule = (source) =>
  find(
    source,
    (node) =>
      (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) &&
      /^#?check[A-Z]/.test(node.name?.getText() ?? "") &&
      !PUBLIC_CHECKS.includes(node.name?.getText() ?? "") &&
      !/^(void|Promise<void>|asserts .*)$/s.test(node.type?.getText() ?? ""),
    "a check that returns something",
  );

/** No `export *`, no default export, no `enum`. */
export const exportsByName: SourceRule = (source) => [
  ...find(source, (node) => ts.isExportDeclaration(node) && node.exportClause === undefined, "export *"),
  ...find(source, (node) => ts.isExportAssignment(node) || isDefaultKeyword(node), "a default export"),
  ...find(source, ts.isEnumDeclaration, "an enum"),
];

function isDefaultKeyword(node: ts.Node): boolean {
  return node.kind === ts.SyntaxKind.DefaultKeyword && !ts.isDefaultClause(node.parent);
}

/** A door holds exports by name and no logic: `export … from` and nothing else. */
export const isDoorOnly: SourceRule = (source) =>
  source.statements
    .filter((statement) => !(ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined))
    .map((statement) => `${locationOf(statement)} something other than an export from another file`);

const TIME_AND_CHANCE =
  /^(Date[.]now|Math[.]random|performance[.]now|setTimeout|setInterval|process[.]hrtime([.]bigint)?)$/;

/** Time and chance come from base/clock.ts alone. */
export const asksTheClock: SourceRule = (source) =>
  find(
    source,
    (node) =>
      (ts.isCallExpression(node) && TIME_AND_CHANCE.test(node.expression.getText())) ||
      (ts.isNewExpression(node) && node.expression.getText() === "Date" && (node.arguments ?? []).length === 0),
    "time or chance that is not the Clock's",
  );

/** The environment is read in base/environment.ts alone. */
export const leavesTheEnvironmentAlone: SourceRule = (source) =>
  find(
    source,
    (node) => ts.isPropertyAccessExpression(node) && node.getText() === "process.env",
    "reads the environment",
  );

const MOCKING = /^jest[.](fn|mock|doMock|unstable_mockModule|spyOn|useFakeTimers|replaceProperty|setMock|mocked)$/;

/** No mocking library, no fake timers: a fake implements an interface of ours. */
export const mocksNothing: SourceRule = (source) =>
  find(
    source,
    (node) => ts.isPropertyAccessExpression(node) && MOCKING.test(node.getText()) && !isFakeTimersOwnTest(source, node),
    "a mock",
  );

/** Calls under Jest's fake timers are what one test is about. */
function isFakeTimersOwnTest({ fileName }: ts.SourceFile, node: ts.Node): boolean {
  return fileName.endsWith("test/integration/fake-timers.test.ts") && node.getText() === "jest.useFakeTimers";
}

/** Properties are tried on the same cases each time: fast-check comes from support/property.ts. */
export const drawsTheSameCases: SourceRule = (source) =>
  find(
    source,
    (node) => ts.isImportDeclaration(node) && node.moduleSpecifier.getText() === '"fast-check"',
    "draws other cases each time",
  );

/** No test is skipped, and none keeps the others from running. `failing` runs: it says what is known to be wrong, and for how long. */
export const runsEveryTest: SourceRule = (source) =>
  find(
    source,
    (node) =>
      (ts.isPropertyAccessExpression(node) && /^(it|test|describe)[.](only|skip|todo)$/.test(node.getText())) ||
      (ts.isCallExpression(node) && /^(xit|fit|xtest|xdescribe|fdescribe)$/.test(node.expression.getText())),
    "a test that is skipped or alone",
  );
