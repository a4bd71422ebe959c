// SPDX-License-Identifier: Apache-2.0
// A grpc-js server of the streaming test service. Behaves well unless a test takes over a call; keeps what it sees.

import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from "@grpc/grpc-js";
import {
  type CounterServiceServer,
  CounterServiceService,
  type CountRequest,
  type CountResponse,
  type DoubleEachRequest,
  type DoubleEachResponse,
  type SumRequest,
  type SumResponse,
} from "../streaming/generated/streaming/v1/counter.js";

/** What came with one call. */
export interface SeenStream {
  /** Which call it is, from 1. */
  readonly number: number;
  /** `Count`. */
  readonly method: string;
  readonly metadata: Metadata;
  /** Milliseconds that the caller gave it on arrival. */
  readonly timeoutMs: number;
  /** The numbers that were read from a stream of requests. */
  readonly received: number[];
  /** How many replies were written. */
  written: number;
  /** Whether it ended before it was answered: the caller cancelled it, or its time ran out. */
  isCancelled: boolean;
}

/** A status to end a call with. */
export interface StatusAnswer {
  readonly code: number;
  readonly details: string;
}

/** What a test may do to calls; what is absent goes its normal way. */
export interface CounterScript {
  /** Runs before anything is read or written. What it throws (a StatusAnswer) is the answer. */
  readonly onCall?: (call: SeenStream) => Promise<void> | void;
  /** Runs before each reply of Count is written. */
  readonly onReply?: (call: SeenStream, number: number) => Promise<void> | void;
  /** Runs after each request of a stream was read; while it waits, nothing else is read. */
  readonly onRequest?: (call: SeenStream, number: number) => Promise<void> | void;
}

/** Says that the server is not ready. */
export const BUSY: StatusAnswer = { code: status.UNAVAILABLE, details: "not now" };

/** Stands for something that never comes. */
export const never = (): Promise<never> => new Promise(() => undefined);

type AnyCall =
  | ServerWritableStream<CountRequest, CountResponse>
  | ServerReadableStream<SumRequest, SumResponse>
  | ServerDuplexStream<DoubleEachRequest, DoubleEachResponse>;

/** A running server. Made by {@link startCounterServer}. */
export class CounterServer implements AsyncDisposable {
  readonly #server = new Server({ "grpc.enable_channelz": 0 });
  #port = 0;
  /** What to do to the calls that come from now on. */
  script: CounterScript;
  /** All calls so far, in order of arrival. */
  readonly calls: SeenStream[] = [];

  constructor(script: CounterScript) {
    this.script = script;
    const handlers: CounterServiceServer = {
      double: (call, respond) => respond(null, { number: call.request.number * 2 }),
      count: (call) => void this.#count(call),
      sum: (call, respond) => void this.#sum(call, respond),
      doubleEach: (call) => void this.#doubleEach(call),
    };
    this.#server.addService(CounterServiceService, handlers);
  }

  /** `127.0.0.1:port`. */
  get host(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** The port. */
  get port(): number {
    return this.#port;
  }

  /** The last call. Throws when there was none. */
  get last(): SeenStream {
    const call = this.calls.at(-1);
    if (call === undefined) throw new Error("there was no call");
    return call;
  }

  /** Forgets the script and the calls. */
  reset(): void {
    this.script = {};
    this.calls.length = 0;
  }

  /** Opens the port. */
  async listen(): Promise<void> {
    this.#port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
  }

  #see(method: string, call: AnyCall): SeenStream {
    const seen: SeenStream = {
      number: this.calls.length + 1,
      method,
      metadata: call.metadata,
      timeoutMs: Number(call.getDeadline()) - Date.now(),
      received: [],
      written: 0,
      isCancelled: false,
    };
    this.calls.push(seen);
    call.on("cancelled", () => {
      seen.isCancelled = true;
    });
    call.on("error", () => undefined);
    return seen;
  }

  async #count(call: ServerWritableStream<CountRequest, CountResponse>): Promise<void> {
    const seen = this.#see("Count", call);
    try {
      await this.script.onCall?.(seen);
      const padding = Buffer.alloc(call.request.paddingBytes);
      for (let number = 1; number <= call.request.to && !seen.isCancelled; number++) {
        await this.script.onReply?.(seen, number);
        if (seen.isCancelled) return;
        seen.written = number;
        if (!call.write({ number, padding })) await drained(call);
      }
      call.end();
    } catch (answer) {
      call.emit("error", answer);
    }
  }

  async #sum(call: ServerReadableStream<SumRequest, SumResponse>, respond: sendUnaryData<SumResponse>): Promise<void> {
    const seen = this.#see("Sum", call);
    try {
      await this.script.onCall?.(seen);
      let sum = 0;
      for await (const { number } of call as AsyncIterable<SumRequest>) {
        seen.received.push(number);
        sum += number;
        await this.script.onRequest?.(seen, number);
      }
      respond(null, { sum: String(sum), count: seen.received.length });
    } catch (answer) {
      if (!seen.isCancelled) respond(answer as StatusAnswer); // as: what a script throws
    }
  }

  async #doubleEach(call: ServerDuplexStream<DoubleEachRequest, DoubleEachResponse>): Promise<void> {
    const seen = this.#see("DoubleEach", call);
    try {
      await this.script.onCall?.(seen);
      // Iterated plainly, a Duplex is destroyed when its reading half ends.
      const requests: AsyncIterable<DoubleEachRequest> = call.iterator({ destroyOnReturn: false });
      for await (const { number } of requests) {
        seen.received.push(number);
        await this.script.onRequest?.(seen, number);
        seen.written++;
        if (!call.write({ number: number * 2 })) await drained(call);
      }
      call.end();
    } catch (answer) {
      if (!seen.isCancelled) call.emit("error", answer);
    }
  }

  /** Ends all calls, connections and the port. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.forceShutdown();
  }
}

/** Resolves when more may be written, or the call has been cancelled. */
function drained(call: NodeJS.EventEmitter): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      call.off("drain", end).off("cancelled", end);
      resolve();
    };
    call.on("drain", end).on("cancelled", end);
  });
}

/** Starts a server on a port of its own. */
export async function startCounterServer(script: CounterScript = {}): Promise<CounterServer> {
  const server = new CounterServer(script);
  await server.listen();
  return server;
}
