// SPDX-License-Identifier: Apache-2.0
// Sends the emulator's events to listeners over HTTP (server-sent events, WHATWG HTML, 9.2): from where a listener left off, as fast as
// it reads, and to a limited number of listeners. Does not know what an event means.

import type { Writable } from "node:stream";
import type { EmulatorEvent, EventLog } from "../../world/events/event-log.js";
import { ServiceError } from "../../world/refusals/service-error.js";
import { afterTheLoop, startRepeating, stopRepeating } from "../../world/runtime/timers.js";
import type { Work } from "../../world/runtime/work.js";
import type { OutgoingAnswer } from "../http/http-operation.js";

/** How many may listen at once. */
export const MAX_LISTENERS = 32;

/** How far behind a listener may be, in unread bytes. */
export const MAX_BEHIND_BYTES = 1024 * 1024;

const HEARTBEAT_MS = 15_000;
const RETRY_MS = 1000;

/** Does something repeatedly. @returns a function that ends it */
type Repeat = (ms: number, run: () => void) => () => void;

const repeatInRealTime: Repeat = (ms, run) => {
  const timer = startRepeating(run, ms);
  return () => stopRepeating(timer);
};

function formatEvent({ id, name, data }: EmulatorEvent): string {
  return `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

// One listener. It keeps a position in the log, so that what it has not read takes no extra memory.
class EventStream {
  readonly #log: EventLog;
  readonly #out: Writable;
  #lastId: number;
  #isFull = false;
  #isDue = false;
  // While the listener is behind: how much of the log has been added up, and to how many bytes.
  #measuredId = 0;
  #behindBytes = 0;

  constructor(log: EventLog, out: Writable, lastId: number) {
    this.#log = log;
    this.#out = out;
    this.#lastId = lastId;
  }

  /** Sends new events soon: the call that an event is about is answered first, and simultaneous events go out together. */
  wake(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    afterTheLoop(() => {
      this.#isDue = false;
      this.#send();
    });
  }

  /** Writes text that is not an event. */
  write(text: string): void {
    if (!this.#isFull && !this.#out.destroyed) this.#write(text);
  }

  #send(): void {
    if (this.#out.destroyed || this.#out.writableEnded) return;
    if (this.#isFull) this.#measure();
    else for (const text of this.#takeTexts()) this.#write(text);
  }

  // One larger text at a time: a write per event would cost more than the events.
  *#takeTexts(): Iterable<string> {
    const events = this.#log.after(this.#lastId);
    if (events === undefined) {
      // Some of what it missed has been dropped: it has to read everything again.
      this.#lastId = this.#log.lastId;
      yield formatEvent({ id: this.#lastId, name: "reset", data: {} });
      return;
    }
    let text = "";
    for (const event of events) {
      if (this.#isFull) return;
      text += formatEvent(event);
      this.#lastId = event.id;
      if (text.length < 16_384) continue;
      yield text;
      text = "";
    }
    if (text !== "") yield text;
  }

  #write(text: string): void {
    if (this.#out.write(text)) return;
    this.#isFull = true;
    this.#measuredId = this.#lastId;
    this.#behindBytes = this.#out.writableLength;
    this.#out.once("drain", () => {
      this.#isFull = false;
      this.wake();
    });
  }

  #measure(): void {
    const events = this.#log.after(this.#measuredId);
    if (events === undefined) this.#behindBytes = Number.POSITIVE_INFINITY; // the whole log
    this.#measuredId = this.#log.lastId;
    for (const event of events ?? []) this.#behindBytes += Buffer.byteLength(formatEvent(event));
    if (this.#behindBytes > MAX_BEHIND_BYTES) this.#out.destroy();
  }
}

/** The HTTP listeners to one emulator's events. */
export class EventStreams {
  readonly #log: EventLog;
  readonly #work: Work;
  readonly #repeat: Repeat;
  readonly #streams = new Set<EventStream>();
  #stop: (() => void) | undefined;

  /**
   * @param log what is sent
   * @param work ends the streams when the emulator closes
   * @param repeat how a keep-alive is repeated every 15 s. Default: in real time
   */
  constructor(log: EventLog, work: Work, repeat: Repeat = repeatInRealTime) {
    this.#log = log;
    this.#work = work;
    this.#repeat = repeat;
  }

  /**
   * The answer to a new listener.
   *
   * @param lastId the number of the last event that it received: it gets the later ones, or `reset` when they have been dropped or the
   * number is another emulator's. Default: only events from now on
   * @throws ServiceError RESOURCE_EXHAUSTED when 32 are listening
   */
  open(lastId = this.#log.lastId): OutgoingAnswer {
    if (this.#streams.size >= MAX_LISTENERS) {
      throw new ServiceError("RESOURCE_EXHAUSTED", `There are ${MAX_LISTENERS} listeners, which is the maximum.`);
    }
    return {
      code: 200,
      contentType: "text/event-stream",
      headers: { "cache-control": "no-store", "x-accel-buffering": "no" },
      body: "",
      stream: (out) => this.#add(out, lastId),
    };
  }

  #add(out: Writable, lastId: number): void {
    const stream = new EventStream(this.#log, out, lastId);
    this.#streams.add(stream);
    this.#stop ??= this.#start();
    const forget = this.#work.onClosing(() => out.end());
    out.on("error", () => {}); // 'close' follows
    out.once("close", () => {
      forget();
      this.#streams.delete(stream);
      if (this.#streams.size > 0) return;
      this.#stop?.();
      this.#stop = undefined;
    });
    stream.write(`retry: ${RETRY_MS}\n\n`);
    stream.wake();
  }

  // Nothing is done for events while nobody listens.
  #start(): () => void {
    const endEvents = this.#log.listen(() => {
      for (const stream of this.#streams) stream.wake();
    });
    const endHeartbeat = this.#repeat(HEARTBEAT_MS, () => {
      for (const stream of this.#streams) stream.write(":\n\n");
    });
    return () => {
      endEvents();
      endHeartbeat();
    };
  }
}
