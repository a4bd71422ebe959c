// SPDX-License-Identifier: Apache-2.0
// The stage on which gcloud plays: an emulator that its endpoint overrides name, and a proxy behind which there is Cloud Storage,
// which judges signed URLs, and nothing else. Who gcloud is, a folder of its own says. Checks nothing.

import { spawn } from "node:child_process";
import { verify, X509Certificate } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmulator } from "iam-credentials-client/emulator";
import { makeCertificates, openServer } from "../debian/stage.mjs";
import { readSignedUrl } from "./signed-url.mjs";

export const PROJECT = "demo-project";
export const NUMBER = "424242424242";
export const account = (id) => `${id}@${PROJECT}.iam.gserviceaccount.com`;
export const ALICE = "user:alice@example.com";
export const WORKLOAD =
  "principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/emulator-pool/subject/builder";
const STORAGE = "storage.googleapis.com";
const TIMEOUT_MS = 60_000;

const APIS = ["iam", "iamcredentials", "cloudresourcemanager", "serviceusage", "orgpolicy", "sts"];

function startOne() {
  const tokenCreator = "roles/iam.serviceAccountTokenCreator";
  const grant = (member, id) => ({ member, role: tokenCreator, serviceAccount: account(id) });
  return startEmulator({
    serviceAccounts: ["caller", "target", "first", "second", "locked"].map(account),
    projects: [{ id: PROJECT, number: NUMBER }],
    grants: [
      { member: ALICE, role: "roles/owner", project: PROJECT },
      ...[ALICE, `serviceAccount:${account("caller")}`, WORKLOAD].map((member) => grant(member, "target")),
      grant(`serviceAccount:${account("caller")}`, "first"),
      grant(`serviceAccount:${account("first")}`, "second"),
      { member: `serviceAccount:${account("target")}`, role: "roles/browser", project: PROJECT },
    ],
    organizationPolicies: ["disableServiceAccountKeyUpload"],
  });
}

// Cloud Storage, as far as a signed URL needs it: the signature must be by a key that the emulator publishes for the account.
async function judge(emulator, { method, url }) {
  const { message, signature, email } = readSignedUrl(method, new URL(url, `https://${STORAGE}`));
  const response = await fetch(`${emulator.url}/robot/v1/metadata/x509/${email}`);
  const keys = Object.values(await response.json()).map((pem) => new X509Certificate(pem).publicKey);
  return keys.some((key) => verify("RSA-SHA256", message, key, signature));
}

function openStorage(emulator, { cert, key }, judgements) {
  const server = createHttpsServer({ cert, key }, async (request, response) => {
    const isSigned = await judge(emulator, request).catch(() => false);
    judgements.push(isSigned);
    response.writeHead(isSigned ? 200 : 403, { "content-length": 0 }).end();
  });
  return openServer(server);
}

// Cloud Storage is the only name that can be reached.
function openProxy(storagePort, refused) {
  const server = createHttpServer((request, response) => {
    refused.push(request.url);
    response.writeHead(403).end();
  });
  server.on("connect", ({ url }, client) => {
    if (url !== `${STORAGE}:443`) {
      refused.push(url);
      client.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      return;
    }
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    const upstream = connect(storagePort, "127.0.0.1");
    upstream.on("error", () => client.destroy()).once("close", () => client.destroy());
    client.once("close", () => upstream.destroy());
    client.pipe(upstream).pipe(client);
  });
  return openServer(server);
}

// Runs gcloud to its end. Nothing of this program's environment reaches it.
function runGcloud(command, args, { env, cwd }) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env, cwd, stdio: ["ignore", "pipe", "pipe"], timeout: TIMEOUT_MS });
    const told = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"]) child[name].on("data", (chunk) => (told[name] += chunk));
    child.once("error", (error) => resolve({ ...told, code: String(error) }));
    child.once("close", (code, signal) => resolve({ ...told, code: code ?? signal }));
  });
}

/**
 * Opens a stage.
 *
 * @param command where gcloud is
 * @returns the emulator, a folder for files, `gcloudAs(name, env)` for one that is somebody of its own, and what happened behind the proxy
 */
export async function openStage(command) {
  const folder = mkdtempSync(join(tmpdir(), "gcloud-stage-"));
  const read = makeCertificates(folder, [STORAGE]);
  const emulator = await startOne();
  const [judgements, refused] = [[], []];
  const identity = { cert: read("google.pem"), key: read("google.key") };
  const storage = await openStorage(emulator, identity, judgements);
  const proxy = await openProxy(Number(storage.host.split(":")[1]), refused);
  const overrides = APIS.map((api) => [`CLOUDSDK_API_ENDPOINT_OVERRIDES_${api.toUpperCase()}`, `${emulator.url}/`]);
  const shared = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    ...Object.fromEntries(overrides),
    CLOUDSDK_CORE_PROJECT: PROJECT,
    CLOUDSDK_CORE_DISABLE_PROMPTS: "1",
    CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: "1",
    CLOUDSDK_CORE_DISABLE_FILE_LOGGING: "1",
    CLOUDSDK_CORE_CHECK_GCE_METADATA: "false",
    CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE: join(folder, "ca.pem"),
    CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: "1",
    ...{ https_proxy: `http://${proxy.host}`, http_proxy: `http://${proxy.host}`, no_proxy: "127.0.0.1,localhost" },
  };
  const gcloudAs = (name, env = {}) => {
    mkdirSync(join(folder, name), { recursive: true });
    const own = { ...shared, CLOUDSDK_CONFIG: join(folder, name), ...env };
    return (...args) => runGcloud(command, args, { env: own, cwd: folder });
  };
  writeFileSync(join(folder, "alice.token"), await emulator.accessToken(ALICE));
  return {
    emulator,
    folder,
    judgements,
    refused,
    gcloudAs,
    read: (name) => readFileSync(join(folder, name)),
    alice: gcloudAs("alice", { CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: join(folder, "alice.token") }),
    async close() {
      await Promise.all([emulator, proxy, storage].map((each) => each.close()));
      rmSync(folder, { recursive: true });
    },
  };
}
