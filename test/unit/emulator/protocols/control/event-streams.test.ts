// SPDX-License-Identifier: Apache-2.0
// Events over HTTP, read by a bare client of node:http: what is heard, from where on, and when a stream ends.

import { type IncomingMessage, request } from "node:http";
import { connect } from "node:http2";
import { PassThrough, Writable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import {
  EventStreams,
  MAX_BEHIND_BYTES,
  MAX_LISTENERS,
} from "../../../../../src/emulator/protocols/control/event-streams.js";
import { EventLog } from "../../../../../src/emulator/world/events/event-log.js";
import { Work } from "../../../../../src/emulator/world/runtime/work.js";
import { waitUntil } from "../../../../support/wait-until.js";
import { ALICE, openStage, type Stage, TARGET, TOKEN_CREATOR } from "../../stage.js";

interface Heard {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: unknown;
}

/** A client of server-sent events that reads them itself. */
interface Ear {
  readonly response: IncomingMessage;
  readonly text: () => string;
  readonly events: () => readonly Heard[];
  close(): void;
}

function parseEvents(text: string): readonly Heard[] {
  return text
    .split("\n\n")
    .slice(0, -1)
    .map((block) => Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s).slice(0, 2))))
    .filter((fields) => fields["event"] !== undefined)
    .map(({ id, event = "", data = "" }) => ({ id, event, data: JSON.parse(data) }));
}

function listen(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Ear> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${url}/emulator/v1/events`, { headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("error", () => {}); // cut
      resolve({ response, text: () => text, events: () => parseEvents(text), close: () => void outgoing.destroy() });
    });
    outgoing.once("error", reject).end();
  });
}

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

const names = (ear: Ear) => ear.events().map(({ event }) => event);

describe("who listens", () => {
  test("hears at once that it is heard, and then each event with its number and its data", async () => {
    const { emulator } = stage;
    const ear = await listen(emulator.url);
    expect(ear.response.headers).toMatchObject({ "content-type": "text/event-stream", "cache-control": "no-store" });
    expect(ear.response.headers["content-length"]).toBeUndefined();
    await waitUntil("what is waited for in the stream", () => ear.text() === "retry: 1000\n\n");
    await fetch(`${emulator.url}/tokeninfo?access_token=x`);
    emulator.advanceClock(1000);
    await waitUntil("what is waited for in the stream", () => ear.events().length === 2);
    expect(ear.events()).toEqual([
      { id: "1", event: "call", data: JSON.parse(JSON.stringify(emulator.calls()[0])) },
      { id: "2", event: "clock", data: { now: expect.stringMatching(/^\d{4}-.*Z$/) } },
    ]);
    ear.close();
  });

  test("hears what it has missed when it says what it heard last", async () => {
    const { emulator } = stage;
    emulator.advanceClock(1);
    emulator.addFault({ delayMs: 0 });
    emulator.addGrant({ member: ALICE, role: TOKEN_CREATOR, serviceAccount: TARGET });
    const ear = await listen(emulator.url, { "last-event-id": "1" });
    await waitUntil("what is waited for in the stream", () => ear.events().length === 2);
    expect(ear.events().map(({ id, event }) => [id, event])).toEqual([
      ["2", "fault"],
      ["3", "state"],
    ]);
    const late = await listen(emulator.url);
    emulator.reset();
    await waitUntil("what is waited for in the stream", () => late.events().length > 0);
    expect(names(late)).toEqual(["reset"]);
    for (const each of [ear, late]) each.close();
  });

  test("is told to read everything again where the emulator is another one by now", async () => {
    stage.emulator.advanceClock(1);
    const ear = await listen(stage.emulator.url, { "last-event-id": "500" });
    await waitUntil("what is waited for in the stream", () => ear.events().length === 1);
    expect(ear.events()).toEqual([{ id: "1", event: "reset", data: {} }]);
    ear.close();
  });

  test("is refused with a number that is none, and with a parameter", async () => {
    const ear = await listen(stage.emulator.url, { "last-event-id": "x" });
    await waitUntil("what is waited for in the stream", () => ear.text().endsWith("}\n"));
    expect(JSON.parse(ear.text())).toEqual({
      error: { code: 400, message: 'last-event-id must be an integer, not "x"', status: "INVALID_ARGUMENT" },
    });
    expect((await fetch(`${stage.emulator.url}/emulator/v1/events?after=1`)).status).toBe(400);
  });

  test("ends with the emulator", async () => {
    const ear = await listen(stage.emulator.url);
    const ended = new Promise((resolve) => ear.response.once("end", () => resolve("end")));
    await stage.emulator.close();
    expect(await ended).toBe("end");
  });

  test("is the last of 32; when one goes, another may come", async () => {
    const { url } = stage.emulator;
    const ears = await Promise.all(Array.from({ length: MAX_LISTENERS }, () => listen(url)));
    const [first] = ears;
    const refused = await fetch(`${url}/emulator/v1/events`);
    expect([refused.status, await refused.json()]).toEqual([
      429,
      { error: { code: 429, message: "There are 32 listeners, which is the maximum.", status: "RESOURCE_EXHAUSTED" } },
    ]);
    first?.close();
    let next = await listen(url);
    while (next.response.statusCode === 429) next = await listen(url);
    expect(next.response.statusCode).toBe(200);
    for (const each of [...ears, next]) each.close();
  });

  test("hears over HTTP/2, too", async () => {
    const session = connect(stage.emulator.url);
    const stream = session.request({ ":path": "/emulator/v1/events" });
    let text = "";
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    await waitUntil("what is waited for in the stream", () => text !== "");
    stage.emulator.advanceClock(1);
    await waitUntil("what is waited for in the stream", () => parseEvents(text).length === 1);
    session.destroy();
  });

  test("from a page of another origin is refused", async () => {
    const ear = await listen(stage.emulator.url, { origin: "http://evil.example" });
    expect(ear.response.statusCode).toBe(403);
  });
});

/** All that has been written to a stream so far. Since Node 26 a read returns one piece of it. */
function readAll(stream: PassThrough): string {
  let text = "";
  for (let piece: Buffer | null = stream.read(); piece !== null; piece = stream.read()) text += piece.toString();
  return text;
}

describe("streams", () => {
  function openStreams(kept = 100_000) {
    const log = new EventLog(kept);
    const work = new Work();
    const beats: { ms: number; run(): void }[] = [];
    const streams = new EventStreams(log, work, (ms, run) => {
      const beat = { ms, run };
      beats.push(beat);
      return () => void beats.splice(beats.indexOf(beat), 1);
    });
    return { log, work, beats, streams };
  }

  test("get a comment every 15 s, for as long as somebody listens", async () => {
    const { streams, beats } = openStreams();
    const out = new PassThrough();
    streams.open().stream?.(out);
    expect(beats.map(({ ms }) => ms)).toEqual([15_000]);
    beats[0]?.run();
    expect(readAll(out)).toBe("retry: 1000\n\n:\n\n");
    out.destroy();
    await waitUntil("what is waited for in the stream", () => beats.length === 0);
  });

  test("that are not read take no memory, go on where they were when they are, and miss nothing", async () => {
    const { log, streams } = openStreams();
    const out = new PassThrough({ highWaterMark: 64 });
    streams.open(0).stream?.(out);
    for (let index = 0; index < 500; index++) log.add("state", {});
    await new Promise(setImmediate);
    expect(out.writableLength + out.readableLength).toBeLessThan(40_000);
    let text = "";
    out.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    await waitUntil("what is waited for in the stream", () => parseEvents(text).length === 500);
    expect(parseEvents(text).map(({ id }) => Number(id))).toEqual(Array.from({ length: 500 }, (_, index) => index + 1));
  });

  test("are closed when they are 1 MiB behind, and not before", async () => {
    const { log, streams } = openStreams();
    const stuck = new Writable({ highWaterMark: 1, write() {} });
    const record = { method: "x".repeat(1000) };
    streams.open().stream?.(stuck);
    for (let sent = 0; sent < MAX_BEHIND_BYTES - 100_000; sent += 1000) log.add("call", record as never); // of that length
    await new Promise(setImmediate);
    expect(stuck.destroyed).toBe(false);
    for (let sent = 0; sent < 200_000; sent += 1000) log.add("call", record as never);
    await waitUntil("what is waited for in the stream", () => stuck.destroyed);
  });

  test("that come back after more than is kept are told to read everything again", async () => {
    const { log, streams } = openStreams(10);
    for (let index = 0; index < 40; index++) log.add("state", {});
    const out = new PassThrough();
    streams.open(5).stream?.(out);
    await new Promise(setImmediate);
    expect(parseEvents(readAll(out))).toEqual([{ id: "40", event: "reset", data: {} }]);
  });
});
