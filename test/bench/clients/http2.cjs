// SPDX-License-Identifier: Apache-2.0
// The floor: node:http2 with frames by hand and the same codecs. No deadline of its own, no flow of metadata, hardly an error.

const http2 = require("node:http2");
const { IAMCredentialsService } = require("../../../build/generated/google/iam/credentials/v1/iamcredentials.js");
const { message, metadata, TIMEOUT_MS } = require("../exchange.cjs");

const { path, requestSerialize, responseDeserialize } = IAMCredentialsService.generateAccessToken;
const FRAME_HEAD_BYTES = 5;

function frame(bytes) {
  const framed = Buffer.allocUnsafe(FRAME_HEAD_BYTES + bytes.length);
  framed[0] = 0;
  framed.writeUInt32BE(bytes.length, 1);
  bytes.copy(framed, FRAME_HEAD_BYTES);
  return framed;
}

function exchange(session, pairs, resolve, reject) {
  const stream = session.request({
    ":method": "POST",
    ":path": path,
    te: "trailers",
    "content-type": "application/grpc",
    "user-agent": "bench",
    "grpc-timeout": `${TIMEOUT_MS}m`,
    ...pairs,
  });
  const chunks = [];
  let status = "no grpc-status";
  const noteStatus = (headers) => {
    status = headers["grpc-status"] ?? status;
  };
  stream.on("response", noteStatus);
  stream.on("trailers", noteStatus);
  stream.on("data", (chunk) => chunks.push(chunk));
  stream.on("error", reject);
  stream.on("end", () => {
    if (status !== "0") return reject(new Error(`grpc-status ${status}`));
    const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
    resolve(responseDeserialize(body.subarray(FRAME_HEAD_BYTES)));
  });
  stream.end(frame(requestSerialize(message)));
}

/** `authorization` is for a server that wants another one than that of exchange.cjs. */
exports.open = ({ target, ca, authorization = metadata.authorization }) => {
  const pairs = { ...metadata, authorization };
  const session = http2.connect(`${ca === undefined ? "http" : "https"}://${target}`, { ca });
  return {
    call: () => new Promise((resolve, reject) => exchange(session, pairs, resolve, reject)),
    close: () => session.close(),
  };
};
