// SPDX-License-Identifier: Apache-2.0
// What the drop-in does better than `@google-cloud/iam-credentials`: a test for each defect of the original, which fails if it comes
// back. That the original has them is shown by test/conformance.

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { runProgram } from "../support/child-program.js";
import { type GapicStage, NAME, openGapicStage } from "../support/gapic-stage.js";
import { never } from "../support/recording-server.js";
import { rejectionOf } from "../support/rejection-of.js";
import { PLANTED } from "../support/secrets.js";
import { waitUntil } from "../support/wait-until.js";

let stage: GapicStage;
beforeEach(async () => {
  stage = await openGapicStage();
});
afterEach(() => stage[Symbol.asyncDispose]());

describe("better than the original:", () => {
  const request = { name: NAME, payload: "{}" };

  test("missing credentials, and those of another universe, reject the call and leave the process alive", async () => {
    const variables = { HOME: "/nowhere-that-exists", METADATA_SERVER_DETECTION: "none" };
    const { code, stdout, stderr } = await runProgram(
      "test/integration/programs/gapic-without-credentials.ts",
      variables,
    );
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout.split("\n")).toEqual([
      "Could not load the default credentials",
      "The configured universe domain (googleapis",
      "callback: Could not load the default credentials",
      "alive",
      "",
    ]);
  });

  test("options of one call never leak into another of the same tick", async () => {
    // Time enough to connect and be answered: what is told is what the server was told, not who was first.
    const short = stage.client.signJwt(request, { timeout: 20_000 });
    const plain = stage.client.signJwt(request);
    expect([await short, await plain].map((answer) => answer.length)).toEqual([3, 3]);
    expect(stage.server.calls.map(({ timeoutMs }) => timeoutMs > 30_000)).toEqual([false, true]);
  });

  test("maxRetries of one call does not poison later ones", async () => {
    stage.refuse(1);
    await stage.client.signJwt(request, { maxRetries: 2 });
    stage.refuse(1);
    expect(await stage.client.signJwt(request)).toHaveLength(3);
  });

  test("no secret is in the log", async () => {
    const env = {
      HOME: "/nowhere-that-exists",
      GOOGLE_SDK_NODE_LOGGING: "iam-credentials",
      TARGET: String(stage.server.port),
    };
    const { code, stdout, stderr } = await runProgram("test/integration/programs/gapic-logging.ts", {
      ...env,
      SECRET: PLANTED.payload,
    });
    expect([code, stdout]).toEqual([0, "signed\n"]);
    expect(stderr).toContain('"rpcName":"IAMCredentials.SignJwt"');
    expect(stderr).toContain('"message":"call succeeded"');
    expect(stderr).not.toContain(PLANTED.payload);
    expect(stderr).not.toContain("canned-token");
  });

  test("neither the caller's options nor those of the client are written to", async () => {
    const options = { timeout: 5_000, maxRetries: 3, otherArgs: { headers: { a: "b" } } };
    const clientOptions = { clientOptions: {}, universeDomain: "googleapis.com" };
    const before = structuredClone([options, clientOptions]);
    const own = stage.clientWith(clientOptions);
    await own.signJwt(request, options);
    await own.auth.getUniverseDomain();
    expect([options, clientOptions]).toEqual(before);
    await own.close();
  });

  test("a signal ends a call with code 1, before and while it runs", async () => {
    stage.server.handler = never;
    const controller = new AbortController();
    const running = rejectionOf(stage.client.signJwt(request, { signal: controller.signal }));
    await waitUntil("the call has arrived", () => stage.server.calls.length === 1);
    controller.abort(new Error("enough"));
    expect(await running).toMatchObject({
      code: 1,
      message: "1 CANCELLED: Cancelled on client",
      cause: { message: "enough" },
    });
    await waitUntil("the server knows", () => stage.server.calls[0]?.isCancelled === true);
    expect(await rejectionOf(stage.client.signJwt(request, { signal: controller.signal }))).toMatchObject({ code: 1 });
    expect(stage.server.calls).toHaveLength(1);
  });

  test("a call of innerApiCalls can be cancelled while it waits to be repeated", async () => {
    stage.refuse();
    await stage.client.initialize();
    const { signJwt } = stage.client.innerApiCalls;
    const backoffSettings = { initialRetryDelayMillis: 1e6, retryDelayMultiplier: 1, maxRetryDelayMillis: 1e6 };
    const call = signJwt?.(request, { retry: { backoffSettings } });
    await waitUntil("the call was refused", () => stage.server.calls.length === 1);
    call.cancel();
    expect(await rejectionOf(call)).toMatchObject({ code: 1 });
  });

  test("the total timeout is kept: no delay and no attempt goes on beyond it", async () => {
    stage.refuse();
    const startedAt = performance.now();
    const backoffSettings = {
      initialRetryDelayMillis: 60_000,
      retryDelayMultiplier: 1,
      maxRetryDelayMillis: 60_000,
      initialRpcTimeoutMillis: 60_000,
      totalTimeoutMillis: 500,
    };
    const error = await rejectionOf(stage.client.signJwt(request, { retry: { backoffSettings } }));
    expect(error).toMatchObject({
      code: 4,
      message:
        "Total timeout of API google.iam.credentials.v1.IAMCredentials exceeded 500 milliseconds retrying error Error: 14 UNAVAILABLE: try again  before any response was received.",
    });
    stage.server.handler = never;
    const hung = await rejectionOf(stage.client.signJwt(request, { retry: { backoffSettings } }));
    expect(hung).toMatchObject({
      code: 4,
      message: expect.stringContaining("exceeded 500 milliseconds retrying error Error: 4 "),
    });
    expect(performance.now() - startedAt).toBeLessThan(15_000);
  });
});
