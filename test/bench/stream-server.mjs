// SPDX-License-Identifier: Apache-2.0
// The server of streams: as many replies of 100 octets as the request's text says, in blocks, so that it is faster than any client.

const REPLY_OCTETS = 100;
const REPLIES_IN_BLOCK = 500;

function reply() {
  const message = Buffer.alloc(5 + REPLY_OCTETS);
  message.writeUInt32BE(REPLY_OCTETS, 1);
  return message;
}

const REPLY = reply();
const BLOCK = Buffer.concat(Array(REPLIES_IN_BLOCK).fill(REPLY));

function sendTrailers() {
  this.sendTrailers({ "grpc-status": "0" });
}

/** For the event "stream" of a server of node:http2. */
export function serveStream(stream) {
  const chunks = [];
  stream.on("error", () => {}); // a client that leaves
  stream.on("data", (chunk) => chunks.push(chunk));
  stream.on("end", () => {
    let left = Number(Buffer.concat(chunks).subarray(5).toString());
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", sendTrailers);
    const write = () => {
      while (left > 0) {
        const isBlock = left >= REPLIES_IN_BLOCK;
        left -= isBlock ? REPLIES_IN_BLOCK : 1;
        if (!stream.write(isBlock ? BLOCK : REPLY)) {
          stream.once("drain", write);
          return;
        }
      }
      stream.end();
    };
    write();
  });
}
