// SPDX-License-Identifier: Apache-2.0
// For Jest: the tests of the sources, run over the package as it is built. What an entry point's source is imported for comes from the
// entry point, so that a test fails here if a part loads another from the wrong place.

const { exports: entries } = require("../../package.json");
const base = require("../../jest.config.cjs");

const SOURCE = /^[.][/]build[/]src[/](.+)[.]d[.]ts$/;
const builds = Object.values(entries)
  .filter(({ types }) => SOURCE.test(types ?? ""))
  .map((entry) => [SOURCE.exec(entry.types)[1], entry.default.replace("./", "<rootDir>/")]);
if (builds.length < 8) throw new Error(`package.json lists only ${builds.length} entry points with types`);

/** @type {import('jest').Config} */
module.exports = {
  ...base,
  rootDir: "../..",
  moduleNameMapper: {
    ...Object.fromEntries(builds.map(([source, build]) => [`^(?:[.][.]/)+src/${source}[.]js$`, build])),
    ...base.moduleNameMapper,
  },
  reporters: ["default"],
};
