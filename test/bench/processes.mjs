// SPDX-License-Identifier: Apache-2.0
// Starts the server process and client processes. A client that fails, prints no JSON or hangs fails the run.

import { fork, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const LONGEST_CLIENT_MS = 180_000;
const pathOf = (file) => fileURLToPath(new URL(file, import.meta.url));

/**
 * Starts the server. `addresses` has `plain`, `tls`, `spread`, `streams`, and over HTTP/1.1 `rest` and `restTls`, each `{ target, ca? }`; `machine`
 * is `tls` for clients that find roots and a key in their `environment`.
 */
export async function startServer() {
  const child = fork(pathOf("server.mjs"), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const addresses = await new Promise((resolve, reject) => {
    child.once("message", resolve);
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
  });
  return { addresses, stop: () => child.disconnect() };
}

// The environment of whoever runs this must not change what is measured: no options of Node's, roots or variables of gRPC or Google.
const FOREIGN = /^(NODE|SSL|GRPC|GOOGLE|CLOUDSDK|GCE|OTEL)_|_proxy$/i;
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !FOREIGN.test(name)));

/**
 * Starts a workload in a process of its own, with the variables of `job.server.environment`. `startedAt` is an instant on the monotonic clock; `ask(question)` writes a line and
 * gives the answer; `last()` closes the input and gives the last answer, once the process has ended well, which it must within
 * `longestMs`.
 */
export function startClient(workload, job, nodeFlags = [], longestMs = LONGEST_CLIENT_MS) {
  const args = [...nodeFlags, pathOf(`workloads/${workload}.cjs`), JSON.stringify(job)];
  const startedAt = process.hrtime.bigint();
  const child = spawn(process.execPath, args, {
    env: { ...environment, ...job.server?.environment },
    timeout: longestMs,
  });
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  child.stdin.on("error", () => {}); // told by "close" below, with what the process said
  const ended = new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${workload} of ${job.client} ended with ${code ?? signal}\n${stderr}`));
    });
  });
  ended.catch(() => {}); // whoever waits for an answer hears of it
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await Promise.race([lines.next(), ended.then(() => ({ done: true }))]);
    if (done) await ended;
    if (value === undefined) throw new Error(`${workload} of ${job.client} said nothing`);
    return JSON.parse(value);
  };
  return {
    startedAt,
    ask(question) {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      return answer();
    },
    async last() {
      child.stdin.end();
      const [result] = await Promise.all([answer(), ended]);
      return result;
    },
  };
}

/** Runs a workload that says one thing. */
export async function runClient(workload, job, nodeFlags) {
  const client = startClient(workload, job, nodeFlags);
  return { startedAt: client.startedAt, ...(await client.last()) };
}
