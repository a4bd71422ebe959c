// SPDX-License-Identifier: Apache-2.0
// What may be in the tarball, and what its declaration files may refer to.

import { importedPackages } from "../gates/hygiene.js";

const WANTED =
  /^(package[.]json|README[.]md|LICENSE|CHANGELOG[.]md|build\/src\/emulator\/seed\/seed[.]schema[.]json|build\/(src|generated)\/.+([.]js|[.]js[.]map|[.]d[.]ts))$/;

/** Paths that have no business in the tarball. */
export function strangers(paths: readonly string[]): string[] {
  return paths.filter((path) => !WANTED.test(path));
}

// Generated: nobody debugs it.
const WITHOUT_MAP = /^build\/generated\//;

/** Modules without declarations or without a source map. */
export function incompleteModules(paths: readonly string[]): string[] {
  const there = new Set(paths);
  const modules = paths.filter((path) => path.endsWith(".js"));
  const hasMap = (path: string) => there.has(`${path}.map`) || WITHOUT_MAP.test(path);
  return modules.filter((path) => !there.has(path.replace(/[.]js$/, ".d.ts")) || !hasMap(path));
}

/** Packages that declaration files refer to although an installation does not bring them. */
export function undeclaredReferences(declarations: readonly string[], dependencies: readonly string[]): string[] {
  const references = declarations.flatMap((text) => [
    ...importedPackages(text),
    ...[...text.matchAll(/<reference types="([^"]+)"/g)].map(([, name = ""]) => name),
  ]);
  return [...new Set(references)].filter((name) => !dependencies.includes(name) && name !== "node");
}
