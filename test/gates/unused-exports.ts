// SPDX-License-Identifier: Apache-2.0
// Finds what is exported and imported by no other file: by name, through a namespace, by `import()` in a type or by require().

import { dirname, posix } from "node:path";
import ts from "typescript";
import type { Sources } from "./doc-comments.js";

/** Everything of a module, since who takes it does not say what of it. */
const ALL = "*";

const idOf = (path: string, name: string): string => `${path}#${name}`;

function fileOf(from: string, specifier: ts.Node | undefined): string | undefined {
  if (specifier === undefined || !ts.isStringLiteral(specifier) || !specifier.text.startsWith(".")) return undefined;
  return posix.join(dirname(from), specifier.text).replace(/[.]js$/, ".ts");
}

/** The names that a file exports where they are declared. */
function exportedNames(source: ts.SourceFile): string[] {
  return source.statements.flatMap((statement) => {
    const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
    if (!modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
    if (ts.isVariableStatement(statement)) {
      return statement.declarationList.declarations.flatMap(({ name }) => namesOf(name));
    }
    const { name } = statement as { name?: ts.Identifier }; // as: what else is exported where it is declared has one
    return name === undefined ? [] : [name.text];
  });
}

function namesOf(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? namesOf(element.name) : []));
}

/** What a file takes of others. */
function usesOf(path: string, source: ts.SourceFile): string[] {
  const uses: string[] = [];
  const namespaces = new Map<string, string>();
  const take = (file: string | undefined, name: string): void => {
    if (file !== undefined) uses.push(idOf(file, name));
  };
  const takeRequired = (call: ts.CallExpression, file: string | undefined): void => {
    let use: ts.Node = call.parent;
    while (ts.isAsExpression(use) || ts.isParenthesizedExpression(use)) use = use.parent;
    if (ts.isPropertyAccessExpression(use)) take(file, use.name.text);
    else if (ts.isVariableDeclaration(use) && ts.isIdentifier(use.name) && file !== undefined) {
      namespaces.set(use.name.text, file);
    } else if (ts.isVariableDeclaration(use) && ts.isObjectBindingPattern(use.name)) {
      for (const { propertyName, name } of use.name.elements) take(file, (propertyName ?? name).getText());
    } else take(file, ALL);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      const file = fileOf(path, node.moduleSpecifier);
      const bindings = ts.isImportDeclaration(node) ? node.importClause?.namedBindings : node.exportClause;
      if (bindings === undefined || file === undefined) return;
      if (ts.isNamespaceImport(bindings)) namespaces.set(bindings.name.text, file);
      else if (ts.isNamespaceExport(bindings)) take(file, ALL);
      else for (const { propertyName, name } of bindings.elements) take(file, (propertyName ?? name).text);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      take(fileOf(path, node.argument.literal), node.qualifier?.getText().split(".")[0] ?? ALL);
    } else if (ts.isCallExpression(node) && /^(require|import)$/.test(node.expression.getText())) {
      takeRequired(node, fileOf(path, node.arguments[0]));
    } else if (ts.isPropertyAccessExpression(node)) take(namespaces.get(node.expression.getText()), node.name.text);
    else if (ts.isQualifiedName(node)) take(namespaces.get(node.left.getText()), node.right.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return uses;
}

/**
 * Exports of src/ that no other file takes, as `path#name`. A door exports for others.
 *
 * @param tools text that may name an export
 */
export function unusedExports(sources: Sources, tools: string): string[] {
  const used = new Set([...sources].flatMap(([path, source]) => usesOf(path, source)));
  const exported = [...sources].filter(([path]) => path.startsWith("src/"));
  return exported
    .filter(([path]) => !/[/]index[.]ts$/.test(path) && !used.has(idOf(path, ALL)))
    .flatMap(([path, source]) => exportedNames(source).map((name) => [path, name] as const))
    .filter(([path, name]) => !used.has(idOf(path, name)) && !new RegExp(`\\b${name}\\b`).test(tools))
    .map(([path, name]) => idOf(path, name))
    .sort();
}
