// SPDX-License-Identifier: Apache-2.0
// Files that arguments name: what is said when one cannot be read, and that neither it nor what stands in place of its path is repeated.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseGivenJson, readGivenFile } from "../../../../src/cli/host/given-file.js";
import { iamcreds } from "../../../support/cli.js";

const ROBOT = "robot@my-project.iam.gserviceaccount.com";
const CONTENTS =
  '{"type":"authorized_user","client_id":"x","client_secret":"open-sesame","refresh_token":"open-sesame"}';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "given-"));
  writeFileSync(join(folder, "half.json"), '{\n  "token": "open-sesame"\n  "x": 1}');
});
afterAll(() => rmSync(folder, { recursive: true }));

test("a file is read; one that is not there is named", () => {
  expect(readGivenFile(join(folder, "half.json"), "--seed").length).toBeGreaterThan(10);
  expect(() => readGivenFile(join(folder, "none"), "--seed")).toThrow(/^--seed cannot be read: ENOENT: .*none'$/);
});

test.each([
  `token ${ROBOT} --source`,
  `token ${ROBOT} --access-token-file`,
  "auth decode",
  "diagnose --error",
  "emulator --seed",
  `sign-blob --iam-account ${ROBOT}`,
  "emulator --tls --tls-cert x --client-ca",
])("%s refuses contents where a path belongs", async (line) => {
  const given = line.startsWith("sign-blob") ? [CONTENTS, "-"] : [CONTENTS];
  const { code, stdout, stderr } = await iamcreds([...line.split(" "), ...given]);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).not.toMatch(/sesame/);
  expect(stderr).toMatch(/must be a path, not the contents of a file|needs --tls-key/);
});

test("the line of a mistake in JSON is named, not the text around it; a byte order mark is none", () => {
  const bytes = Buffer.from('{\n  "token": "open-sesame"\n  "x": 1}');
  expect(() => parseGivenJson(bytes, "POLICY-FILE", "p.json")).toThrow(/^POLICY-FILE is not JSON: p\.json, line 3$/);
  expect(() => parseGivenJson(Buffer.from(""), "POLICY-FILE", "-")).toThrow(/^POLICY-FILE is not JSON: standard input/);
  expect(parseGivenJson(Buffer.from('\uFEFF{"version":1}'), "--seed", "s.json")).toEqual({ version: 1 });
});

test.each([
  ["iam service-accounts set-iam-policy", [ROBOT], "POLICY-FILE"],
  ["iam roles create", ["r", "--project", "p", "--file"], "--file"],
  [
    "iam service-accounts add-iam-policy-binding",
    [ROBOT, "--member", "user:a@b.c", "--role", "roles/x", "--condition-from-file"],
    "--condition-from-file",
  ],
])("%s says which line of its file is wrong", async (line, args, what) => {
  const { code, stderr } = await iamcreds([...line.split(" "), ...args, join(folder, "half.json")]);
  expect(code).toBe(2);
  expect(stderr).toMatch(new RegExp(`: ${what} is not JSON: .*half\\.json, line 3\n`));
});
