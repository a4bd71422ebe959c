// SPDX-License-Identifier: Apache-2.0
// Credentials files as people have them.

import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { readCredentialsFile } from "../../../../src/auth/files/credentials-file.js";
import { ConfigurationError } from "../../../../src/index.js";

describe("a credentials file", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "key-file-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, text: string | Uint8Array) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  test("is read whole, of any type", () => {
    const contents = { type: "authorized_user", client_id: "x", refresh_token: "y" };
    expect(readCredentialsFile(write("user.json", JSON.stringify(contents)), "credentialsFile")).toEqual(contents);
  });

  test("that is missing is named with its path, and the reason is kept", () => {
    const path = join(folder, "missing.json");
    const read = () => readCredentialsFile(path, "credentialsFile");
    expect(read).toThrow(ConfigurationError);
    expect(read).toThrow(
      expect.objectContaining({
        message: `credentialsFile: cannot read ${path}: it does not exist`,
        cause: expect.objectContaining({ code: "ENOENT" }),
      }),
    );
  });

  test.each([
    ["no JSON", "private_key: do-not-quote-me"],
    ["cut off", '{"private_key": "do-not-quote-me'],
    ["a list", '["do-not-quote-me"]'],
    ["text", '"do-not-quote-me"'],
    ["null", "null"],
  ])("that is %s is refused with its path and without its text", (name, text) => {
    const path = write(`${name}.json`, text);
    let thrown: unknown;
    try {
      readCredentialsFile(path, "filename");
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ConfigurationError);
    expect(thrown).toMatchObject({ message: `filename: ${path} does not contain a JSON object` });
    expect(thrown).not.toHaveProperty("cause");
  });

  test.each([
    ["empty.json", "", "is empty"],
    ["blank.json", " \n", "is empty"],
    ["key.pem", "-----BEGIN PRIVATE KEY-----", "contains PEM; use the JSON key file, or the option credentials"],
  ])("%s is refused for what it is", (name, text, problem) => {
    const path = write(name, text);
    expect(() => readCredentialsFile(path, "x")).toThrow(`x: ${path} ${problem}`);
  });

  test("that is a folder is named as one", () => {
    expect(() => readCredentialsFile(folder, "x")).toThrow(`x: cannot read ${folder}: it is a directory`);
    symlinkSync(join(folder, "loop"), join(folder, "loop"));
    expect(() => readCredentialsFile(join(folder, "loop"), "x")).toThrow(/loop: its symbolic links form a loop$/);
    expect(() => readCredentialsFile(join(folder, "n".repeat(300)), "x")).toThrow(/n: ENAMETOOLONG$/);
  });

  const text = JSON.stringify({ type: "authorized_user", name: "ä" });
  test.each([
    ["UTF-8 with a byte order mark", Buffer.from(`\ufeff${text}`)],
    ["UTF-16, as PowerShell writes it", Buffer.from(`\ufeff${text}\r\n`, "utf16le")],
    ["UTF-16, the other way round", Buffer.from(`\ufeff${text}`, "utf16le").swap16()],
  ])("is read in %s", (name, bytes) => {
    expect(readCredentialsFile(write(`${name}.json`, bytes), "x")).toEqual(JSON.parse(text));
  });

  test("is read by its file: URL", () => {
    const path = write("by url.json", text);
    expect(readCredentialsFile(pathToFileURL(path), "x")).toEqual(JSON.parse(text));
    expect(readCredentialsFile(pathToFileURL(path).href, "x")).toEqual(JSON.parse(text));
  });

  test("has null for what is not there", () => {
    expect(readCredentialsFile(write("null.json", '{"a":null,"b":"c"}'), "x")).toEqual({ b: "c" });
  });
});
