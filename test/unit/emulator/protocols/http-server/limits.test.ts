// SPDX-License-Identifier: Apache-2.0
// What the emulator takes of one peer: headers and streams have an end, and who is served next notices nothing.

import { once } from "node:events";
import { type ClientHttp2Session, connect, constants } from "node:http2";
import { connect as connectSocket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { IAMCredentialsService as rows } from "../../../../../generated/google/iam/credentials/v1/iamcredentials.js";
import { waitUntil } from "../../../../support/wait-until.js";
import { nameOf, openStage, type Stage, TARGET } from "../../stage.js";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const request = { name: nameOf(TARGET), delegates: [], payload: Buffer.of(1) };
const expectServed = async (): Promise<void> => {
  expect((await stage.client.call(rows.signBlob, request, { token: "owner" })).signedBlob).toHaveLength(256);
};

async function openSession(): Promise<ClientHttp2Session> {
  const session = connect(stage.emulator.url);
  await once(session, "remoteSettings");
  return session;
}

// A frame of HTTP/2 (RFC 9113, section 4.1).
function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const callHeaders = {
  ":method": "POST",
  ":path": rows.signBlob.path,
  "content-type": "application/grpc",
  te: "trailers",
  authorization: "Bearer owner",
};

const END_HEADERS = 4;
// The same headers as literals that no table remembers (RFC 7541, section 6.2.2).
const HEADER_BLOCK = Buffer.concat(
  Object.entries({ ...callHeaders, ":scheme": "http", ":authority": "x" })
    .sort(([one], [other]) => Number(other.startsWith(":")) - Number(one.startsWith(":")))
    .flatMap(([name, value]) => [
      Buffer.of(0, name.length),
      Buffer.from(name),
      Buffer.of(value.length),
      Buffer.from(value),
    ]),
);

describe("over HTTP", () => {
  const send = (text: string) =>
    new Promise<string>((resolve) => {
      const socket = connectSocket(Number(stage.emulator.host.split(":")[1]), "127.0.0.1", () => socket.write(text));
      let answer = "";
      socket.setEncoding("latin1").on("data", (chunk) => {
        answer += chunk;
      });
      socket.on("error", () => {}).once("close", () => resolve(answer));
    });

  test("headers of more than 16 KiB are refused with 431, in one or in many", async () => {
    const one = `GET / HTTP/1.1\r\nhost: x\r\nx-long: ${"a".repeat(17 * 1024)}\r\n\r\n`;
    const many = `GET / HTTP/1.1\r\nhost: x\r\n${"x-many: aaaaaaaaaaaaaaaaaaaaaaaaaa\r\n".repeat(600)}\r\n`;
    for (const text of [one, many])
      expect(await send(text)).toMatch(/^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/);
    await expectServed();
  });
});

describe("over gRPC", () => {
  test("a connection may have 1,000 streams, is told so, and has the next one refused", async () => {
    const port = Number(stage.emulator.host.split(":")[1]);
    const socket = connectSocket(port, "127.0.0.1");
    const settings = frame(4, 0, 0, Buffer.alloc(0));
    const opened = Array.from({ length: 1001 }, (_, index) => frame(1, END_HEADERS, 2 * index + 1, HEADER_BLOCK));
    socket.write(Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), settings, ...opened]));
    const seen: [type: number, stream: number, code: number][] = [];
    let bytes = Buffer.alloc(0);
    socket
      .on("error", () => {})
      .on("data", (chunk: Buffer) => {
        bytes = Buffer.concat([bytes, chunk]);
        while (bytes.length >= 9 && bytes.length >= 9 + bytes.readUIntBE(0, 3)) {
          const end = 9 + bytes.readUIntBE(0, 3);
          const payload = bytes.subarray(9, end);
          seen.push([bytes[3] ?? 0, bytes.readUInt32BE(5), payload.length >= 4 ? payload.readUInt32BE(0) : 0]);
          bytes = bytes.subarray(end);
        }
      });
    const RST_STREAM = 3;
    await waitUntil("a stream is refused", () => seen.some(([type]) => type === RST_STREAM));
    expect(seen.filter(([type]) => type === RST_STREAM)).toEqual([
      [RST_STREAM, 2001, constants.NGHTTP2_REFUSED_STREAM],
    ]);
    const session = await openSession();
    expect(session.remoteSettings.maxConcurrentStreams).toBe(1000);
    await expectServed();
    session.destroy();
    socket.destroy();
  });

  test("metadata of more than 64 KiB is refused, and the next call is served", async () => {
    const session = await openSession();
    const big = Object.fromEntries(
      new Array(20).fill("a".repeat(4000)).map((value, index) => [`x-big-${index}`, value]),
    );
    const refused = session.request({ ...callHeaders, ...big });
    const code = await new Promise<number>((resolve) => {
      refused.on("response", (headers) => resolve(Number(headers[":status"])));
      refused.on("error", () => {}).on("close", () => resolve(-(refused.rstCode ?? 0)));
    });
    expect([431, -constants.NGHTTP2_ENHANCE_YOUR_CALM, -constants.NGHTTP2_REFUSED_STREAM]).toContain(code);
    session.destroy();
    await expectServed();
  });
});
