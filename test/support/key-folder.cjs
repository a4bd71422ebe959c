// SPDX-License-Identifier: Apache-2.0
// Gives a run of Jest a folder for the RSA keys that its test files share (key-pool.ts), and takes it away at the end.

const { mkdtempSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");

module.exports = function openKeyFolder() {
  const folder = mkdtempSync(join(tmpdir(), "test-keys-"));
  process.env["TEST_KEY_FOLDER"] = folder; // the workers inherit it
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
};
