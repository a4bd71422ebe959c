// SPDX-License-Identifier: Apache-2.0
// Where the first token comes from, and what is refused before any is asked for. No message quotes a file.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, test } from "@jest/globals";
import type { Host, Variables } from "../../../../src/cli/host/host.js";
import { openSource } from "../../../../src/cli/source/source.js";
import { commonFlags } from "../../../../src/cli/table/common-flags.js";
import { parseFlags } from "../../../../src/cli/table/flags.js";
import { ManualClock } from "../../../support/manual-clock.js";
import { rejectionOf } from "../../../support/rejection-of.js";

const SECRET = ["ya29", "not-a-real-token"].join(".");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "source-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** Opens a source in a home folder without gcloud's files. */
function open(
  flags: readonly string[],
  { input = "", variables = {} }: { input?: string; variables?: Variables } = {},
) {
  const nothing = (): never => {
    throw new Error("nothing is printed");
  };
  const host: Host = {
    print: nothing,
    printBytes: nothing,
    complain: nothing,
    readLine: nothing,
    readInput: async () => Buffer.from(input),
    isTerminal: { input: false, output: false, errors: false },
    columns: undefined,
    variables: { CLOUDSDK_CONFIG: folder, ...variables },
    clock: new ManualClock(),
  };
  return openSource(parseFlags(flags, commonFlags), host);
}

const EMULATOR = { IAM_CREDENTIALS_EMULATOR_HOST: "127.0.0.1:1" };
const LOGIN = { type: "authorized_user", client_id: "c", client_secret: "s", refresh_token: SECRET };

describe("a bare token", () => {
  test.each([
    ["on standard input", ["--source", "-"], { input: `${SECRET}\n` }, "--source -"],
    ["in a file", ["--access-token-file", "FILE"], {}, "--access-token-file"],
  ])("%s authorizes calls, its newline left out", async (_, flags, given, label) => {
    const path = write("token", `${SECRET}\n`);
    const source = await open(
      flags.map((each) => (each === "FILE" ? path : each)),
      given,
    );
    expect(source).toMatchObject({ label, document: undefined });
    const credentials = source.options.credentials as { getRequestMetadata(): unknown }; // as: it is a provider of ours
    expect(credentials.getRequestMetadata()).toEqual({ authorization: `Bearer ${SECRET}` });
  });

  it("is nothing else, and is not repeated", async () => {
    for (const text of ["", `${SECRET} ${SECRET}`, `{"token": "${SECRET}"}\n x`]) {
      const error = await rejectionOf(open(["--source", "-"], { input: text }));
      expect(error).toMatchObject({
        name: "UsageError",
        message: "--source - must hold an access token and nothing else",
      });
    }
  });

  it("and a source exclude each other; a file that is missing is named by its flag", async () => {
    expect(await rejectionOf(open(["--source", "adc", "--access-token-file", "x"]))).toMatchObject({
      message: "--source and --access-token-file: set one of them, not both",
    });
    expect(await rejectionOf(open(["--access-token-file", join(folder, "none")]))).toMatchObject({
      name: "UsageError",
      message: expect.stringMatching(/^--access-token-file cannot be read: ENOENT/),
    });
  });
});

describe("a credentials file", () => {
  it("is what --source names, a byte order mark before it or not", async () => {
    const path = write("login.json", `\ufeff${JSON.stringify(LOGIN)}`);
    expect(await open(["--source", path])).toEqual({
      label: path,
      document: LOGIN,
      options: { credentialsFile: path },
    });
  });

  test.each(["no JSON", "[]x", "5", `{"refresh_token": "${SECRET}"`])(
    "is JSON, which is not quoted: %#",
    async (text) => {
      const error = await rejectionOf(open(["--source", write("login.json", text)]));
      expect(error).toMatchObject({
        name: "UsageError",
        message: "--source must be a credentials file in JSON (for a bare access token: --access-token-file)",
      });
      expect(String(Object(error).cause)).not.toContain(SECRET);
    },
  );

  it("of Google's is not taken where an emulator is meant", async () => {
    const path = write("login.json", JSON.stringify(LOGIN));
    const error = await rejectionOf(open(["--source", path], { variables: EMULATOR }));
    expect(error).toMatchObject({ name: "UsageError", message: expect.stringMatching(/^--source/) });
  });
});

describe("application default credentials", () => {
  it("are told by the variable, the file of gcloud, or the metadata server, in this order", async () => {
    expect((await open([])).label).toBe("the metadata server");
    const path = write("application_default_credentials.json", JSON.stringify(LOGIN));
    expect(await open(["--source", "adc"])).toEqual({ label: path, document: LOGIN, options: {} });
    const variables = { GOOGLE_APPLICATION_CREDENTIALS: write("named.json", JSON.stringify(LOGIN)) };
    expect((await open([], { variables })).label).toBe(
      `GOOGLE_APPLICATION_CREDENTIALS (${variables.GOOGLE_APPLICATION_CREDENTIALS})`,
    );
  });

  it("that cannot be read are the client's to complain of", async () => {
    const variables = { GOOGLE_APPLICATION_CREDENTIALS: join(folder, "none") };
    expect(await open([], { variables })).toMatchObject({ document: undefined, options: {} });
  });

  it("of an emulator are its owner, where no file is named", async () => {
    write("application_default_credentials.json", JSON.stringify(LOGIN));
    expect(await open([], { variables: EMULATOR })).toEqual({
      label: "the emulator's owner",
      document: undefined,
      options: {},
    });
  });
});

test.each([
  [
    "gcloud",
    /^--source gcloud: IAM_CREDENTIALS_EMULATOR_HOST is set, and Google's tokens are never sent to an emulator$/,
  ],
  [
    "metadata",
    /^--source metadata: IAM_CREDENTIALS_EMULATOR_HOST is set, so GCE_METADATA_HOST must name the emulator, too$/,
  ],
])("Google's tokens are never sent to an emulator: --source %s", async (source, message) => {
  expect(await rejectionOf(open(["--source", source], { variables: EMULATOR }))).toMatchObject({
    name: "UsageError",
    message: expect.stringMatching(message),
  });
});

it("a metadata server that is named, and gcloud, are asked when a token is needed", async () => {
  expect((await open(["--source", "metadata"])).label).toBe("the metadata server");
  expect((await open(["--source", "gcloud"])).label).toBe("gcloud");
});
