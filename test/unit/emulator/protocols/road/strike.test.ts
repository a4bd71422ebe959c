// SPDX-License-Identifier: Apache-2.0
// Faults: which calls they strike, how often, and what becomes of those.

import { request as httpRequest } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { IAMCredentialsService as rows } from "../../../../../generated/google/iam/credentials/v1/iamcredentials.js";
import { RetryInfo } from "../../../../../generated/google/rpc/error_details.js";
import { Status } from "../../../../../generated/google/rpc/status.js";
import type { EmulatorFault } from "../../../../../src/emulator/index.js";
import { waitUntil } from "../../../../support/wait-until.js";
import { BareClient } from "../../bare-client.js";
import { ALICE, nameOf, openStage, type Stage, TARGET } from "../../stage.js";

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

const request = { name: nameOf(TARGET), delegates: [], payload: Buffer.of(1) };
const sign = (token = "owner", timeoutMs = 50_000) => stage.client.call(rows.signBlob, request, { token, timeoutMs });
const refusal = (token = "owner", timeoutMs = 50_000) =>
  stage.client.refusal(rows.signBlob, request, { token, timeoutMs }).then(({ code, message }) => ({ code, message }));

describe("a fault strikes", () => {
  test("as often as it says, and then no more", async () => {
    stage.emulator.addFault({ status: { code: "UNAVAILABLE", message: "Busy." }, times: 2 });
    expect(await refusal()).toEqual({ code: 14, message: "Busy." });
    expect(await refusal()).toEqual({ code: 14, message: "Busy." });
    await sign();
    expect(stage.emulator.calls().map(({ status, attempt }) => [status, attempt])).toEqual([
      ["UNAVAILABLE", 1],
      ["UNAVAILABLE", 2],
      ["OK", 3],
    ]);
    await sign();
    expect(stage.emulator.calls().at(-1)?.attempt).toBe(1);
  });

  test("until it is removed", async () => {
    const remove = stage.emulator.addFault({ status: { code: 8 } });
    for (let n = 0; n < 3; n++) expect(await refusal()).toEqual({ code: 8, message: "Injected fault." });
    remove();
    remove();
    await sign();
  });

  test("the method and the principal that it names, and the attempt", async () => {
    const token = await stage.emulator.accessToken(ALICE);
    stage.emulator.addFault({ method: "SignJwt", status: { code: "INTERNAL" } });
    stage.emulator.addFault({
      method: "google.iam.credentials.v1.IAMCredentials.SignBlob",
      principal: ALICE,
      attempt: 2,
      status: { code: "ABORTED" },
    });
    await sign(); // owner's
    stage.emulator.addFault({ principal: ALICE, attempt: 1, status: { code: "UNAVAILABLE" } });
    expect((await refusal(token)).code).toBe(14);
    expect((await refusal(token)).code).toBe(10);
    await sign(token);
  });

  test("callers who can't be told, too, before they are refused", async () => {
    stage.emulator.addFault({ status: { code: "UNAVAILABLE" }, times: 1 });
    expect((await refusal("x")).code).toBe(14);
    expect((await refusal("x")).code).toBe(16);
  });

  test("with details of any type of google.rpc", async () => {
    const retryDelay = "1.5s";
    stage.emulator.addFault({
      status: { code: "UNAVAILABLE", details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay }] },
    });
    const error = await sign().catch((each: unknown) => each);
    const [bytes] = (error as { metadata: { get(name: string): Buffer[] } }).metadata.get("grpc-status-details-bin");
    const [detail] = Status.decode(bytes ?? Buffer.alloc(0)).details;
    expect(detail?.typeUrl).toBe("type.googleapis.com/google.rpc.RetryInfo");
    expect(RetryInfo.decode(detail?.value ?? Buffer.alloc(0))).toEqual({ retryDelay: { seconds: "1", nanos: 5e8 } });
  });

  test("HTTP operations by the names that the log gives them", async () => {
    stage.emulator.addFault({
      method: "metadata.token",
      status: { code: "UNAVAILABLE", message: "Not yet." },
      times: 1,
    });
    stage.emulator.addFault({ method: "oauth2.token", status: { code: "RESOURCE_EXHAUSTED" }, times: 1 });
    const path = "/computeMetadata/v1/instance/service-accounts/default/token";
    const get = () => fetch(stage.emulator.url + path, { headers: { "metadata-flavor": "Google" } });
    const struck = await get();
    expect([struck.status, await struck.text(), struck.headers.get("metadata-flavor")]).toEqual([
      503,
      "Not yet.\n",
      "Google",
    ]);
    expect((await get()).status).toBe(200);
    const token = await fetch(`${stage.emulator.url}/token`, { method: "POST", body: new URLSearchParams("a=b") });
    expect([token.status, await token.json()]).toEqual([
      429,
      { error: "resource_exhausted", error_description: "Injected fault." },
    ]);
  });
});

describe("a call that is struck", () => {
  test("by a delay is answered after it", async () => {
    await sign(); // key and connection are there
    stage.emulator.addFault({ delayMs: 300 });
    const started = performance.now();
    await sign();
    expect(performance.now() - started).toBeGreaterThan(290);
  });

  test("by a hang has no answer until its deadline", async () => {
    await sign();
    const remove = stage.emulator.addFault({ connection: "hang" });
    expect((await refusal("owner", 300)).code).toBe(4);
    remove();
    await sign();
    await waitUntil("the struck call is told", () => stage.emulator.calls().length === 3);
    // At its deadline the caller cancels, and the emulator sees that or the deadline first.
    const ended = stage.emulator.calls().filter(({ status }) => /^(DEADLINE_EXCEEDED|CANCELLED)$/.test(status));
    expect(ended).toHaveLength(1);
  });

  test.each(["reset", "half-close", "garbage", "truncate", "goaway"] as const)(
    "by %s ends without an answer, and the next one is served",
    async (connection) => {
      await sign();
      // grpc-js tries a stream that was never taken once more by itself, and so it should.
      stage.emulator.addFault({ connection, times: connection === "goaway" ? 3 : 1 });
      const { code } = await refusal("owner", 1_000);
      expect([1, 4, 13, 14]).toContain(code);
      stage.emulator.reset();
      // After garbage node:http2 is deaf, and grpc-js goes on asking it: the next one is another client's.
      const client = new BareClient(stage.emulator.host);
      await client.call(rows.signBlob, request, { token: "owner" }).finally(() => client.close());
    },
  );

  test("by a content type is answered under it", async () => {
    stage.emulator.addFault({ contentType: "text/html", times: 1 });
    const struck = await stage.client.call(rows.signBlob, request, { token: "owner" }).catch((error: unknown) => error);
    expect(struck).toBeDefined(); // grpc-js does not look; clients that do see it below
    stage.emulator.addFault({ contentType: "text/plain", method: "oauth2.discovery" });
    const answer = await fetch(`${stage.emulator.url}/.well-known/openid-configuration`);
    expect([answer.headers.get("content-type"), typeof (await answer.json())]).toEqual(["text/plain", "object"]);
  });

  test("does not keep the emulator from closing", async () => {
    stage.emulator.addFault({ connection: "hang" });
    stage.emulator.addFault({ delayMs: 60_000 });
    const hanging = refusal();
    await sleep(300); // both are struck by now, which shows in nothing
    await stage.emulator.close();
    expect([1, 14]).toContain((await hanging).code);
  });
});

describe("over HTTP/1", () => {
  function outcome(patienceMs = 15_000): Promise<string> {
    return new Promise((resolve) => {
      const outgoing = httpRequest(`${stage.emulator.url}/.well-known/openid-configuration`, (response) => {
        let length = 0;
        response.on("data", (chunk: Buffer) => {
          length += chunk.length;
        });
        response.on("end", () => resolve(`${response.statusCode} ${length > 0}`));
        response.on("error", () => resolve(`${response.statusCode} cut`));
      });
      outgoing.setTimeout(patienceMs, () => outgoing.destroy(new Error("timeout")));
      outgoing.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      outgoing.end();
    });
  }

  test.each([
    ["hang", "timeout"],
    ["reset", "ECONNRESET"],
    ["half-close", "ECONNRESET"],
    ["goaway", "ECONNRESET"],
    ["garbage", "HPE_INVALID_CONSTANT"],
    ["truncate", "200 cut"],
  ] as const)("%s is seen as %s", async (connection, seen) => {
    stage.emulator.addFault({ connection, times: 1 });
    expect(await outcome(connection === "hang" ? 400 : undefined)).toBe(seen);
    expect(await outcome()).toBe("200 true");
  });
});

describe("over the control endpoints", () => {
  const url = (path: string) => `${stage.emulator.url}/emulator/v1/${path}`;
  const post = (path: string, body: unknown, type = "application/json") =>
    fetch(url(path), { method: "POST", body: JSON.stringify(body), headers: { "content-type": type } });

  test("faults are set, listed and removed", async () => {
    const { id } = (await (await post("faults", { status: { code: "UNAVAILABLE" }, times: 5 })).json()) as {
      id: number;
    };
    expect((await refusal()).code).toBe(14);
    const fault = { status: { code: "UNAVAILABLE", message: "Injected fault.", details: [] }, times: 5 };
    expect(await (await fetch(url("faults"))).json()).toEqual({ faults: [{ id, fault, remaining: 4 }] });
    expect((await fetch(url(`faults/${id}`), { method: "DELETE" })).status).toBe(200);
    expect((await fetch(url(`faults/${id}`), { method: "DELETE" })).status).toBe(404);
    await sign();
    const { calls } = (await (await fetch(url("calls"))).json()) as { calls: unknown[] };
    expect(calls).toHaveLength(2);
  });

  test("the clock is put ahead, and all is put back", async () => {
    const { now } = (await (await post("clock", { advanceMs: 3_600_000 })).json()) as { now: string };
    expect(Date.parse(now) - Date.now()).toBeGreaterThan(3_590_000);
    await post("faults", { status: { code: "UNAVAILABLE" } });
    expect((await post("reset", {})).status).toBe(200);
    await sign();
    expect(stage.emulator.calls()).toHaveLength(1);
  });

  test("a page in a browser can't send them: another content type is refused", async () => {
    const response = await post("reset", {}, "text/plain");
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: { code: 400, message: "The content type must be application/json.", status: "INVALID_ARGUMENT" } },
    ]);
  });

  test("what is wrong is refused by name", async () => {
    const response = await post("faults", { status: { code: "NO_SUCH" } });
    const message = 'fault.status.code must be a canonical code other than OK, not "NO_SUCH"';
    expect(await response.json()).toEqual({ error: { code: 400, message, status: "INVALID_ARGUMENT" } });
    expect((await post("clock", { advanceMs: -1 })).status).toBe(400);
    const beyond = await post("clock", { advanceMs: 1e308 });
    expect([beyond.status, await beyond.text()]).toEqual([
      400,
      expect.stringContaining("must not take the clock past the year 9999"),
    ]);
    expect((await fetch(url("none"))).status).toBe(404);
    expect((await fetch(url("reset"))).status).toBe(405);
  });
});

test.each([
  [{}, "fault must have delayMs, or one of status, connection and contentType, or both"],
  [{ delayMs: -1 }, "fault.delayMs must be a number of milliseconds from 0 to 2147483647, not -1"],
  [{ connection: "melt" }, /^fault\.connection must be one of hang, reset, .*, not "melt"$/],
  [{ status: { code: 0 } }, "fault.status.code must be a canonical code other than OK, not 0"],
  [{ status: { code: 14 }, connection: "reset" }, /^fault must have delayMs, or one of/],
  [{ delayMs: 1, times: 0 }, "fault.times must be an integer of at least 1, or Infinity, not 0"],
  [{ delayMs: 1, attempt: 0 }, "fault.attempt must be an integer of at least 1, not 0"],
  [
    { delayMs: 1, colour: 1 },
    "fault.colour is not a field of a fault; valid names are method, principal, attempt, times, status, delayMs, connection, contentType",
  ],
  [{ status: { code: 14, details: [{ "@type": "x" }] } }, /^fault\.status\.details\[0\]: @type must be/],
])("the fault %j is refused by name", (fault, message) => {
  expect(() => stage.emulator.addFault(fault as EmulatorFault)).toThrow(
    typeof message === "string" ? new TypeError(message) : message,
  );
});
