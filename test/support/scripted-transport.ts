// SPDX-License-Identifier: Apache-2.0
// A Transport that answers from a script and keeps what it was asked. No bytes travel.

import type { Transport, UnaryCall } from "../../src/index.js";
import {
  type Clock,
  type MetadataPairs,
  RpcError,
  Status,
  type StatusName,
  type TokenProvider,
} from "../../src/index.js";

/** One attempt as the transport saw it. */
export type SeenCall = UnaryCall<unknown, unknown>;

/** What becomes of one attempt. */
export type Scene = (call: SeenCall) => unknown;

/** The service answers. */
export function reply(message: object): Scene {
  return () => message;
}

/** The service or the channel says no. */
export function refuse(status: StatusName, text = "no"): Scene {
  return ({ method }) => {
    throw new RpcError({ code: Status[status], text, method: method.label, transport: "scripted" });
  };
}

/** Nothing comes back: the attempt ends with its time on the clock, or with its signal. */
export function silence(clock: Clock): Scene {
  return ({ method, timeoutMs, signal }) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      if (timeoutMs === Number.POSITIVE_INFINITY) return;
      const code = Status.DEADLINE_EXCEEDED;
      const error = new RpcError({ code, text: "no answer", method: method.label, transport: "scripted" });
      clock.schedule(timeoutMs, () => reject(error));
    });
}

/** Plays one scene per attempt; the last for every attempt that follows. */
export class ScriptedTransport implements Transport {
  readonly kind = "scripted";
  readonly host = "scripted.test:443";
  /** Who authorizes the calls of a client that is given this. */
  tokenProvider: TokenProvider | undefined;
  /** Every attempt, in order. */
  readonly calls: SeenCall[] = [];
  /** The grace period of every `close`, in milliseconds. */
  readonly closes: number[] = [];
  readonly #scenes: Scene[];

  constructor(...scenes: Scene[]) {
    this.#scenes = scenes;
  }

  /** The metadata of an attempt. @param index from 0 */
  metadataOf(index: number): MetadataPairs {
    const call = this.calls[index];
    if (call === undefined) throw new Error(`there was no attempt ${index}`);
    return call.metadata;
  }

  /** The values of one key in an attempt's metadata, in order. */
  valuesOf(index: number, key: string): readonly (string | Uint8Array)[] {
    return this.metadataOf(index).flatMap(([each, value]) => (each === key ? [value] : []));
  }

  async unary<Message, Reply>(call: UnaryCall<Message, Reply>): Promise<Reply> {
    this.calls.push(call as unknown as SeenCall); // as: the method's types are of no interest to a script
    const scene = this.#scenes.length > 1 ? this.#scenes.shift() : this.#scenes[0];
    return (await scene?.(call as unknown as SeenCall)) as Reply; // as: the script knows which method it answers
  }

  async close(gracePeriodMs: number): Promise<void> {
    this.closes.push(gracePeriodMs);
  }
}
