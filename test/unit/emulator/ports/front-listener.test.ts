// SPDX-License-Identifier: Apache-2.0
// One port for gRPC and HTTP, whatever bytes come in and however they are cut.

import { connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { IAMCredentialsService as rows } from "../../../../generated/google/iam/credentials/v1/iamcredentials.js";
import { openFrontListener } from "../../../../src/emulator/ports/front-listener.js";
import { createGrpcServer } from "../../../../src/emulator/protocols/grpc/grpc-server.js";
import { runProgram } from "../../../support/child-program.js";
import { fc } from "../../../support/property.js";
import { BareClient } from "../bare-client.js";
import { openEmptyWorld } from "../empty-world.js";
import { nameOf, openStage, type Stage, TARGET } from "../stage.js";

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const request = { name: nameOf(TARGET), delegates: [], payload: Buffer.from("x") };
const owner = { token: "owner" };

let stage: Stage;
let port: number;
beforeAll(async () => {
  stage = await openStage();
  port = Number(stage.emulator.host.split(":")[1]);
  await stage.client.call(rows.signBlob, request, owner);
});
afterAll(() => stage.close());

async function isServing(): Promise<boolean> {
  const client = new BareClient(stage.emulator.host);
  try {
    await client.call(rows.signBlob, request, owner);
    return (await fetch(`${stage.emulator.url}/oauth2/v3/certs`)).ok;
  } finally {
    client.close();
  }
}

// Sends bytes, closes its half when told to, and waits for the other side to close.
function exchange(bytes: Uint8Array | string, options: { end: boolean; waitMs: number }): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(bytes);
      if (options.end) socket.end();
    });
    const finish = () => {
      socket.destroy();
      resolve(Buffer.concat(chunks).toString("latin1"));
    };
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("error", () => {});
    socket.on("close", finish);
    setTimeout(finish, options.waitMs).unref();
  });
}

// A proxy that hands the client's first bytes on one by one.
async function openDrip(count: number): Promise<{ host: string; close(): void }> {
  const sockets: Socket[] = [];
  const server = createServer((inner) => {
    const outer = connect({ port, host: "127.0.0.1", noDelay: true });
    sockets.push(inner, outer);
    let left = count;
    let previous = Promise.resolve();
    inner.on("data", (chunk: Buffer) => {
      const slow = chunk.subarray(0, left);
      left -= slow.length;
      previous = previous.then(async () => {
        for (const byte of slow) {
          outer.write(Buffer.of(byte));
          await sleep(1);
        }
        outer.write(chunk.subarray(slow.length));
      });
    });
    outer.pipe(inner);
    for (const socket of [inner, outer]) socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const ownPort = typeof address === "object" && address !== null ? address.port : 0;
  return {
    host: `127.0.0.1:${ownPort}`,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

describe("a connection cut into single bytes", () => {
  test("is still gRPC", async () => {
    const drip = await openDrip(60);
    const client = new BareClient(drip.host);
    await expect(client.call(rows.signBlob, request, owner)).resolves.toHaveProperty("keyId");
    client.close();
    drip.close();
  });

  test("is still HTTP", async () => {
    const drip = await openDrip(60);
    const response = await fetch(`http://${drip.host}/oauth2/v3/certs`);
    expect(await response.json()).toHaveProperty("keys");
    drip.close();
  });
});

test("a port with as many connections as it may have closes every further one, and says so once", async () => {
  const { code, stdout, stderr } = await runProgram("test/unit/emulator/programs/full-port.ts");
  expect([code, stdout]).toEqual([0, "served served served closed closed closed served"]);
  const warning =
    "The emulator has 3 open connections, the maximum, and closes any more. Close clients that are no longer needed.";
  expect(stderr.split(warning)).toHaveLength(2);
});

test("requests with more bytes than one read arrive whole, on many connections at once", async () => {
  const payload = Buffer.alloc(300_000, 7);
  const clients = Array.from({ length: 20 }, () => new BareClient(stage.emulator.host));
  const responses = await Promise.all(
    clients.map((client) => client.call(rows.signBlob, { ...request, payload }, owner)),
  );
  expect(new Set(responses.map(({ signedBlob }) => signedBlob.toString("hex"))).size).toBe(1);
  for (const client of clients) client.close();
});

test("two HTTP requests on one connection are both answered", async () => {
  const head = "GET /oauth2/v3/certs HTTP/1.1\r\nHost: localhost\r\n";
  const text = await exchange(`${head}\r\n${head}Connection: close\r\n\r\n`, { end: false, waitMs: 30_000 });
  expect(text.match(/^HTTP\/1\.1 200 OK\r$/gm)).toHaveLength(2);
});

describe("what is neither gRPC nor HTTP", () => {
  test.each([
    ["garbage", "\x00\x01\x02\xff garbage \r\n\r\n"],
    ["a TLS ClientHello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
    ["a method that begins like the preface", "PRIX / HTTP/1.1\r\n\r\n"],
    ["headers without end", `GET / HTTP/1.1\r\nx: ${"y".repeat(100_000)}`],
  ])("is answered with an HTTP error and closed: %s", async (_title, bytes) => {
    const text = await exchange(Buffer.from(bytes, "latin1"), { end: false, waitMs: 30_000 });
    expect(text).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(await isServing()).toBe(true);
  });

  test.each([
    ["nothing", ""],
    ["half a preface", PREFACE.slice(0, 5)],
    ["the preface alone", PREFACE],
    ["the preface and garbage", `${PREFACE}${"\xff".repeat(5_000)}`],
    ["the preface and a frame longer than any", `${PREFACE}\xff\xff\xff\x00\x00\x00\x00\x00\x01`],
    ["the preface and HTTP/1", `${PREFACE}GET / HTTP/1.1\r\n\r\n`],
  ])("is closed when its sender closes its half: %s", async (_title, bytes) => {
    const waitMs = 30_000;
    const startedAt = performance.now();
    await exchange(Buffer.from(bytes, "latin1"), { end: true, waitMs });
    expect(performance.now() - startedAt).toBeLessThan(waitMs - 1_000);
    expect(await isServing()).toBe(true);
  });

  test("never takes the emulator down, whatever it is", async () => {
    const bytes = fc.uint8Array({ maxLength: 400 });
    const any = fc.oneof(
      bytes,
      bytes.map((rest) => Buffer.concat([Buffer.from(PREFACE), rest])),
      // A SETTINGS frame first, so that what follows is read as frames.
      bytes.map((rest) => Buffer.concat([Buffer.from(PREFACE), Buffer.from("000000040000000000", "hex"), rest])),
      bytes.map((rest) => Buffer.concat([Buffer.from("GET /"), rest])),
    );
    await fc.assert(
      fc.asyncProperty(any, async (input) => {
        await exchange(input, { end: true, waitMs: 100 });
      }),
      { numRuns: 300 },
    );
    expect(await isServing()).toBe(true);
  });

  test("does not hold a connection that nghttp2 gave up longer than a ping takes", async () => {
    const grpc = createGrpcServer(openEmptyWorld(), 50, 50);
    const front = await openFrontListener(0, { http2: grpc.accept, http1: grpc.accept });
    // SETTINGS, then DATA frames on stream 0.
    const bytes = Buffer.concat([Buffer.from(PREFACE), Buffer.from("000000040000000000", "hex"), Buffer.alloc(90)]);
    const socket = connect(front.port, "127.0.0.1", () => socket.write(bytes));
    socket.resume();
    await new Promise((resolve) => socket.once("close", resolve));
    await grpc.close();
    await front.close();
  });

  test("may come with a reset", async () => {
    for (const bytes of ["", PREFACE.slice(0, 3), PREFACE, "GET / HT"]) {
      await new Promise<void>((resolve) => {
        const socket = connect(port, "127.0.0.1", () => {
          socket.write(bytes);
          socket.resetAndDestroy();
          resolve();
        });
        socket.on("error", () => {});
      });
    }
    expect(await isServing()).toBe(true);
  });
});

test("any bytes as a message are answered with INVALID_ARGUMENT or as a request", async () => {
  const garbage = { ...rows.generateAccessToken, requestSerialize: (bytes: Buffer) => bytes };
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      const { code } = await stage.client.refusal(garbage, Buffer.from(bytes), owner);
      expect(code).toBe(3);
    }),
    { numRuns: 500 },
  );
});

test("any text as a bearer is answered with UNAUTHENTICATED", async () => {
  const visible = fc.string({ unit: fc.constantFrom(..."abcXYZ019._-~+/= ,{}\"'"), maxLength: 80 });
  const bearer = fc.oneof(
    visible,
    visible.map((text) => `ya29.c.${text}`),
    fc
      .tuple(fc.json(), fc.json())
      .map((parts) => `${parts.map((part) => Buffer.from(part).toString("base64url")).join(".")}.AAAA`),
  );
  await fc.assert(
    fc.asyncProperty(bearer, async (token) => {
      fc.pre(token.trim() !== "owner");
      const { code } = await stage.client.refusal(rows.signBlob, request, { token });
      expect(code).toBe(16);
    }),
    { numRuns: 500 },
  );
});
