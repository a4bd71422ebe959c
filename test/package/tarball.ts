// SPDX-License-Identifier: Apache-2.0
// What may be in the tarball, and what its declaration files may refer to.

import { importedPackages } from "../gates/hygiene.js";

const WANTED =
  /^(package[.]json|README[.]md|LICENSE|CHANGELOG[.]md|docs\/troubleshooting[.]md|tools\/protoc-gen-rows[.]cjs|build\/src\/emulator\/seed\/seed[.]schema[.]json|build\/(parts\/)?[^/]+[.]js|build\/index[.]mjs|build\/console\/.+[.](?:js|css|html|svg)|build\/(src|generated)\/.+[.]d[.]ts)$/;

/** Paths that have no business in the tarball. */
export function strangers(paths: readonly string[]): string[] {
  return paths.filter((path) => !WANTED.test(path));
}

/** What a declaration takes from Node. */
const OF_NODE = /<reference types="node"|["']node:[a-z/]+["']|\bNodeJS[.]|\bBuffer\b/;

/** Packages that declaration files refer to although an installation does not bring them. */
export function undeclaredReferences(declarations: readonly string[], dependencies: readonly string[]): string[] {
  const references = declarations.flatMap((text) => [
    ...importedPackages(text),
    ...[...text.matchAll(/<reference types="([^"]+)"/g)].map(([, name = ""]) => name).filter((name) => name !== "node"),
    ...(OF_NODE.test(text) ? ["@types/node"] : []),
  ]);
  return [...new Set(references)].filter((name) => !dependencies.includes(name));
}
