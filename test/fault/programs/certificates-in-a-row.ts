// SPDX-License-Identifier: Apache-2.0
// One client certificate after another, each for the next connection, while calls are in flight. Ends with an error when a call fails or
// a connection has another certificate than the newest; prints { answered, keptKiB }, of which the latter is by certificate.
// CERTIFICATES says how many.

import { generateKeyPairSync } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { IAMCredentialsAsyncClient } from "../../../src/index.js";
import { createCertificateAuthority } from "../../support/certificate-authority.js";
import { startMutualTlsFront } from "../../support/mutual-tls-front.js";
import { startRecordingServer } from "../../support/recording-server.js";
import { waitUntil } from "../../support/wait-until.js";

const CERTIFICATES = Number(process.env["CERTIFICATES"]);
const IN_FLIGHT = 8;
const DAY_MS = 86_400_000;
const REQUEST = { name: "robot@some-project.iam.gserviceaccount.com", payload: Buffer.from("x") };

const servers = createCertificateAuthority("servers");
const clients = createCertificateAuthority("clients");
// One for all: another would take longer than its connection.
const { privateKey: key } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const keyPem = key.export({ type: "pkcs8", format: "pem" }).toString();

function heapKiB(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc()");
  return process.memoryUsage().heapUsed / 1024;
}

async function main(): Promise<void> {
  await using recorder = await startRecordingServer({});
  await using front = await startMutualTlsFront(servers.issue(["127.0.0.1"]), clients.certificate, recorder.port);
  let turn = 0;
  await using client = new IAMCredentialsAsyncClient({
    apiEndpoint: front.host,
    rootCertificates: servers.certificate,
    credentials: { getRequestMetadata: () => ({ authorization: "Bearer some-token" }) },
    clientCertSource: () => ({ cert: clients.issue([`client-${turn}`], DAY_MS, key).certificate, key: keyPem }),
    callDefaults: { timeout: 60_000, retry: { codes: ["UNAVAILABLE"], initialDelay: 1, maxDelay: 10 } },
  });
  await client.signBlob(REQUEST);
  let isDone = false;
  let answered = 0;
  const call = async (): Promise<void> => {
    while (!isDone) {
      await client.signBlob(REQUEST);
      answered++;
    }
  };
  const callers = Array.from({ length: IN_FLIGHT }, call);
  let halfKiB = 0;
  for (turn = 1; turn <= CERTIFICATES; turn++) {
    front.presented.length = 0;
    recorder.calls.length = 0;
    const before = answered;
    front.drop();
    await waitUntil(`client-${turn} is presented`, () => front.presented.length > 0 && answered > before);
    if (front.presented.join() !== `client-${turn}`) throw new Error(`presented in turn ${turn}: ${front.presented}`);
    if (turn === Math.ceil(CERTIFICATES / 2)) halfKiB = heapKiB();
  }
  turn = CERTIFICATES;
  isDone = true;
  await Promise.all(callers);
  const keptKiB = (heapKiB() - halfKiB) / (CERTIFICATES / 2);
  if (front.open !== 1) throw new Error(`${front.open} connections are open`);
  process.stdout.write(JSON.stringify({ answered, keptKiB }));
}

void main();
