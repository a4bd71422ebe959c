// SPDX-License-Identifier: Apache-2.0
// The server process: gRPC and REST with one fixed answer each, plain and over TLS, and gRPC whose answers are spread over time.

import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import nodeTls from "node:tls";
import { makeCertificate } from "./certificate.mjs";
import exchange from "./exchange.cjs";
import { serveFrames } from "./frame-server.mjs";
import { serveStream } from "./stream-server.mjs";

const REST_PATH = `/v1/${exchange.request.name}:generateAccessToken`;
const REST_ANSWER = JSON.stringify({ ...exchange.reply, expireTime: exchange.REST_EXPIRE_TIME });

function isExpectedJson({ method, url, headers }, body) {
  const { scope, lifetime } = JSON.parse(body);
  const isSame = scope[0] === exchange.request.scope[0] && lifetime === `${exchange.request.lifetime.seconds}s`;
  const [path] = decodeURIComponent(url).split("?");
  return isSame && method === "POST" && path === REST_PATH && headers.authorization === exchange.authorization;
}

function answerRest(request, response) {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const isRight = isExpectedJson(request, Buffer.concat(chunks).toString());
    response.writeHead(isRight ? 200 : 400, { "content-type": "application/json; charset=UTF-8" });
    response.end(isRight ? REST_ANSWER : "{}");
  });
}

function listen(server) {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "localhost", () => resolve(`localhost:${server.address().port}`));
  });
}

const { key, cert } = makeCertificate();
const h2 = { key, cert, ALPNProtocols: ["h2"] };
/** As answers come from a service: each after a time of its own. */
const spreadMs = () => 5 + Math.random() * 30;

const plain = await listen(net.createServer((socket) => serveFrames(socket)));
const tls = await listen(nodeTls.createServer(h2, (socket) => serveFrames(socket)));
const spread = await listen(nodeTls.createServer(h2, (socket) => serveFrames(socket, spreadMs)));
const streams = await listen(http2.createSecureServer({ key, cert }).on("stream", serveStream));
const rest = await listen(http.createServer(answerRest));
const restTls = await listen(https.createServer({ key, cert }, answerRest));

// For programs that find their roots and their key as in production: in files.
const folder = mkdtempSync(join(tmpdir(), "bench-"));
const caFile = join(folder, "roots.pem");
writeFileSync(caFile, cert);
const keyFile = join(folder, "key.json");
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const serviceAccountKey = {
  type: "service_account",
  project_id: "my-project",
  private_key_id: "0123456789abcdef0123456789abcdef01234567",
  private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
  client_email: "caller@my-project.iam.gserviceaccount.com",
  client_id: "123456789012345678901",
  token_uri: "https://oauth2.googleapis.com/token",
  universe_domain: "googleapis.com",
};
writeFileSync(keyFile, JSON.stringify(serviceAccountKey), { mode: 0o600 });

// Node reads its some 140 roots for the first certificate that a process trusts, which is twice the work of connecting. With this variable it reads
// them as it starts: then they are part of a bare Node, and not of every client alike.
const environment = { NODE_EXTRA_CA_CERTS: caFile };
const onMachine = { GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: caFile, GOOGLE_APPLICATION_CREDENTIALS: keyFile };

process.send({
  plain: { target: plain },
  tls: { target: tls, ca: cert, environment },
  machine: { target: tls, environment: { ...environment, ...onMachine } },
  spread: { target: spread, ca: cert, environment },
  streams: { target: streams, ca: cert, environment },
  rest: { target: rest },
  restTls: { target: restTls, ca: cert, environment },
});
process.once("disconnect", () => {
  rmSync(folder, { recursive: true, force: true });
  process.exit();
});
