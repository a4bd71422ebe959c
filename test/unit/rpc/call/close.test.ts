// SPDX-License-Identifier: Apache-2.0
// The end of a client: what becomes of calls in every state, and of the transport.

import { ClientClosedError, ConfigurationError, IAMCredentialsAsyncClient } from "../../../../src/index.js";
import { ManualClock } from "../../../support/manual-clock.js";
import { rejectionOf } from "../../../support/rejection-of.js";
import { CountingProvider, SIGN_BLOB, SIGNED, scriptedClient } from "../../../support/scripted-client.js";
import { refuse, reply, ScriptedTransport, silence } from "../../../support/scripted-transport.js";

const CUT = "IAMCredentials: the client was closed while the call was in flight";

/** Whether a promise has settled, without waiting for it. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const settle = () => {
    settled = true;
  };
  promise.then(settle, settle);
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

test("a call after close is refused by name, and nothing is sent", async () => {
  const { client, transport } = scriptedClient(() => [reply(SIGNED)]);
  await client.close();
  const error = await rejectionOf(client.signBlob(SIGN_BLOB));
  expect(error).toBeInstanceOf(ClientClosedError);
  expect(error).toMatchObject({ message: "IAMCredentials.SignBlob: the client is closed" });
  expect(transport.calls).toEqual([]);
});

test("a call is refused from the moment that close is called, not from its end", async () => {
  const { client, clock } = scriptedClient((time) => [silence(time)]);
  const first = rejectionOf(client.signBlob(SIGN_BLOB, { timeout: 1_000 }));
  await clock.advance(0);
  const closed = client.close();
  expect(await rejectionOf(client.signBlob(SIGN_BLOB))).toBeInstanceOf(ClientClosedError);
  await clock.drive(Promise.all([first, closed]));
});

describe("a call in flight", () => {
  test("may end within the grace period, and close resolves with it", async () => {
    const { client, clock } = scriptedClient((time) => [
      () => new Promise((resolve) => void time.schedule(3_000, () => resolve(SIGNED))),
    ]);
    const call = client.signBlob(SIGN_BLOB);
    await clock.advance(0);
    const closed = client.close();
    await clock.advance(2_999);
    expect(await isSettled(closed)).toBe(false);
    await clock.advance(1);
    await expect(call).resolves.toEqual(SIGNED);
    await closed;
    expect(clock.waits).toEqual([]);
  });

  test("may make another attempt within the grace period", async () => {
    const { client, clock } = scriptedClient(() => [refuse("UNAVAILABLE"), reply(SIGNED)]);
    const call = client.signBlob(SIGN_BLOB);
    await clock.advance(0);
    const closed = client.close();
    await expect(clock.drive(call)).resolves.toEqual(SIGNED);
    await closed;
  });

  const hanging = new CountingProvider();
  hanging.getRequestMetadata = () => new Promise(() => undefined) as never; // as: never answers
  test.each([
    ["waits for an answer", (time: ManualClock) => [silence(time)], {}],
    [
      "sleeps before its next attempt",
      () => [refuse("UNAVAILABLE")],
      { callDefaults: { retry: { initialDelay: 50_000 } } },
    ],
    ["waits for a token", () => [reply(SIGNED)], { credentials: hanging }],
  ])("that %s is ended by name when the grace period is over, 10 s by default", async (_name, scenes, options) => {
    const { client, clock } = scriptedClient(scenes, options);
    const call = rejectionOf(client.signBlob(SIGN_BLOB));
    await clock.advance(0);
    const closed = client.close();
    await clock.advance(9_999);
    expect([await isSettled(call), await isSettled(closed)]).toEqual([false, false]);
    await clock.advance(1);
    const error = await call;
    expect(error).toBeInstanceOf(ClientClosedError);
    expect(error).toMatchObject({ message: CUT });
    await closed;
  });

  test("is ended at once without a grace period", async () => {
    const { client, clock } = scriptedClient((time) => [silence(time)]);
    const call = rejectionOf(client.signBlob(SIGN_BLOB));
    await clock.advance(0);
    await client.close({ gracePeriod: 0 });
    expect(await call).toMatchObject({ name: "ClientClosedError", message: CUT });
    expect(clock.now()).toBe(0);
  });

  test("is waited for without end by an endless grace period", async () => {
    const { client, clock } = scriptedClient((time) => [silence(time)]);
    const call = rejectionOf(client.signBlob(SIGN_BLOB, { timeout: 1e9, retry: false }));
    await clock.advance(0);
    const closed = client.close({ gracePeriod: Number.POSITIVE_INFINITY });
    expect(await clock.drive(call)).toMatchObject({ code: 4 });
    await closed;
    expect(clock.now()).toBe(1e9);
  });
});

describe("close", () => {
  test("without calls in flight waits for nothing", async () => {
    const { client, clock } = scriptedClient(() => [reply(SIGNED)]);
    await client.signBlob(SIGN_BLOB);
    await client.close();
    expect(clock.now()).toBe(0);
    expect(clock.waits).toEqual([]);
  });

  test("for a second time waits for the first", async () => {
    const { client, clock } = scriptedClient((time) => [silence(time)]);
    const call = rejectionOf(client.signBlob(SIGN_BLOB));
    await clock.advance(0);
    const first = client.close({ gracePeriod: 5_000 });
    const second = client.close({ gracePeriod: 0 });
    await clock.advance(4_999);
    expect(await isSettled(second)).toBe(false);
    await clock.advance(1);
    expect(await isSettled(second)).toBe(true);
    await Promise.all([call, first]);
  });

  test.each([-1, Number.NaN, "10"])(
    "refuses a grace period of %p by name and leaves the client open",
    async (wrong) => {
      const { client } = scriptedClient(() => [reply(SIGNED)]);
      const error = await rejectionOf(client.close({ gracePeriod: wrong as number })); // as: wrong on purpose
      expect(error).toBeInstanceOf(ConfigurationError);
      expect(error).toMatchObject({ message: "gracePeriod: must be a non-negative number of milliseconds" });
      await expect(client.signBlob(SIGN_BLOB)).resolves.toEqual(SIGNED);
    },
  );

  test("is what `await using` calls", async () => {
    const { client } = scriptedClient(() => [reply(SIGNED)]);
    await client[Symbol.asyncDispose]();
    expect(await rejectionOf(client.signBlob(SIGN_BLOB))).toBeInstanceOf(ClientClosedError);
  });

  test("leaves a transport open that was given", async () => {
    const { client, transport } = scriptedClient(() => [reply(SIGNED)]);
    await client.close();
    expect(transport.closes).toEqual([]);
  });

  test("closes a transport that the client had made, once and after the calls", async () => {
    const transport = new ScriptedTransport(reply(SIGNED));
    const clock = new ManualClock();
    const client = new IAMCredentialsAsyncClient({
      transport: () => transport,
      clock,
      credentials: new CountingProvider(),
    });
    await client.signBlob(SIGN_BLOB);
    expect(transport.closes).toEqual([]);
    await Promise.all([client.close(), client.close()]);
    expect(transport.closes).toEqual([0]);
  });

  test("turns the CANCELLED of a transport that it closes into ClientClosedError", async () => {
    let cancel = (): void => undefined;
    const transport = new ScriptedTransport(
      (call) =>
        new Promise((_resolve, reject) => {
          cancel = () => {
            try {
              refuse("CANCELLED", "the transport was closed")(call);
            } catch (error) {
              reject(error);
            }
          };
        }),
    );
    const close = transport.close.bind(transport);
    transport.close = async (gracePeriodMs) => {
      cancel();
      await close(gracePeriodMs);
    };
    const credentials = new CountingProvider();
    const client = new IAMCredentialsAsyncClient({ transport: () => transport, credentials });
    const call = rejectionOf(client.signBlob(SIGN_BLOB));
    await new Promise((resolve) => setImmediate(resolve));
    await client.close({ gracePeriod: 0 });
    expect(await call).toMatchObject({ name: "ClientClosedError", message: CUT });
  });
});
