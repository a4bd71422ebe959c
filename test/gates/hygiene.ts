// SPDX-License-Identifier: Apache-2.0
// Finds what no file of the repository may hold: a machine's paths, a registry's address, a nameless name, no license.

/** A file that is or would be committed. */
export interface CommittedFile {
  /** Relative to the root. */
  readonly path: string;
  readonly text: string;
}

const MACHINE_PATH =
  /(?<![\w.:/$}-])(?:\/(?:work|home|root|Users|mnt|srv|private\/var|var\/folders)\/[\w.-]+|[A-Z]:\\Users\\)/;

/** Absolute paths of somebody's machine, the folder of this run among them. */
export function machinePaths(files: readonly CommittedFile[], here: string): string[] {
  return files.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, index) => {
      const isWrong = MACHINE_PATH.test(line) || (here.length > 1 && line.includes(here));
      return isWrong ? [`${path}:${index + 1}`] : [];
    }),
  );
}

/** Entries of a lock file that say where a package was fetched. Other machines have other registries. */
export function fetchedAddresses(lockFile: string): string[] {
  return [...lockFile.matchAll(/"resolved": *"(?:https?:|git)[^"]*"/g)].map(([entry]) => entry);
}

/** Wherever such a word stands in a name; `common` and `types` say something beside another word. */
const EMPTY_NAME = /(^|[/-])(utils?|helpers?|misc)([./-]|$)|(^|\/)(commons?|types?)([./]|$)/;
/** The wire contract names these files; the design names the folder of tests of types. */
const FORCED_NAME =
  /^(protos|generated)\/google\/(iam\/credentials\/v1\/common([.]tables)?[.](proto|ts)|type\/expr([.]tables)?[.]ts)$|^test\/types\/[^/]+$/;

/** Paths with a name that says nothing. */
export function emptyNames(paths: readonly string[]): string[] {
  return paths.filter((path) => EMPTY_NAME.test(path) && !FORCED_NAME.test(path));
}

const COMMENTABLE =
  /[.]([cm]?[jt]sx?|go|proto|py|ya?ml|sh|toml)$|^[.]ci\/[^/]+$|^[.](gitignore|npmignore|editorconfig)$/;

/** Files that can hold a comment, except generated ones, and do not open with the license. A `#!` line may come first. */
export function unlicensed(files: readonly CommittedFile[]): string[] {
  return files
    .filter(({ path }) => COMMENTABLE.test(path) && !/^(test\/(streaming|library)\/)?generated\//.test(path))
    .filter(({ text }) => !/^(?:#!.*\n)?(?:\/\/|#) SPDX-License-Identifier: Apache-2[.]0\n/.test(text))
    .map(({ path }) => path);
}

/** The package in a module specifier: `@grpc/grpc-js` of `@grpc/grpc-js/package.json`; `undefined` of a path or a Node module. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith(".") || specifier.startsWith("node:")) return undefined;
  return /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0];
}

/** The packages that the text of a module imports, re-exports, requires, or names as the home of a type. */
export function importedPackages(text: string): string[] {
  const specifiers = text.matchAll(/(?:\bfrom|\bimport|(?<!\.)\brequire\(|\bimport\()\s*["']([^"'\n]+)["']/g);
  return [...specifiers].flatMap(([, specifier = ""]) => packageOf(specifier) ?? []);
}
