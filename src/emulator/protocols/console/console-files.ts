// SPDX-License-Identifier: Apache-2.0
// Finds the console's files, which the build puts beside the program, and reads them on the first visit. Answers no request.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, extname, join, sep } from "node:path";

/** One of the console's files. */
export interface ConsoleFile {
  /** Its media type. Required. */
  readonly contentType: string;
  /** Its content. Required. */
  readonly body: Buffer;
  /** Different for different contents. Required. */
  readonly etag: string;
}

const mediaTypes: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=UTF-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

// Beside build/parts/, or in the repository's build/ when the sources are run directly. A bundle that is an ES module has no `__dirname`.
function findFolder(): string | undefined {
  if (typeof __dirname !== "string") return undefined;
  for (let folder = __dirname; dirname(folder) !== folder; folder = dirname(folder)) {
    const found = [join(folder, "console"), join(folder, "build/console")].find((each) =>
      existsSync(join(each, "start.js")),
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Reads the console's files.
 *
 * @returns the files by path, for example `page/screen.js`; none when they are missing, as in a bundled program
 * @throws the error of node:fs when they can't be read
 */
export async function readConsoleFiles(): Promise<ReadonlyMap<string, ConsoleFile>> {
  const folder = findFolder();
  if (folder === undefined) return new Map();
  const paths = (await readdir(folder, { recursive: true })).filter((path) => extname(path) in mediaTypes);
  const files = paths.map(async (path) => {
    const body = await readFile(join(folder, path));
    // Weak, since the response may be compressed.
    const etag = `W/"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
    const contentType = mediaTypes[extname(path)] ?? "";
    return [path.replaceAll(sep, "/"), { contentType, body, etag }] as const;
  });
  return new Map(await Promise.all(files));
}
