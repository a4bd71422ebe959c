// SPDX-License-Identifier: Apache-2.0
// The stage on which a client from Debian plays: emulators in plain text, with TLS and with mutual TLS, and a proxy behind which
// Google's names lead to the emulator with TLS, by a door that shows a certificate of theirs (the emulator itself would refuse to
// have one). So the clients run as they come, with their own endpoints. Checks nothing.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls, createServer as createTlsServer } from "node:tls";
import { startEmulator } from "iam-credentials-client/emulator";

const account = (id) => `${id}@demo-project.iam.gserviceaccount.com`;
const CALLER = account("caller");
const ALICE = "user:alice@example.com";
const WORKLOAD =
  "principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/emulator-pool/subject/builder";
const GOOGLE_NAMES = ["iam", "iamcredentials", "oauth2", "sts", "www"].map((name) => `${name}.googleapis.com`);
const LOOPBACK = "127.0.0.1,localhost";

function openssl(folder, ...args) {
  execFileSync("openssl", args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"], timeout: 30_000 });
}

// An authority, and certificates of a server, of one with names of Google's and of a client, as OpenSSL makes them.
export function makeCertificates(folder, names = GOOGLE_NAMES) {
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const googleNames = names.map((name) => `DNS:${name}`).join();
  openssl(folder, "req", "-x509", ...curve, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Stage", "-days", "2");
  for (const [name, subject, extension] of [
    ["server", "/CN=localhost", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
    ["google", "/CN=google", `subjectAltName=${googleNames}`],
    ["client", "/CN=client", "extendedKeyUsage=clientAuth"],
  ]) {
    writeFileSync(join(folder, `${name}.ext`), `${extension}\n`);
    openssl(folder, "req", ...curve, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", subject);
    const issuer = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", `${name}.ext`];
    openssl(folder, "x509", "-req", "-in", `${name}.csr`, "-out", `${name}.pem`, ...issuer);
  }
  return (name) => readFileSync(join(folder, name), "utf8");
}

// Opens a server on loopback that ends with its connections.
export async function openServer(server) {
  const sockets = new Set();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy()).once("close", () => sockets.delete(socket));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: `127.0.0.1:${server.address().port}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function joinSockets(client, upstream) {
  upstream.on("error", () => client.destroy()).once("close", () => client.destroy());
  client.once("close", () => upstream.destroy());
  client.pipe(upstream).pipe(client);
}

// What has Google's names: a TLS server that hands everything on to the emulator, in the protocol that the emulator would choose.
function openGoogleDoor(port, { cert, key }, ca) {
  const ALPNCallback = ({ protocols }) => ["http/1.1", "h2", "http/1.0"].find((each) => protocols.includes(each));
  const server = createTlsServer({ cert, key, ALPNCallback }, (client) => {
    const protocols = client.alpnProtocol ? [client.alpnProtocol] : [];
    joinSockets(client, connectTls({ port, host: "127.0.0.1", ca, ALPNProtocols: protocols }));
  });
  return openServer(server.on("tlsClientError", () => undefined));
}

// Google's names are the door's, and no other name can be reached; but Python's urllib3 asks for loopback by the proxy too.
function openProxy(port, doorPort) {
  const portOf = (url) => {
    if (GOOGLE_NAMES.includes(url.replace(/:443$/, ""))) return doorPort;
    return url === `127.0.0.1:${port}` ? port : undefined;
  };
  const server = createServer((_, response) => response.writeHead(405).end());
  server.on("connect", ({ url }, client) => {
    const behind = portOf(url);
    if (behind === undefined) return client.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    joinSockets(client, connect(behind, "127.0.0.1"));
  });
  return openServer(server);
}

// The metadata server speaks plain HTTP, whatever the emulator does.
function openMetadataDoor(port, ca) {
  return openServer(createTcpServer((client) => joinSockets(client, connectTls({ port, host: "127.0.0.1", ca }))));
}

async function writeCredentials(emulator, folder) {
  const write = (file, kind, options) => emulator.writeCredentialsFile(kind, join(folder, file), options);
  const target = account("target");
  await write("service-account.json", "service_account", { serviceAccount: CALLER });
  await write("user.json", "authorized_user", { user: "alice@example.com" });
  await write("impersonated.json", "impersonated_service_account", {
    serviceAccount: account("far"),
    source: `serviceAccount:${CALLER}`,
    delegates: [account("first"), account("second")],
  });
  await write("external.json", "external_account", { subject: "builder" });
  await write("external-as-target.json", "external_account", { subject: "builder", serviceAccount: target });
}

function startOne(tls, mtlsDirectory) {
  const role = "roles/iam.serviceAccountTokenCreator";
  const grant = (member, id) => ({ member, role, serviceAccount: account(id) });
  const callers = [ALICE, `serviceAccount:${CALLER}`, WORKLOAD];
  const admin = ["iam.serviceAccountAdmin", "iam.serviceAccountKeyAdmin", "iam.roleAdmin"];
  return startEmulator({
    ...(tls === undefined ? {} : { tls }),
    ...(mtlsDirectory === undefined ? {} : { metadataServer: { mtlsDirectory } }),
    allowedHosts: GOOGLE_NAMES, // the clients call these, behind a proxy
    serviceAccounts: ["caller", "target", "first", "second", "far", "locked"].map(account),
    grants: [
      ...callers.flatMap((member) => [grant(member, "target"), grant(member, "first")]),
      grant(`serviceAccount:${account("first")}`, "second"),
      grant(`serviceAccount:${account("second")}`, "far"),
      grant(`serviceAccount:${CALLER}`, "caller"),
      ...admin.map((id) => ({ member: ALICE, role: `roles/${id}`, project: "demo-project" })),
    ],
    domainWideDelegation: [{ serviceAccount: CALLER, scopes: ["https://www.googleapis.com/auth/drive"] }],
  });
}

/**
 * Opens a stage.
 *
 * @returns its environment for a client, and `close()`
 */
export async function openStage() {
  const folder = mkdtempSync(join(tmpdir(), "debian-stage-"));
  const read = makeCertificates(folder);
  const identity = { cert: read("server.pem"), key: read("server.key") };
  const plain = await startOne();
  const secure = await startOne(identity);
  const mutual = await startOne({ ...identity, clientCa: read("ca.pem") });
  const agent = join(folder, "agent"); // where Google's agent would put the metadata server's certificates
  mkdirSync(agent);
  const own = await startOne(true, agent);
  writeFileSync(join(folder, "own-ca.pem"), own.caCertificate);
  const securePort = Number(new URL(secure.url).port);
  const google = { cert: read("google.pem"), key: read("google.key") };
  const door = await openGoogleDoor(securePort, google, read("ca.pem"));
  const proxy = await openProxy(securePort, Number(door.host.split(":")[1]));
  const metadata = await openMetadataDoor(securePort, read("ca.pem"));
  await writeCredentials(secure, folder);
  const trust = join(folder, "ca.pem");
  return {
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: folder,
      // Some read the one spelling and some the other.
      ...{ https_proxy: `http://${proxy.host}`, HTTPS_PROXY: `http://${proxy.host}` },
      ...{ no_proxy: LOOPBACK, NO_PROXY: LOOPBACK },
      SSL_CERT_FILE: trust,
      CURL_CA_BUNDLE: trust,
      REQUESTS_CA_BUNDLE: trust,
      GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: trust,
      STAGE: folder,
      PLAIN: plain.host,
      SECURE: secure.host,
      MUTUAL: mutual.host,
      METADATA: metadata.host,
      OWN: own.host,
      OWN_METADATA: own.metadataServerHost,
      PLAIN_TOKEN: await plain.accessToken(ALICE),
      SECURE_TOKEN: await secure.accessToken(ALICE),
      MUTUAL_TOKEN: await mutual.accessToken(ALICE),
    },
    async close() {
      await Promise.all([plain, secure, mutual, own, proxy, door, metadata].map((each) => each.close()));
      rmSync(folder, { recursive: true });
    },
  };
}
