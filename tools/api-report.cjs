// SPDX-License-Identifier: Apache-2.0
// Writes the public surface of each door of the build to docs/api/, one text a door, so that a change of it is seen in review. With
// --check it writes nothing and fails on a difference.

const { Extractor, ExtractorConfig } = require("@microsoft/api-extractor");
const { mkdirSync, mkdtempSync, readFileSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join, resolve } = require("node:path");

const ROOT = resolve(__dirname, "..");
const REPORTS = join(ROOT, "docs/api");
const { exports: doors } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
const isCheck = process.argv.includes("--check");
const QUIET = { default: { logLevel: "none" } };
const COMPILER_OPTIONS = {
  target: "es2023",
  module: "nodenext",
  moduleResolution: "nodenext",
  types: ["node"],
  lib: ["es2023", "esnext.disposable"],
  skipLibCheck: true,
  strict: true,
};

/** Writes or compares the report of one door; whether it is as it should be. */
function report(door, types, scratch) {
  const name = door === "." ? "index" : door.slice(2).replaceAll("/", "-");
  const config = ExtractorConfig.prepare({
    configObjectFullPath: join(ROOT, "api-extractor.json"), // need not exist: paths are relative to it
    packageJsonFullPath: join(ROOT, "package.json"),
    configObject: {
      projectFolder: ROOT,
      mainEntryPointFilePath: resolve(ROOT, types),
      compiler: { overrideTsconfig: { compilerOptions: COMPILER_OPTIONS, include: ["build/src/**/*.d.ts"] } },
      apiReport: {
        enabled: true,
        reportFolder: REPORTS,
        reportTempFolder: scratch,
        reportFileName: name,
        includeForgottenExports: true,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: { extractorMessageReporting: QUIET, tsdocMessageReporting: QUIET },
    },
  });
  const result = Extractor.invoke(config, { localBuild: !isCheck, messageCallback: silence });
  if (isCheck && result.apiReportChanged) process.stderr.write(`docs/api/${name}.api.md is stale: npm run api\n`);
  return result.errorCount === 0 && !(isCheck && result.apiReportChanged);
}

function silence(message) {
  if (message.logLevel !== "error") message.handled = true;
}

const scratch = mkdtempSync(join(tmpdir(), "api-report-"));
try {
  mkdirSync(REPORTS, { recursive: true });
  // `./gapic` shows all that `./gapic/protos` has, as `protos`.
  const typed = Object.entries(doors).filter(
    ([door, target]) => typeof target === "object" && door !== "./gapic/protos",
  );
  const results = typed.map(([door, { types }]) => report(door, types, scratch));
  if (results.length === 0 || results.includes(false)) process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true });
}
