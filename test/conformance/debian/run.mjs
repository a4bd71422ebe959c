// SPDX-License-Identifier: Apache-2.0
// The emulator against clients that Debian has: Google's Go client, gRPC's C core, google-auth and googleapiclient for Python, Google's
// HTTP client for Java where there is a JDK, curl and OpenSSL. Our client against servers that Debian has: gRPC's C core, Go's grpc, nginx, nghttpx and haproxy.
// Usage: node run.mjs [--prepared FOLDER] [--only NAME] [--json --outputFile=FILE], the last as with Jest.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openStage } from "./stage.mjs";
import { playProgram } from "./tap.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const { values: flags } = parseArgs({
  options: {
    prepared: { type: "string" },
    only: { type: "string" },
    json: { type: "boolean" },
    outputFile: { type: "string" },
  },
});

const say = (line) => process.stdout.write(`${line}\n`);
const timeoutMs = 120_000; // for each program; a quiet machine takes some seconds
const startedAt = performance.now();
const sinceStart = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
const results = { passed: [], failed: [] };

function prepare(folder) {
  if (existsSync(join(folder, "ready"))) return true;
  const stdio = ["ignore", "inherit", "inherit"];
  const { status } = spawnSync("bash", [join(here, "prepare.sh"), folder], { stdio, timeout: 600_000 });
  return status === 0;
}

// Debian's Python, whatever other one comes first on the path: only it sees Debian's packages.
const python = (script, folder) => ({
  command: "/usr/bin/python3",
  args: ["-B", join(here, "python", script)],
  env: { PYTHONPATH: join(folder, "python"), GRPC_VERBOSITY: "NONE" },
});
// What Google's HTTP client for Java needs. A JDK is large: it is played where there is one.
const jars = ["google-http-client", "guava", "opencensus-api", "opencensus-contrib-http-util", "grpc-context"].map(
  (name) => `/usr/share/java/${name}.jar`,
);
const programs = {
  go: (folder) => ({ command: join(folder, "go-client"), args: [], env: {} }),
  "grpc-core": (folder) => python("grpc_core.py", folder),
  "google-auth": (folder) => python("google_auth.py", folder),
  googleapiclient: (folder) => python("googleapi.py", folder),
  servers: (folder) => ({ command: process.execPath, args: [join(here, "servers", "play.mjs"), folder], env: {} }),
  java: () => ({ command: "java", args: ["-cp", jars.join(":"), join(here, "java", "RestClient.java")], env: {} }),
  curl: () => ({ command: "bash", args: [join(here, "curl", "guide.sh")], env: {} }),
};

async function play(name, folder) {
  say(`\n# ${name}`);
  const { env, ...program } = programs[name](folder);
  const stage = await openStage();
  try {
    const { passed, failed } = await playProgram({ ...program, env: { ...stage.env, ...env }, timeoutMs }, say);
    results.passed.push(...passed.map((title) => `${name}: ${title}`));
    results.failed.push(...failed.map((title) => `${name}: ${title}`));
  } finally {
    await stage.close();
  }
}

const folder = flags.prepared === undefined ? mkdtempSync(join(tmpdir(), "debian-")) : resolve(flags.prepared);
if (prepare(folder)) {
  say(`# ready after ${sinceStart()}`);
  const names = flags.only === undefined ? Object.keys(programs) : [flags.only];
  for (const name of names) {
    if (name === "java" && ![...jars, "/usr/bin/java"].every((path) => existsSync(path)))
      say("\n# java: not installed");
    else await play(name, folder);
  }
} else {
  results.failed.push("the packages of Debian can be installed and the Go client compiles");
}
if (flags.prepared === undefined) rmSync(folder, { recursive: true, force: true });

say(`\n${results.passed.length} checks of ${results.passed.length + results.failed.length} passed in ${sinceStart()}`);
for (const title of results.failed) say(`FAILED: ${title}`);
if (flags.outputFile !== undefined) {
  const { length: numPassedTests } = results.passed;
  const report = { numPassedTests, numFailedTests: results.failed.length, numRuntimeErrorTestSuites: 0 };
  writeFileSync(flags.outputFile, JSON.stringify(report));
}
process.exitCode = results.failed.length === 0 && results.passed.length > 0 ? 0 : 1;
