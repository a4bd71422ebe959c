// SPDX-License-Identifier: Apache-2.0
// One transport held by several: made once, its calls ended hold by hold, closed with the last.

import { describe, expect, it, test } from "@jest/globals";
import { signBlob } from "../../../../src/iam-credentials/methods.js";
import { identityOf, shareTransport } from "../../../../src/rpc/transport/shared-transport.js";
import type { StreamCall, Transport, UnaryCall } from "../../../../src/rpc/transport/transport.js";
import { ManualClock } from "../../../support/manual-clock.js";
import { rejectionOf, rpcErrorOf } from "../../../support/rejection-of.js";
import { ScriptedTransport } from "../../../support/scripted-transport.js";

let lastKey = 0;
/** Keys live as long as the process: each test has its own. */
const newKey = () => `key ${++lastKey}`;

function call(signal?: AbortSignal): UnaryCall<Parameters<typeof signBlob.encode>[0], unknown> {
  const message = { name: "n", delegates: [], payload: Buffer.from("x") };
  return { method: signBlob, message, metadata: [], timeoutMs: Number.POSITIVE_INFINITY, signal };
}

/** Answers when it is told to; ends with its signal. */
function gatedTransport() {
  const answers: (() => void)[] = [];
  const transport = new ScriptedTransport(
    ({ signal }) =>
      new Promise((resolve, reject) => {
        answers.push(() => resolve({}));
        signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      }),
  );
  return { transport, answer: () => answers.shift()?.() };
}

describe("a shared transport", () => {
  it("is made by whoever comes first with its key, and looks like what was made", () => {
    const clock = new ManualClock();
    const key = newKey();
    let made = 0;
    const make = (): Transport => {
      made++;
      return Object.assign(new ScriptedTransport(), { clientToken: "token/1" });
    };
    const holds = [shareTransport(key, clock, make), shareTransport(key, clock, make)];
    const other = shareTransport(newKey(), clock, make);
    expect(made).toBe(2);
    const looks = holds.map(({ kind, host, clientToken, stream }) => [kind, host, clientToken, stream]);
    expect(looks).toEqual(Array(2).fill(["scripted", "scripted.test:443", "token/1", undefined]));
    expect(other).not.toBe(holds[0]);
  });

  it("closes with its last hold, with that one's grace, and is made anew afterwards", async () => {
    const clock = new ManualClock();
    const key = newKey();
    const transport = new ScriptedTransport();
    const [first, second] = [shareTransport(key, clock, () => transport), shareTransport(key, clock, () => transport)];
    await first.close(7);
    await first.close(7);
    expect(transport.closes).toEqual([]);
    await second.close(9);
    expect(transport.closes).toEqual([9]);
    const third = shareTransport(key, clock, () => new ScriptedTransport(() => "anew"));
    expect(await third.unary(call())).toBe("anew");
  });

  it("ends the calls of a hold that closes with CANCELLED, and nobody else's", async () => {
    const clock = new ManualClock();
    const key = newKey();
    const { transport, answer } = gatedTransport();
    const [mine, theirs] = [shareTransport(key, clock, () => transport), shareTransport(key, clock, () => transport)];
    const ended = rpcErrorOf(mine.unary(call()));
    const kept = theirs.unary(call());
    await mine.close(0);
    expect((await ended).message).toBe("IAMCredentials.SignBlob: CANCELLED: the transport is closed");
    answer();
    answer();
    expect(await kept).toEqual({});
    expect((await rpcErrorOf(mine.unary(call()))).message).toBe(
      "IAMCredentials.SignBlob: CANCELLED: the transport is closed",
    );
  });

  it("waits for the calls of a hold within its grace, and schedules nothing when they end", async () => {
    const clock = new ManualClock();
    const key = newKey();
    const { transport, answer } = gatedTransport();
    const [mine] = [shareTransport(key, clock, () => transport), shareTransport(key, clock, () => transport)];
    const [first, second] = [mine.unary(call()), rpcErrorOf(mine.unary(call()))];
    const closed = mine.close(5_000);
    answer();
    expect(await first).toEqual({});
    await clock.advance(5_000);
    expect((await second).status).toBe("CANCELLED");
    await closed;
    expect(clock.waits).toEqual([]);
  });

  it("hands a caller's own signal on, with its reason, and calls nothing when it has aborted", async () => {
    const { transport } = gatedTransport();
    const hold = shareTransport(newKey(), new ManualClock(), () => transport);
    const stop = new AbortController();
    const failure = rejectionOf(hold.unary(call(stop.signal)));
    const reason = new Error("enough");
    stop.abort(reason);
    expect(await failure).toBe(reason);
    expect(await rejectionOf(hold.unary(call(stop.signal)))).toBe(reason);
    expect(transport.calls).toHaveLength(1);
  });

  it("closes after a stream that could not be started", async () => {
    const key = newKey();
    const refuse = () => {
      throw new Error("no stream today");
    };
    const transport: Transport = Object.assign(new ScriptedTransport(), { stream: refuse });
    const clock = new ManualClock();
    const [hold] = [shareTransport(key, clock, () => transport), shareTransport(key, clock, () => transport)];
    const signal = new AbortController().signal;
    const { message, ...others } = call();
    const streamCall = { ...others, messages: (async function* () {})(), firstReplyTimeoutMs: 1, signal };
    expect(() => hold.stream?.(streamCall)).toThrow("no stream today");
    await hold.close(1_000); // hangs while a call is in flight
  });

  it("carries streams where what it shares does, and a reader that stops reading holds no close up", async () => {
    const key = newKey();
    const streaming: Transport = Object.assign(new ScriptedTransport(), {
      async *stream({ signal }: StreamCall<unknown, unknown>) {
        yield "first";
        signal.throwIfAborted();
        yield "second";
      },
    }) as unknown as Transport; // as: the script's replies are text
    const clock = new ManualClock();
    const [hold] = [shareTransport(key, clock, () => streaming), shareTransport(key, clock, () => streaming)];
    const signal = new AbortController().signal;
    const { message, ...others } = call();
    const streamCall = {
      ...others,
      messages: (async function* () {
        yield message;
      })(),
      firstReplyTimeoutMs: 1,
      signal,
    };
    const replies = hold.stream?.(streamCall);
    expect(await replies?.next()).toEqual({ done: false, value: "first" });
    await hold.close(0);
    expect((await rpcErrorOf(Promise.resolve(replies?.next()))).message).toBe(
      "IAMCredentials.SignBlob: CANCELLED: the transport is closed",
    );
  });
});

test("an object has one number for as long as it lives, and no other has the same", () => {
  const [one, two] = [{}, {}];
  expect(identityOf(one)).toBe(identityOf(one));
  expect(identityOf(two)).not.toBe(identityOf(one));
});
