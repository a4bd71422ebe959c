// SPDX-License-Identifier: Apache-2.0
// REST over HTTP/2, on the port and even the connection that gRPC is on, with TLS and without.

import { once } from "node:events";
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from "node:http2";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { IAMCredentialsService as rows } from "../../../../../generated/google/iam/credentials/v1/iamcredentials.js";
import { nameOf, openStage, type Stage, TARGET } from "../../stage.js";

interface Answer {
  readonly code: number;
  readonly type: string | undefined;
  readonly body: Buffer;
}

async function ask(
  session: ClientHttp2Session,
  headers: Readonly<Record<string, string>>,
  body: Buffer = Buffer.alloc(0),
): Promise<Answer> {
  const stream = session.request(headers, { endStream: body.length === 0 });
  if (body.length > 0) stream.end(body);
  const chunks: Buffer[] = [];
  let head: IncomingHttpHeaders | undefined;
  stream.once("response", (given) => {
    head = given;
  });
  stream.on("data", (chunk: Buffer) => void chunks.push(chunk));
  await new Promise((resolve, reject) => stream.once("error", reject).once("close", resolve));
  const whole = Buffer.concat(chunks);
  const length = Number(head?.["content-length"] ?? whole.length);
  if (head === undefined || (length !== whole.length && headers[":method"] !== "HEAD")) throw new Error("cut");
  return { code: Number(head[":status"]), type: head["content-type"], body: whole };
}

const rest = {
  ":method": "POST",
  ":path": `/v1/${nameOf(TARGET)}:signBlob`,
  "content-type": "application/json",
  authorization: "Bearer owner",
};
const grpc = { ":method": "POST", ":path": rows.signBlob.path, "content-type": "application/grpc", te: "trailers" };
const json = Buffer.from('{"payload":"AQ=="}');

// A message of gRPC: a byte for its encoding, four for its length.
function frame(message: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

describe.each([
  ["by prior knowledge", false],
  ["by ALPN", true],
])("HTTP/2 %s", (_, tls) => {
  let stage: Stage;
  let session: ClientHttp2Session;
  beforeAll(async () => {
    stage = await openStage({ tls });
    const ca = stage.emulator.caCertificate;
    session = connect(stage.emulator.url, ca === undefined ? {} : { ca, ALPNProtocols: ["http/1.1", "h2"] });
    await once(session, "connect");
  });
  afterAll(async () => {
    session.destroy();
    await stage.close();
  });

  test("serves REST", async () => {
    const { code, type, body } = await ask(session, rest, json);
    expect([code, type]).toEqual([200, "application/json; charset=UTF-8"]);
    expect(Buffer.from(JSON.parse(body.toString("utf8")).signedBlob, "base64")).toHaveLength(256);
    expect(stage.emulator.calls().at(-1)).toMatchObject({ transport: "rest", method: "SignBlob", status: "OK" });
  });

  test("serves gRPC on the same connection", async () => {
    const request = { name: nameOf(TARGET), delegates: [], payload: Buffer.of(1) };
    const message = frame(rows.signBlob.requestSerialize(request));
    const [one, other] = await Promise.all([
      ask(session, { ...grpc, authorization: "Bearer owner" }, message),
      ask(session, rest, json),
    ]);
    expect([one.code, one.type, other.code]).toEqual([200, expect.stringMatching(/^application\/grpc/), 200]);
    expect(rows.signBlob.responseDeserialize(one.body.subarray(5)).signedBlob).toHaveLength(256);
  });

  test("serves OAuth, public keys and the metadata server, and has a page for what leads nowhere", async () => {
    const get = (path: string) => ask(session, { ":path": path, "metadata-flavor": "Google" }).then(({ code }) => code);
    expect(await get("/oauth2/v3/certs")).toBe(200);
    expect(await get("/computeMetadata/v1/instance/zone")).toBe(200);
    expect(await get("/nowhere?key=secret")).toBe(404);
    const { body } = await ask(session, { ":path": "/nowhere?key=secret" });
    expect(body.toString("utf8")).not.toContain("secret");
  });

  test("answers HEAD without a body, and a body that is too long without reading on", async () => {
    const head = await ask(session, { ":method": "HEAD", ":path": "/oauth2/v3/certs" });
    expect([head.code, head.body.length]).toEqual([200, 0]);
    const long = await ask(session, { ...rest, ":path": "/token" }, Buffer.alloc(2 * 1024 * 1024));
    expect(long.code).toBe(413);
    expect((await ask(session, rest, json)).code).toBe(200);
  });
});

describe("a fault strikes REST over HTTP/2", () => {
  // After `garbage` node:http2 is deaf, and says nothing for ever.
  test.each(["reset", "half-close", "goaway", "truncate"] as const)("by %s", async (connection) => {
    await using stage = await openStage();
    stage.emulator.addFault({ connection, times: 1 });
    const session = connect(stage.emulator.url);
    session.on("error", () => {});
    const closed = once(session, "close");
    await expect(ask(session, rest, json)).rejects.toThrow();
    await closed;
    const second = connect(stage.emulator.url);
    expect((await ask(second, rest, json)).code).toBe(200);
    second.destroy();
  });
});
