// SPDX-License-Identifier: Apache-2.0
// The full titles of the tests in a source file, as they stand there: what a table fills in is still a placeholder.

import ts from "typescript";

const PLACEHOLDER = /%[sdifjop#%$]|\$[a-zA-Z][\w.]*|\$\{[^}]*\}/;

/** Patterns of the full titles of the tests in a source text. */
export function titlePatternsOf(path: string, text: string): RegExp[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const titles: string[] = [];
  const visit = (node: ts.Node, parents: readonly string[]): void => {
    const call = callOf(node);
    if (call === undefined) node.forEachChild((child) => visit(child, parents));
    else if (call.isTest) titles.push([...parents, call.title].join(" "));
    else node.forEachChild((child) => visit(child, [...parents, call.title]));
  };
  visit(source, []);
  return titles.map(
    (title) =>
      new RegExp(
        `^${title
          .split(PLACEHOLDER)
          .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
          .join(".*")}$`,
        "s",
      ),
  );
}

function callOf(node: ts.Node): { readonly title: string; readonly isTest: boolean } | undefined {
  if (!ts.isCallExpression(node)) return undefined;
  const [first] = node.arguments;
  // test("…"), test.each(…)("…"), test.each<…>(…)("…")
  const name = /^(test|it|describe)(?=$|[.(<])/.exec(node.expression.getText())?.[1];
  if (first === undefined || name === undefined || !isText(first)) return undefined;
  return {
    title: first
      .getText()
      .slice(1, -1)
      .replace(/\\(["'`])/g, "$1"),
    isTest: name !== "describe",
  };
}

function isText(node: ts.Expression): boolean {
  return ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) || ts.isTemplateExpression(node);
}
