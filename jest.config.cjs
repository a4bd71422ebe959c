// SPDX-License-Identifier: Apache-2.0
// One project over test/. swc only strips types; `tsc` checks them in `npm run check`.

const { availableParallelism } = require("node:os");

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: "node",
  roots: ["<rootDir>/test"],
  testMatch: ["**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/", "/test/package/consumers/", "/test/browser/"],
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      {
        jsc: { parser: { syntax: "typescript" }, target: "es2022" },
        module: { type: "commonjs" },
        sourceMaps: "inline",
      },
    ],
  },
  moduleNameMapper: { "^(\\.{1,2}/.*)\\.js$": ["$1", "$1.js"] },
  globalSetup: "<rootDir>/test/support/key-folder.cjs",
  setupFilesAfterEnv: ["<rootDir>/test/support/jest-setup.ts"],
  // One less than there are processors is Jest's choice. Many tests wait for a process or a deadline, so with two processors, as most of
  // CI has, three are quicker.
  maxWorkers: Math.max(3, availableParallelism() - 1),
  reporters: ["default", "<rootDir>/test/support/parity-reporter.cjs"],
  testTimeout: 120_000, // a test ends long before; a machine that is busy with other things must not fail it
};
