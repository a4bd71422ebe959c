// SPDX-License-Identifier: Apache-2.0
// Bodies in encodings, bodies that are too long once they are undone, and bodies that don't come.

import { request } from "node:http";
import { connect } from "node:net";
import { brotliCompressSync, deflateRawSync, deflateSync, gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { openFrontListener } from "../../../../../src/emulator/ports/front-listener.js";
import { findAllOperations } from "../../../../../src/emulator/protocols/all-operations.js";
import { createHttpServer } from "../../../../../src/emulator/protocols/http-server.js";
import { openControls, openEmptyWorld } from "../../empty-world.js";
import { nameOf, openStage, type Stage, TARGET } from "../../stage.js";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const post = (body: Uint8Array<ArrayBuffer>, encoding: string) =>
  fetch(`${stage.emulator.url}/v1/${nameOf(TARGET)}:signBlob`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", "content-encoding": encoding, authorization: "Bearer owner" },
  });
const json = Buffer.from(JSON.stringify({ payload: "AQ==" }));

describe("a body", () => {
  // gzip is what Google's REST libraries for Java send, without being told to.
  test.each([
    ["gzip", gzipSync(json)],
    ["x-gzip", gzipSync(json)],
    ["deflate", deflateSync(json)],
    ["deflate", deflateRawSync(json)],
    ["br", brotliCompressSync(json)],
    ["identity", json],
    ["deflate, gzip", gzipSync(deflateSync(json))],
  ])("in %s is read", async (encoding, body) => {
    const response = await post(new Uint8Array(body), encoding);
    expect([response.status, Object.keys(JSON.parse(await response.text()))]).toEqual([200, ["keyId", "signedBlob"]]);
  });

  test("in an encoding that nobody knows, and one that is not what it says, is refused", async () => {
    expect((await post(new Uint8Array(json), "zip")).status).toBe(415);
    expect((await post(new Uint8Array(json), "constructor")).status).toBe(415);
    expect((await post(new Uint8Array(json), "gzip")).status).toBe(400);
  });

  test("of a few bytes that stand for gigabytes is refused once it is too long", async () => {
    const bomb = gzipSync(gzipSync(Buffer.alloc(64 * 1024 * 1024)));
    expect(bomb.length).toBeLessThan(10_000);
    expect((await post(new Uint8Array(bomb), "gzip, gzip")).status).toBe(413);
  });
});

describe("an answer", () => {
  const get = (headers: Readonly<Record<string, string>>) =>
    new Promise<{ encoding: string | undefined; vary: string | undefined; body: Buffer }>((resolve, reject) => {
      const outgoing = request(`${stage.emulator.url}/v1/roles`, {
        headers: { authorization: "Bearer owner", ...headers },
      });
      outgoing.once("error", reject).once("response", async (response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk as Buffer);
        const { "content-encoding": encoding, vary } = response.headers;
        resolve({ encoding, vary, body: Buffer.concat(chunks) });
      });
      outgoing.end();
    });

  test.each(["gzip", "gzip, deflate, br", "br;q=1.0, gzip;q=0.8", "GZIP"])(
    "is gzip for who accepts %s",
    async (accepted) => {
      const { encoding, vary, body } = await get({ "accept-encoding": accepted });
      expect([encoding, vary]).toEqual(["gzip", expect.stringContaining("Accept-Encoding")]);
      expect(JSON.parse(gunzipSync(body).toString("utf8"))).toHaveProperty("roles");
    },
  );

  test.each(["identity", "gzip;q=0", "br", "gzipped"])("is as it is for who accepts %s", async (accepted) => {
    const { encoding, body } = await get({ "accept-encoding": accepted });
    expect(encoding).toBeUndefined();
    expect(JSON.parse(body.toString("utf8"))).toHaveProperty("roles");
  });
});

describe("a peer that is slow", () => {
  async function openImpatient() {
    const world = openEmptyWorld();
    const http = createHttpServer({
      world,
      find: findAllOperations({ ...world, reset() {} }, openControls(world)),
      rules: { hosts: undefined, origins: new Set() },
      patience: { headersMs: 50, body: { graceMs: 50, bytesPerSecond: 10_000 } },
    });
    const front = await openFrontListener(0, { http1: http.accept });
    return { world, port: front.port, [Symbol.asyncDispose]: () => front.close() };
  }

  // What comes back until the peer is cut; it sends a byte at every turn, and never is silent.
  function drip(port: number, head: string, isDone: () => boolean): Promise<string> {
    return new Promise((resolve) => {
      let answer = "";
      let timer: NodeJS.Timeout | undefined;
      const socket = connect(port, "127.0.0.1", () => {
        socket.write(head);
        timer = setInterval(() => isDone() || socket.write("x"), 5);
      });
      socket.setEncoding("latin1").on("data", (chunk) => {
        answer += chunk;
      });
      socket
        .on("error", () => {})
        .once("close", () => {
          clearInterval(timer);
          resolve(answer);
        });
    });
  }

  test("with its headers is cut, though it is never silent", async () => {
    await using server = await openImpatient();
    expect(await drip(server.port, "GET /oauth2/v3/certs HTTP/1.1\r\nHost: ", () => false)).toMatch(/^HTTP\/1\.1 408 /);
  });

  test("with its body is refused, though it is never silent", async () => {
    await using server = await openImpatient();
    const head = "POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n";
    expect(await drip(server.port, head, () => false)).toMatch(/^HTTP\/1\.1 408 .*Connection: close/is);
  });

  test("to be answered, by a fault's delay of many times what the server waits, is answered", async () => {
    await using server = await openImpatient();
    server.world.faults.add({ method: "oauth2.certs", delayMs: 600 });
    server.world.faults.add({ method: "GenerateAccessToken", delayMs: 600 });
    const certs = fetch(`http://127.0.0.1:${server.port}/oauth2/v3/certs`);
    const path = "/v1/projects/-/serviceAccounts/a@b.example:generateAccessToken";
    const rest = fetch(`http://127.0.0.1:${server.port}${path}`, {
      method: "POST",
      headers: { authorization: "Bearer owner" },
      body: "{}",
    });
    expect([(await certs).status, (await rest).status]).toEqual([200, 400]);
    expect(server.world.calls.list().every(({ durationMs }) => durationMs > 590)).toBe(true);
  });

  test("to read waits for its answer as long as it takes", async () => {
    await using server = await openImpatient();
    const url = `http://127.0.0.1:${server.port}/computeMetadata/v1/instance/zone?wait_for_change=true&timeout_sec=0.4`;
    const response = await fetch(url, { headers: { "metadata-flavor": "Google" } });
    expect(response.status).toBe(200);
  });
});
