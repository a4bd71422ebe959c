// SPDX-License-Identifier: Apache-2.0
// Finds what lacks a doc comment: every export, every public member behind a door, and what an option's comment must say.

import { dirname, join } from "node:path";
import ts from "typescript";

/** Source files by path, relative to the root of the repository. */
export type Sources = ReadonlyMap<string, ts.SourceFile>;

/** Parses files. */
export function parseSources(files: Iterable<readonly [path: string, text: string]>): Sources {
  const parse = ([path, text]: readonly [string, string]) =>
    [path, ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)] as const;
  return new Map([...files].map(parse));
}

/** `path:line` of a node. */
export function locationOf(node: ts.Node): string {
  const file = node.getSourceFile();
  return `${file.fileName}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}

/** The text of a node's doc comment; `undefined`: it has none. An empty one is none. */
function docOf(node: ts.Node): string | undefined {
  const docs = ts.getJSDocCommentsAndTags(node).filter((doc) => ts.isJSDoc(doc));
  const text = docs.map((doc) => doc.getText().replace(/^\/\*\*|\*\/$|^\s*\* ?/gm, "")).join("\n");
  return /\w/.test(text) ? text : undefined;
}

function isExported(node: ts.Node): boolean {
  return (
    ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
  );
}

function nameOf(node: ts.Node): string {
  const named = node as { name?: ts.Node }; // as: every declaration asked about here has a name or is skipped
  return named.name?.getText() ?? "(no name)";
}

/** The exported declarations of a file. */
function exportsOf(source: ts.SourceFile): ts.Node[] {
  const exported = source.statements.filter(isExported);
  // The first of several overloads speaks for all.
  const isOverload = (statement: ts.Node, index: number): boolean =>
    ts.isFunctionDeclaration(statement) && nameOf(exported[index - 1] ?? source) === nameOf(statement);
  const spoken = exported.filter((statement, index) => !isOverload(statement, index));
  return spoken.flatMap((statement): ts.Node[] => {
    return ts.isVariableStatement(statement) ? [...statement.declarationList.declarations] : [statement];
  });
}

/** The declarations that a door exports, wherever they stand. */
export function declarationsBehind(door: string, sources: Sources): ts.Node[] {
  const statements: readonly ts.Statement[] = sources.get(door)?.statements ?? [];
  return statements.filter(ts.isExportDeclaration).flatMap(({ moduleSpecifier, exportClause }) => {
    if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) return [];
    if (exportClause === undefined || !ts.isNamedExports(exportClause)) return [];
    const path = join(dirname(door), moduleSpecifier.text).replace(/[.]js$/, ".ts");
    const declarations = sources.get(path) === undefined ? [] : exportsOf(sources.get(path) as ts.SourceFile); // as: just asked
    return exportClause.elements.flatMap((element) => {
      const name = (element.propertyName ?? element.name).getText();
      return declarations.filter((declaration) => nameOf(declaration) === name);
    });
  });
}

/** The fields that an interface has of `GivenOf<typeof NAME.fields>`, as they are declared in its file. */
function declaredFieldsOf(node: ts.InterfaceDeclaration): ts.Node[] {
  const name = /GivenOf<typeof (\w+)[.]fields>/.exec(node.heritageClauses?.[0]?.getText() ?? "")?.[1];
  if (name === undefined) return [];
  const declared = node
    .getSourceFile()
    .statements.filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => [...declarationList.declarations])
    .find((declaration) => nameOf(declaration) === name);
  const found: ts.Node[] = [];
  const visit = (each: ts.Node): void => {
    const isFields = ts.isPropertyAssignment(each) && nameOf(each) === "fields";
    if (isFields && ts.isObjectLiteralExpression(each.initializer)) found.push(...each.initializer.properties);
    else ts.forEachChild(each, visit);
  };
  if (declared !== undefined) visit(declared);
  return found.filter(ts.isPropertyAssignment);
}

/** The members that a user of a declaration sees. A constructor is spoken for by its class. */
function publicMembersOf(node: ts.Node): ts.Node[] {
  if (ts.isInterfaceDeclaration(node)) return [...node.members, ...declaredFieldsOf(node)];
  if (ts.isTypeAliasDeclaration(node) && ts.isTypeLiteralNode(node.type)) return [...node.type.members];
  if (!ts.isClassDeclaration(node)) return [];
  return node.members.filter((member, index) => {
    // The first of several overloads speaks for all.
    const isOverload = ts.isMethodDeclaration(member) && nameOf(node.members[index - 1] ?? node) === nameOf(member);
    if (isOverload) return false;
    if (ts.isConstructorDeclaration(member) || ts.isClassStaticBlockDeclaration(member)) return false;
    if (member.name !== undefined && ts.isPrivateIdentifier(member.name)) return false;
    const hidden = [ts.SyntaxKind.PrivateKeyword, ts.SyntaxKind.ProtectedKeyword, ts.SyntaxKind.OverrideKeyword];
    const modifiers = ts.canHaveModifiers(member) ? (ts.getModifiers(member) ?? []) : [];
    return !modifiers.some(({ kind }) => hidden.includes(kind));
  });
}

/**
 * Whether the members of an interface are options: things that a caller may give, and must know whether to. One whose members
 * are all there always is an answer, whatever its name.
 */
function holdsOptions(node: ts.Node): node is ts.InterfaceDeclaration {
  if (!ts.isInterfaceDeclaration(node)) return false;
  const isRequest = /\/requests[.]ts$/.test(node.getSourceFile().fileName) && /Request$/.test(nameOf(node));
  const mayLack = node.members.some((member) => member.questionToken !== undefined);
  return isRequest || (mayLack && /Options$/.test(nameOf(node)));
}

/** Every export without a doc comment, every option whose comment says neither `Required.` nor `Default:`. */
export function undocumented(sources: Sources, doors: readonly string[]): string[] {
  const found: string[] = [];
  const ask = (node: ts.Node, what: string): void => {
    if (docOf(node) === undefined) found.push(`${locationOf(node)} ${what} has no doc comment`);
  };
  const all = [...sources.values()].flatMap(exportsOf);
  for (const node of all) ask(node, nameOf(node));
  for (const node of new Set(doors.flatMap((door) => declarationsBehind(door, sources)))) {
    for (const member of publicMembersOf(node)) ask(member, `${nameOf(node)}.${nameOf(member)}`);
  }
  const options = all.filter(ts.isInterfaceDeclaration).filter(isExported);
  for (const node of options) {
    for (const member of holdsOptions(node) ? node.members : declaredFieldsOf(node)) {
      if (/\bRequired\b|\bDefault:\s/.test(docOf(member) ?? "")) continue;
      found.push(`${locationOf(member)} ${nameOf(node)}.${nameOf(member)} says neither "Required" nor "Default: …"`);
    }
  }
  return found.sort();
}
