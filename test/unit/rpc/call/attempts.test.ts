// SPDX-License-Identifier: Apache-2.0
// The road of a call: attempts, deadline, abort, and what the caller hears of them.

import type { AttemptReport } from "../../../../src/index.js";
import { rejectionOf, rpcErrorOf } from "../../../support/rejection-of.js";
import { ROBOT, SIGN_BLOB, SIGNED, scriptedClient } from "../../../support/scripted-client.js";
import { refuse, reply, silence } from "../../../support/scripted-transport.js";

describe("a call", () => {
  test("hands the canonical request, its own metadata and its time to the transport", async () => {
    const { client, transport } = scriptedClient(() => [reply(SIGNED)]);
    await expect(client.signBlob(SIGN_BLOB)).resolves.toEqual(SIGNED);
    expect(transport.calls).toHaveLength(1);
    expect(transport.calls[0]).toMatchObject({
      method: { label: "IAMCredentials.SignBlob", path: "/google.iam.credentials.v1.IAMCredentials/SignBlob" },
      message: { name: `projects/-/serviceAccounts/${ROBOT}`, delegates: [], payload: SIGN_BLOB.payload },
      timeoutMs: 20_000,
    });
    expect(transport.valuesOf(0, "x-goog-request-params")).toEqual([
      "name=projects/-/serviceAccounts/robot%40demo-project.iam.gserviceaccount.com",
    ]);
  });

  test("with a wrong request rejects before a token is asked for", async () => {
    const { client, transport, provider } = scriptedClient(() => [reply(SIGNED)]);
    const error = await rejectionOf(client.signBlob({ ...SIGN_BLOB, name: "nobody" }));
    expect(error).toMatchObject({ name: "RequestError", field: "name" });
    expect([transport.calls.length, provider.asked]).toEqual([0, 0]);
  });

  test("asks for a token before every attempt and sends the one it gets", async () => {
    const { client, clock, transport } = scriptedClient(() => [
      refuse("UNAVAILABLE"),
      refuse("DEADLINE_EXCEEDED"),
      reply(SIGNED),
    ]);
    await clock.drive(client.signBlob(SIGN_BLOB));
    const bearers = transport.calls.map((_, index) => transport.valuesOf(index, "authorization"));
    expect(bearers).toEqual([["Bearer token-1"], ["Bearer token-2"], ["Bearer token-3"]]);
  });

  test("carries the number of attempts in its error, whose text and code are the service's", async () => {
    const { client, clock } = scriptedClient(() => [refuse("UNAVAILABLE"), refuse("PERMISSION_DENIED", "not you")]);
    const error = await rpcErrorOf(clock.drive(client.signBlob(SIGN_BLOB)));
    expect(error).toMatchObject({ code: 7, attempts: 2, transport: "scripted" });
    expect(error.message).toBe("IAMCredentials.SignBlob: PERMISSION_DENIED: not you");
  });

  test("rejects with the last real error when the attempts are used up", async () => {
    const { client, clock } = scriptedClient(() => [refuse("UNAVAILABLE", "first"), refuse("UNAVAILABLE", "second")]);
    const error = await rpcErrorOf(clock.drive(client.signBlob(SIGN_BLOB, { retry: { maxAttempts: 2 } })));
    expect(error).toMatchObject({ code: 14, attempts: 2, message: "IAMCredentials.SignBlob: UNAVAILABLE: second" });
  });

  test("with an error whose stack leads to the caller", async () => {
    const { client } = scriptedClient(() => [refuse("NOT_FOUND")]);
    const error = await rpcErrorOf(client.signBlob(SIGN_BLOB));
    expect(error.stack).toMatch(/attempts\.test\.ts/);
    expect(error.stack).not.toMatch(/scripted-transport/);
  });

  test("hands on what a transport throws that is no RpcError, after one attempt", async () => {
    const bug = new RangeError("a bug");
    const { client, transport } = scriptedClient(() => [
      () => {
        throw bug;
      },
    ]);
    expect(await rejectionOf(client.signBlob(SIGN_BLOB))).toBe(bug);
    expect(transport.calls).toHaveLength(1);
  });
});

describe("the total deadline", () => {
  test("reads time, attempts and the last real status, with the last attempt's error as cause", async () => {
    const { client, clock } = scriptedClient((time) => [refuse("UNAVAILABLE", "try later"), silence(time)]);
    const error = await rpcErrorOf(clock.drive(client.signBlob(SIGN_BLOB, { timeout: 5_000 })));
    expect(error.message).toBe(
      "IAMCredentials.SignBlob: DEADLINE_EXCEEDED: the deadline of 5000 ms passed after 2 attempts; " +
        "the last status was UNAVAILABLE: try later",
    );
    expect(error).toMatchObject({ code: 4, attempts: 2 });
    expect(error.cause).toMatchObject({ message: "IAMCredentials.SignBlob: DEADLINE_EXCEEDED: no answer" });
    expect(clock.now()).toBe(5_000);
  });

  test("names no status when its own cut was all there was", async () => {
    const { client, clock } = scriptedClient((time) => [silence(time)]);
    const error = await rpcErrorOf(clock.drive(client.signBlob(SIGN_BLOB, { timeout: 5_000 })));
    expect(error.message).toBe(
      "IAMCredentials.SignBlob: DEADLINE_EXCEEDED: the deadline of 5000 ms passed after 1 attempt",
    );
  });

  test("of 60 s leaves room for three silent attempts of 20 s at most", async () => {
    const { client, clock, transport } = scriptedClient((time) => [silence(time)], {}, { chances: [0] });
    const error = await rpcErrorOf(clock.drive(client.signBlob(SIGN_BLOB)));
    expect(transport.calls.map((call) => call.timeoutMs)).toEqual([20_000, 20_000, 20_000]);
    expect(error).toMatchObject({ code: 4, attempts: 3 });
    expect(clock.now()).toBe(60_000);
  });

  test("is not renewed for a retry that begins shortly before it", async () => {
    const { client, clock, transport } = scriptedClient(
      (time) => [
        async (call) => {
          await new Promise<void>((resolve) => void time.schedule(4_500, resolve));
          return refuse("UNAVAILABLE")(call);
        },
        silence(time),
      ],
      {},
      { chances: [0] },
    );
    await rpcErrorOf(clock.drive(client.signBlob(SIGN_BLOB, { timeout: 5_000 })));
    expect(transport.calls.map((call) => call.timeoutMs)).toEqual([5_000, 500]);
    expect(clock.now()).toBe(5_000);
  });

  test("of Infinity lets attempts go on until one succeeds", async () => {
    const refusals = Array.from({ length: 60 }, () => refuse("UNAVAILABLE"));
    const { client, clock, transport } = scriptedClient(() => [...refusals, reply(SIGNED)], {}, { chances: [1] });
    const options = { timeout: Number.POSITIVE_INFINITY };
    await expect(clock.drive(client.signBlob(SIGN_BLOB, options))).resolves.toEqual(SIGNED);
    expect(transport.calls).toHaveLength(61);
    expect(clock.now()).toBeGreaterThan(30 * 60_000);
  });
});

describe("the caller's signal", () => {
  const REASON = { why: "enough" };

  test("that has aborted before rejects with its reason, and nothing is sent", async () => {
    const { client, transport, provider } = scriptedClient(() => [reply(SIGNED)]);
    expect(await rejectionOf(client.signBlob(SIGN_BLOB, { signal: AbortSignal.abort(REASON) }))).toBe(REASON);
    expect([transport.calls.length, provider.asked]).toEqual([0, 0]);
  });

  test.each(["an attempt", "a delay"])("ends the call during %s with its reason", async (when) => {
    const { client, clock } = scriptedClient((time) => [when === "a delay" ? refuse("UNAVAILABLE") : silence(time)]);
    const controller = new AbortController();
    const call = rejectionOf(client.signBlob(SIGN_BLOB, { signal: controller.signal }));
    await clock.advance(10);
    controller.abort(REASON);
    expect(await call).toBe(REASON);
  });
});

describe("the signal that the transport sees", () => {
  test("aborts with the caller's, and with its reason", async () => {
    const { client, clock, transport } = scriptedClient((time) => [silence(time)]);
    const controller = new AbortController();
    const call = rejectionOf(client.signBlob(SIGN_BLOB, { signal: controller.signal }));
    await clock.advance(10);
    controller.abort("enough");
    await call;
    expect(transport.calls[0]?.signal).toMatchObject({ aborted: true, reason: "enough" });
  });

  test("does not follow the caller's any more once the attempt has ended", async () => {
    const { client, transport } = scriptedClient(() => [reply(SIGNED)]);
    const controller = new AbortController();
    await client.signBlob(SIGN_BLOB, { signal: controller.signal });
    controller.abort();
    expect(transport.calls[0]?.signal?.aborted).toBe(false);
  });

  test("is the same for one call after another on a given transport: none costs an AbortController", async () => {
    const { client, transport } = scriptedClient(() => [reply(SIGNED)]);
    const { signal } = new AbortController();
    for (let count = 0; count < 20; count++) await client.signBlob(SIGN_BLOB, { signal });
    for (let count = 0; count < 20; count++) await client.signBlob(SIGN_BLOB);
    const [withSignal, without] = [transport.calls.slice(0, 20), transport.calls.slice(20)];
    expect(new Set(withSignal.map((call) => call.signal)).size).toBe(1);
    expect(new Set(without.map((call) => call.signal)).size).toBe(1);
  });
});

describe("onAttempt", () => {
  test("hears of each attempt: how long it took, why it failed, when the next one comes", async () => {
    const reports: AttemptReport[] = [];
    const { client, clock } = scriptedClient((time) => [silence(time), refuse("UNAVAILABLE", "busy"), reply(SIGNED)]);
    await clock.drive(client.signBlob(SIGN_BLOB, { onAttempt: (report) => reports.push(report) }));
    const method = "IAMCredentials.SignBlob";
    expect(reports).toEqual([
      { method, attempt: 1, durationMs: 20_000, error: expect.objectContaining({ code: 4 }), nextDelayMs: 50 },
      { method, attempt: 2, durationMs: 0, error: expect.objectContaining({ code: 14 }), nextDelayMs: 65 },
      { method, attempt: 3, durationMs: 0, error: undefined, nextDelayMs: undefined },
    ]);
  });

  test("hears that no attempt follows the last one", async () => {
    const delays: unknown[] = [];
    const { client } = scriptedClient(() => [refuse("NOT_FOUND")]);
    await rejectionOf(client.signBlob(SIGN_BLOB, { onAttempt: ({ nextDelayMs }) => delays.push(nextDelayMs) }));
    expect(delays).toEqual([undefined]);
  });

  test("that throws changes nothing about the call", async () => {
    const { client, clock } = scriptedClient(() => [refuse("UNAVAILABLE"), reply(SIGNED)]);
    const onAttempt = () => {
      throw new Error("a bug in the listener");
    };
    await expect(clock.drive(client.signBlob(SIGN_BLOB, { onAttempt }))).resolves.toEqual(SIGNED);
  });
});
