// SPDX-License-Identifier: Apache-2.0
// Service-account keys in the forms in which they arrive, through shells, editors and forms. These cases concern the whole process: where
// the original cannot read a key, it rejects a promise that nobody can catch.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { generateKeyFile } from "../../../support/rsa-key.js";
import type { Case } from "../case.js";
import type { Loose } from "../side.js";
import { called, own, secure } from "./process.js";

const { info } = generateKeyFile();
const pem = info.private_key;
const json = (changes: object = {}): string => JSON.stringify({ ...info, ...changes });

/** What a file holds. */
const FORMS: Readonly<Record<string, string | Buffer>> = {
  "as Google writes it": json(),
  "with a byte order mark": `\ufeff${json()}`,
  "in UTF-16": Buffer.from(`\ufeff${json()}`, "utf16le"),
  "with escaped line breaks in its key": json({ private_key: pem.replaceAll("\n", "\\n") }),
  "with Windows line breaks in its key": json({ private_key: pem.replaceAll("\n", "\r\n") }),
  "with blanks around its key": json({ private_key: `  ${pem}  ` }),
  "with blanks before each line of its key": json({ private_key: pem.replaceAll("\n", "\n  ") }),
  "with quotes around its key": json({ private_key: `"${pem.trim()}"` }),
  "with its key in one line": json({ private_key: pem.replaceAll("\n", " ") }),
  "with a key that is none": json({ private_key: "none" }),
  "with null members": json({ quota_project_id: null, universe_domain: null, private_key_id: null }),
  "without a type": json({ type: undefined }),
  "without an account": json({ client_email: undefined }),
  "without JSON": "none",
  "of a type that nobody knows": json({ type: "something" }),
};

const folder = mkdtempSync(join(tmpdir(), "key-files-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

function write(name: string, contents: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, contents);
  return path;
}

const forms = Object.entries(FORMS).map(([form, contents], index) => [form, write(`${index}.json`, contents)] as const);
const path = write("plain.json", json());
const url = pathToFileURL(path);

/** How a file is named. */
const NAMES: Readonly<Record<string, string | URL>> = {
  "a relative path": relative(process.cwd(), path),
  "a file: URL as text": url.href,
  "a file: URL": url,
  "a file: URL of another host": "file://elsewhere.example/key.json",
  "a path with a blank at its end": `${path} `,
  "a path in quotes": `"${path}"`,
};

const option = (title: string, options: Loose): Case => own(`key file: ${title}`, {}, called(secure(options)));
const variable = (title: string, value: string): Case =>
  own(`key file: the variable: ${title}`, { GOOGLE_APPLICATION_CREDENTIALS: value }, called(secure()));

/** All of them. */
export const keyFileCases: Case[] = [
  ...forms.flatMap(([form, keyFilename]) => [
    option(`keyFilename: a file ${form}`, { keyFilename }),
    variable(`a file ${form}`, keyFilename),
  ]),
  ...Object.entries(NAMES).flatMap(([what, name]) => [
    option(`keyFilename: ${what}`, { keyFilename: name }),
    option(`keyFile: ${what}`, { keyFile: name }),
    ...(typeof name === "string" ? [variable(what, name)] : []),
  ]),
  option("credentials: with escaped line breaks in its key", {
    credentials: { ...info, private_key: pem.replaceAll("\n", "\\n") },
  }),
];
