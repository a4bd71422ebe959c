// SPDX-License-Identifier: Apache-2.0
// Our HPACK against itself and against that of node:http2, both ways, over many blocks of one connection.

import { connect, type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http2";
import { Duplex } from "node:stream";
import { expect, test } from "@jest/globals";
import { systemClock } from "../../src/base/clock.js";
import { Http2Connection } from "../../src/rpc/transport/http2/connection.js";
import { HpackDecoder } from "../../src/rpc/transport/http2/hpack/hpack-decoder.js";
import { HpackEncoder } from "../../src/rpc/transport/http2/hpack/hpack-encoder.js";
import { type Field, STATIC_TABLE } from "../../src/rpc/transport/http2/hpack/hpack-tables.js";
import { fixedFields } from "../../src/rpc/transport/http2/request-head.js";
import { HeardConnection, HeardStream } from "../support/http2-peer.js";
import { startHttp2Server } from "../support/http2-server.js";
import { openSocket } from "../support/open-socket.js";
import { fc } from "../support/property.js";

const names = fc.constantFrom(
  "x-a",
  "x-b",
  "x-client",
  "date",
  "accept-encoding",
  "cookie",
  "authorization",
  "grpc-status",
  "x-long-name",
);
const values = fc.oneof(
  fc.constantFrom("", "a", "the same", "gzip, deflate", "0"),
  fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)), maxLength: 300 }),
  fc.string({ unit: "binary", maxLength: 60 }).map((text) => Buffer.from(text).toString("latin1")),
);
const field: fc.Arbitrary<Field> = fc.tuple(names, values);
const blocks = fc.array(
  fc.record({
    fields: fc.array(field, { maxLength: 12 }),
    limit: fc.option(fc.integer({ min: 0, max: 5_000 }), { freq: 4 }),
  }),
  { minLength: 1, maxLength: 20 },
);

test("what our encoder writes is what our decoder reads, whatever the table's size becomes", () => {
  fc.assert(
    fc.property(blocks, (all) => {
      const encoder = new HpackEncoder((name) =>
        name === "authorization" ? "secret" : name === "date" ? "plain" : "index",
      );
      const decoder = new HpackDecoder(1_000_000);
      for (const { fields, limit } of all) {
        if (limit !== null) encoder.limitTable(limit);
        const target = { bytes: Buffer.alloc(20_000), at: 0 };
        encoder.begin(target);
        for (const [name, value] of fields) encoder.add(target, name, value);
        expect(decoder.decode(target.bytes, 0, target.at).fields).toEqual(fields.flat());
      }
    }),
    { numRuns: 300 },
  );
});

/** Header fields as node:http2 has them; a name that comes twice has a list. */
function toNode(fields: readonly Field[]): OutgoingHttpHeaders {
  const all: Record<string, string[]> = {};
  for (const [name, value] of fields) {
    const values = all[name] ?? [];
    values.push(value);
    all[name] = values;
  }
  return all;
}

const nodeFields = fc
  .array(
    fc.tuple(
      fc.constantFrom("x-a", "x-b", "x-client", "x-long-name", "accept-encoding", "server"),
      // Node trims nothing, but takes no empty or padded value of some fields.
      fc.string({
        unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
        minLength: 1,
        maxLength: 200,
      }),
    ),
    { maxLength: 10 },
  )
  .map((fields) => [...new Map(fields)]);

test("what node:http2 writes is what our decoder reads", async () => {
  const written: Buffer[] = [];
  const socket = new Duplex({
    read: () => undefined,
    write: (chunk, _encoding, callback) => {
      written.push(chunk);
      callback();
    },
  });
  const session = connect("http://127.0.0.1", { createConnection: () => socket });
  session.on("error", () => undefined);
  const decoder = new HpackDecoder(1_000_000);
  let taken = 24;
  const nextBlock = async (): Promise<Buffer> => {
    const parts: Buffer[] = [];
    for (;;) {
      const all = Buffer.concat(written);
      const length = all.length - taken < 9 ? Number.POSITIVE_INFINITY : all.readUIntBE(taken, 3);
      if (all.length - taken < 9 + length) {
        await new Promise((resolve) => setImmediate(resolve));
        continue;
      }
      const [type, flags = 0] = all.subarray(taken + 3);
      const payload = all.subarray(taken + 9, taken + 9 + length);
      taken += 9 + length;
      if (type === 1 || type === 9) parts.push(payload);
      if (parts.length > 0 && (flags & 4) !== 0) return Buffer.concat(parts);
    }
  };
  // Each entry of the static table that a client can send; then whatever comes.
  const fromStatic = STATIC_TABLE.filter(([name]) => !/^(:|transfer-encoding|host|connection)/.test(name)).map(
    ([name, value]): Field => [name, value === "" ? "v" : value],
  );
  const lists = [fromStatic, ...fc.sample(nodeFields, 150)];
  for (const fields of lists) {
    const stream = session.request({ ":method": "POST", ":path": "/", ...toNode(fields) }, { endStream: true });
    stream.on("error", () => undefined);
    const bytes = await nextBlock();
    const { fields: read } = decoder.decode(bytes, 0, bytes.length);
    const pairs = read.flatMap((name, at) => (at % 2 === 0 ? [[name, read[at + 1] ?? ""]] : []));
    const own = pairs.filter(([name]) => !name?.startsWith(":"));
    expect(own.sort()).toEqual(fields.map(([name, value]) => [name, value]).sort());
    stream.close();
  }
  session.destroy();
});

test("what our encoder writes is what node:http2 reads, over many requests of one connection", async () => {
  const seen: IncomingHttpHeaders[] = [];
  await using server = await startHttp2Server((stream, headers) => {
    seen.push(headers);
    stream.respond({ ":status": 200, "x-count": String(seen.length) }, { endStream: true });
  });
  const connection = new Http2Connection(await openSocket(server.host), new HeardConnection(), { clock: systemClock });
  const fixed = [1, 2].map((number) =>
    fixedFields([
      [":method", "POST"],
      [":scheme", "http"],
      [":path", `/path/${number}`],
      [":authority", "h"],
    ]),
  );
  const lists = fc.sample(nodeFields, 200);
  for (const [at, own] of lists.entries()) {
    const heard = new HeardStream();
    const stream = connection.open({ fixed: fixed[at % 2] ?? fixedFields([]), extra: undefined, own }, heard);
    stream.write(Buffer.alloc(0), true);
    while (!heard.hasEnded) {
      expect(heard.failure).toBeUndefined();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(heard.trailers).toContain(String(at + 1));
    expect({ ...seen[at] }).toMatchObject({ ":path": `/path/${(at % 2) + 1}`, ...Object.fromEntries(own) });
  }
  connection.close();
});
