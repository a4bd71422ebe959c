// SPDX-License-Identifier: Apache-2.0
// The server process: a gRPC server as lean as node:http2 allows, with one fixed answer, plain and over TLS. It refuses a call
// that lacks what every client must send, so that no client wins by sending less.

import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import common from "../../build/generated/google/iam/credentials/v1/common.js";
import { makeCertificate } from "./certificate.mjs";
import exchange from "./exchange.cjs";

function frame(message) {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

const EXPECTED = frame(common.GenerateAccessTokenRequest.encode(exchange.message).finish());
const ANSWER = frame(common.GenerateAccessTokenResponse.encode(exchange.reply).finish());
const HEADERS = { ":status": 200, "content-type": "application/grpc", server: "bench" };
const PATH = "/google.iam.credentials.v1.IAMCredentials/GenerateAccessToken";
const INVALID_ARGUMENT = "3";

function missingFrom(headers) {
  if (headers[":path"] !== PATH) return "the right path";
  if (headers.authorization !== exchange.authorization) return "the authorization";
  return ["x-goog-request-params", "x-goog-api-client", "grpc-timeout"].find((key) => headers[key] === undefined);
}

function sendTrailers() {
  this.sendTrailers({ "grpc-status": "0" });
}

function refuse(stream, missing) {
  const why = { "grpc-status": INVALID_ARGUMENT, "grpc-message": `the call lacks ${missing}` };
  stream.respond({ ...HEADERS, ...why }, { endStream: true });
}

function answer(stream, headers) {
  let body;
  stream.on("data", (chunk) => {
    body = body === undefined ? chunk : Buffer.concat([body, chunk]);
  });
  stream.on("end", () => {
    const missing = body?.equals(EXPECTED) === true ? missingFrom(headers) : "the right message";
    if (missing !== undefined) return refuse(stream, missing);
    stream.respond(HEADERS, { waitForTrailers: true });
    stream.on("wantTrailers", sendTrailers);
    stream.end(ANSWER);
  });
  stream.on("error", () => {}); // a client that leaves in mid-call
}

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
  server.on("stream", answer);
  server.on("sessionError", () => {});
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "localhost", () => resolve(`localhost:${server.address().port}`));
  });
}

const { key, cert } = makeCertificate();
const plain = await listen(http2.createServer());
const tls = await listen(http2.createSecureServer({ key, cert }));
const rest = await listen(http.createServer(answerRest));
const restTls = await listen(https.createServer({ key, cert }, answerRest));
process.send({
  plain: { target: plain },
  tls: { target: tls, ca: cert },
  rest: { target: rest },
  restTls: { target: restTls, ca: cert },
});
process.once("disconnect", () => process.exit());
