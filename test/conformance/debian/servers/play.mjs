// SPDX-License-Identifier: Apache-2.0
// Our gRPC transport against servers that nobody here wrote: that no call is lost when they drain or limit their connections, that
// large messages and slow readers get all there is. Reports in the Test Anything Protocol. Usage: play.mjs FOLDER [LABEL]

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServiceClient, IAMCredentialsAsyncClient } from "iam-credentials-client";
import { makeCertificates } from "../stage.mjs";
import { startCore, startGo, startHaproxy, startNghttpx, startNginx } from "./fronts.mjs";

const [prepared = "", label = "grpc"] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "servers-"));
makeCertificates(folder);
writeFileSync(
  join(folder, "both.pem"),
  readFileSync(join(folder, "server.pem")) + readFileSync(join(folder, "server.key")),
);
const identity = {
  cert: join(folder, "server.pem"),
  key: join(folder, "server.key"),
  combined: join(folder, "both.pem"),
};
const rootCertificates = readFileSync(join(folder, "ca.pem"));
const credentials = { getRequestMetadata: () => ({ authorization: "Bearer some-token" }) };
const name = "projects/-/serviceAccounts/a@b.iam.gserviceaccount.com";
const optionsFor = (port, isPlain) => ({
  apiEndpoint: `localhost:${port}`,
  ...(isPlain ? { insecure: true } : { rootCertificates }),
  transport: label,
  credentials,
});
const open = (port, isPlain) => new IAMCredentialsAsyncClient(optionsFor(port, isPlain));

let number = 0;
let failures = 0;
async function check(title, run) {
  number++;
  try {
    await run();
    process.stdout.write(`ok ${number} - ${title}\n`);
  } catch (error) {
    failures++;
    process.stdout.write(
      `not ok ${number} - ${title}\n# ${String(error.message).slice(0, 600).replaceAll("\n", "\n# ")}\n`,
    );
  }
}

/** Calls without a second attempt, so many in flight, while something happens to their server; how they ended that did not succeed. */
async function load(client, { calls, inFlight = 50, size = 200, meanwhile = () => undefined, everyMs = 300 }) {
  const ends = new Map();
  let left = calls;
  const worker = async () => {
    while (left-- > 0) {
      const payload = Buffer.alloc(size, left & 255);
      try {
        const { signedBlob } = await client.signBlob({ name, payload }, { retry: false, timeout: 30_000 });
        if (!payload.equals(signedBlob)) throw new Error("the answer of another call");
      } catch (error) {
        const text = String(error.message).slice(0, 200);
        ends.set(text, (ends.get(text) ?? 0) + 1);
      }
    }
  };
  const timer = setInterval(meanwhile, everyMs);
  await Promise.all(Array.from({ length: inFlight }, worker));
  clearInterval(timer);
  return Object.fromEntries(ends);
}

const varint = (value) => {
  const octets = [];
  for (; value > 127; value = Math.floor(value / 128)) octets.push((value & 127) | 128);
  return Buffer.from([...octets, value]);
};
const counterRows = {
  count: {
    label: "CounterService.Count",
    path: "/streaming.v1.CounterService/Count",
    kind: "serverStream",
    encode: ({ to, padding }) => Buffer.concat([Buffer.from([8]), varint(to), Buffer.from([16]), varint(padding)]),
    decode: (bytes) => bytes.length,
    normalize: (request) => request,
    respond: (reply) => reply,
    routing: () => [],
    timeoutMs: 60_000,
    retry: {
      initialDelay: 1,
      maxDelay: 1,
      multiplier: 1,
      codes: [],
      maxAttempts: 1,
      attemptTimeout: Number.POSITIVE_INFINITY,
    },
  },
};
const COUNTER = { name: "CounterService", hostPrefix: "counter", scopes: ["x"], emulatorVariable: "NO_SUCH_VARIABLE" };

async function playServer(what, port, { isPlain = false, drain, calls = 3_000 } = {}) {
  const client = open(port, isPlain);
  await check(`${what}: ${calls} calls, 50 in flight, all have their own answers`, async () => {
    assert.deepEqual(await load(client, { calls }), {});
  });
  if (drain !== undefined) {
    await check(`${what}: no call is lost while it drains its connections again and again`, async () => {
      assert.deepEqual(await load(client, { calls, meanwhile: drain }), {});
    });
  }
  await check(`${what}: messages of 3 MB both ways, four at a time`, async () => {
    assert.deepEqual(await load(client, { calls: 12, inFlight: 4, size: 3_000_000 }), {});
  });
  const counter = createServiceClient(COUNTER, counterRows, optionsFor(port, isPlain));
  await check(`${what}: a slow reader gets every one of 2,000 replies, beside calls that go on`, async () => {
    let replies = 0;
    const others = load(client, { calls: 300, inFlight: 5 });
    for await (const size of counter.count({ to: 2_000, padding: 2_000 })) {
      assert.ok(size > 2_000);
      if (++replies % 200 === 0) await new Promise((resolve) => setTimeout(resolve, 30));
    }
    assert.equal(replies, 2_000);
    assert.deepEqual(await others, {});
  });
  await Promise.all([client.close(), counter.close()]);
}

const core = await startCore(undefined);
try {
  await playServer("gRPC's C core, plain", core.port, { isPlain: true });
  const secure = await startCore(identity, { GRACE_MS: "400", MAX_STREAMS: "25" });
  await playServer("gRPC's C core with TLS, 25 streams at a time, connections of 0.4 s", secure.port);
  await secure.close();
  const program = join(prepared, "go-server");
  if (existsSync(program)) {
    const go = await startGo(program, identity, { GRACE_MS: "400", MAX_STREAMS: "25" });
    await playServer("Go's grpc with TLS, 25 streams at a time, connections of 0.4 s", go.port);
    await go.close();
  }
  for (const [what, start] of [
    ["nginx", startNginx],
    ["nghttpx", startNghttpx],
    ["haproxy", startHaproxy],
  ]) {
    const front = await start(folder, core.port, identity);
    await playServer(what, front.port, { drain: front.drain });
    await front.close();
  }
} finally {
  await core.close();
  rmSync(folder, { recursive: true });
}
process.stdout.write(`1..${number}\n`);
process.exitCode = failures === 0 ? 0 : 1;
