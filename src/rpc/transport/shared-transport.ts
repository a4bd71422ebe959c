// SPDX-License-Identifier: Apache-2.0
// One transport for several clients of a process: reference-counted, and closed with the last. Knows no options and no credentials.

import { onAbort } from "../../base/abort.js";
import { Status } from "../../base/causes/status.js";
import type { Clock } from "../../base/clock.js";
import { RpcError } from "../../base/errors.js";
import { joinSignals } from "./joined-signal.js";
import type { ReplyIterator, StreamCall, Transport, UnaryCall } from "./transport.js";

interface Shared {
  readonly transport: Transport;
  holders: number;
}

const sharedByKey = new Map<string, Shared>();
const numbers = new WeakMap<object, number>();
let lastNumber = 0;

/** A number that identifies an object in a key, the same for the object's lifetime. */
export function identityOf(value: object): number {
  let number = numbers.get(value);
  if (number === undefined) {
    number = ++lastNumber;
    numbers.set(value, number);
  }
  return number;
}

/**
 * A hold on the transport for a key; the first caller makes it.
 *
 * @param make makes the transport
 */
export function shareTransport(key: string, clock: Clock, make: () => Transport): Transport {
  let shared = sharedByKey.get(key);
  if (shared === undefined) {
    shared = { transport: make(), holders: 0 };
    sharedByKey.set(key, shared);
  }
  shared.holders++;
  return new SharedTransport(key, shared, clock);
}

/** One client's hold: closing it ends that client's calls, and the connection only if it is the last hold. */
class SharedTransport implements Transport {
  readonly kind: string;
  readonly host: string;
  readonly clientToken?: string;
  readonly stream?: NonNullable<Transport["stream"]>;
  readonly #key: string;
  readonly #shared: Shared;
  readonly #clock: Clock;
  /** Ends the calls of this hold: one signal for all that have none of their own. */
  readonly #closing = new AbortController();
  #inFlight = 0;
  #onIdle: (() => void) | undefined;
  #closed: Promise<void> | undefined;

  constructor(key: string, shared: Shared, clock: Clock) {
    const { kind, host, clientToken } = shared.transport;
    this.kind = kind;
    this.host = host;
    if (clientToken !== undefined) this.clientToken = clientToken;
    if (shared.transport.stream !== undefined) this.stream = (call) => this.#stream(call);
    this.#key = key;
    this.#shared = shared;
    this.#clock = clock;
  }

  connectAhead(): void {
    if (this.#closed === undefined) this.#shared.transport.connectAhead?.();
  }

  async unary<Message, Reply>(call: UnaryCall<Message, Reply>): Promise<Reply> {
    const own = this.#begin(call);
    try {
      return await this.#shared.transport.unary({ ...call, signal: own.signal });
    } catch (error) {
      throw error === CLOSED ? this.#closedError(call.method.label) : error;
    } finally {
      own.end();
    }
  }

  #stream<Message, Reply>(call: StreamCall<Message, Reply>): ReplyIterator<Reply> {
    const own = this.#begin(call);
    // A consumer that stops reading must not keep the hold from closing.
    const stopListening = onAbort(own.signal, own.end);
    const end = (): void => {
      stopListening();
      own.end();
    };
    let replies: ReplyIterator<Reply> | undefined;
    try {
      replies = this.#shared.transport.stream?.({ ...call, signal: own.signal });
    } catch (error) {
      end();
      throw error;
    }
    const passOn = async (result: Promise<IteratorResult<Reply>> | undefined): Promise<IteratorResult<Reply>> => {
      try {
        const reply = await result;
        if (reply !== undefined && !reply.done) return reply;
      } catch (error) {
        end();
        throw error === CLOSED ? this.#closedError(call.method.label) : error;
      }
      end();
      return DONE;
    };
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      next: () => passOn(replies?.next()),
      nextNow: () => replies?.nextNow?.(),
      return: () => passOn(replies?.return?.()),
    };
  }

  /** Counts a call as started, with its own signal, so that closing this hold ends its calls and nobody else's. */
  #begin(call: { readonly method: { readonly label: string }; readonly signal: AbortSignal | undefined }): {
    readonly signal: AbortSignal;
    end(): void;
  } {
    const { signal, method } = call;
    if (this.#closed !== undefined) throw this.#closedError(method.label);
    if (signal?.aborted) throw signal.reason;
    this.#inFlight++;
    const both = signal === undefined ? undefined : joinSignals(signal, this.#closing.signal);
    let hasEnded = false;
    const end = (): void => {
      if (hasEnded) return;
      hasEnded = true;
      both?.release();
      this.#inFlight--;
      if (this.#inFlight === 0) this.#onIdle?.();
    };
    return { signal: both?.signal ?? this.#closing.signal, end };
  }

  close(gracePeriodMs: number): Promise<void> {
    this.#closed ??= this.#close(gracePeriodMs);
    return this.#closed;
  }

  async #close(gracePeriodMs: number): Promise<void> {
    const shared = this.#shared;
    shared.holders--;
    if (shared.holders === 0) {
      // From now on, callers get a transport that is not about to close.
      if (sharedByKey.get(this.#key) === shared) sharedByKey.delete(this.#key);
      return shared.transport.close(gracePeriodMs);
    }
    if (this.#inFlight === 0) return;
    const idle = new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
    const cancelAll = (): void => {
      this.#closing.abort(CLOSED);
    };
    if (gracePeriodMs <= 0) cancelAll();
    else void idle.then(this.#clock.schedule(gracePeriodMs, cancelAll));
    await idle;
  }

  #closedError(method: string): RpcError {
    return new RpcError({ code: Status.CANCELLED, text: "the transport is closed", method, transport: this.kind });
  }
}

/** The abort reason with which a hold ends its own calls. */
const CLOSED = Symbol("closed");

const DONE = { done: true, value: undefined } as const;
