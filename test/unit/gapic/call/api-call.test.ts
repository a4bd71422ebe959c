// SPDX-License-Identifier: Apache-2.0
// How a method of the drop-in is called: promises, callbacks, options, and what goes out.

import { InterceptingCall, status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { CallOptions } from "../../../../src/gapic/index.js";
import { type GapicStage, NAME, openGapicStage } from "../../../support/gapic-stage.js";
import { never } from "../../../support/recording-server.js";
import { rejectionOf } from "../../../support/rejection-of.js";

let stage: GapicStage;
beforeEach(async () => {
  stage = await openGapicStage();
});
afterEach(() => stage[Symbol.asyncDispose]());

describe("a method", () => {
  const request = { name: NAME, payload: "{}" };
  const answer = { keyId: "canned-key", signedJwt: "{}" };

  test("answers a promise with three places, and a callback with four arguments", async () => {
    expect(await stage.client.signJwt(request)).toEqual([answer, null, null]);
    expect(
      await new Promise((resolve) => stage.client.signJwt(request, (...told: unknown[]) => resolve(told))),
    ).toEqual([null, answer, undefined, undefined]);
    const returned = await new Promise((resolve) => {
      const result: unknown = stage.client.signJwt(request, {}, (_error, response) => resolve([result, response]));
    });
    expect(returned).toEqual([undefined, answer]);
  });

  test("answers with plain objects: seconds as text, bytes as a Buffer", async () => {
    const [token] = await stage.client.generateAccessToken({ name: NAME, scope: ["s"], lifetime: { seconds: 300 } });
    expect(token).toStrictEqual({
      accessToken: "canned-token",
      expireTime: { seconds: "1700000000", nanos: 123_456_789 },
    });
    const [blob] = await stage.client.signBlob({ name: NAME, payload: Buffer.from("x").toString("base64") });
    expect(blob).toStrictEqual({ keyId: "canned-key", signedBlob: Buffer.from("x") });
    expect(await stage.client.generateIdToken({})).toStrictEqual([{ token: "canned-id-token" }, null, null]);
  });

  test("sends what the original sends: a request without a name too, the routing header over the caller's, other headers", async () => {
    await stage.client.signJwt();
    const headers = { "X-Own": ["a", "b"], "X-Goog-Request-Params": "name=mine", "x-goog-api-client": "mine/1" };
    await stage.clientWith({ libName: "own", libVersion: "1.2" }).signJwt(request, { otherArgs: { headers } });
    const [first, second] = stage.server.calls.map(({ metadata }) => metadata.getMap());
    expect(first?.["x-goog-request-params"]).toBe("name=");
    expect(second).toMatchObject({
      "x-own": "a, b",
      "x-goog-request-params": "name=projects%2F-%2FserviceAccounts%2Frobot%40p.iam.gserviceaccount.com",
    });
    expect(second?.["x-goog-api-client"]).toMatch(/^gax\/\S+ gapic\/\S+ gl-node\/\S+ grpc\/\S+ own\/1[.]2$/);
  });

  test("calls whatever stands under its name at that moment, and throws if nothing does", async () => {
    await stage.client.initialize();
    const seen: unknown[] = [];
    stage.client.innerApiCalls["signJwt"] = (...args: unknown[]) => {
      seen.push(...args);
      return Promise.resolve([{ signedJwt: "stubbed" }]);
    };
    expect(await stage.client.signJwt(request)).toEqual([{ signedJwt: "stubbed" }, undefined, undefined]);
    const [seenRequest, seenOptions, seenCallback] = seen;
    expect(seenRequest).toBe(request);
    expect(seenOptions).toEqual({
      otherArgs: { headers: { "x-goog-request-params": expect.stringMatching(/^name=projects/) } },
    });
    expect(seenCallback).toBeUndefined();
    delete stage.client.innerApiCalls["signJwt"];
    expect(() => stage.client.signJwt(request)).toThrow(TypeError);
    expect(() => stage.client.signJwt(request)).toThrow("is not a function");
  });

  test("passes options of the channel on: interceptors", async () => {
    const interceptor = (options: object, next: (options: object) => InterceptingCall): InterceptingCall =>
      new InterceptingCall(next(options), {
        start(metadata, listener, forward) {
          metadata.set("x-intercepted", "yes");
          forward(metadata, listener);
        },
      });
    const options: CallOptions = { otherArgs: { options: { interceptors: [interceptor] } } };
    expect(await stage.client.signJwt(request, options)).toEqual([answer, null, null]);
    expect(stage.server.calls[0]?.metadata.get("x-intercepted")).toEqual(["yes"]);
    stage.refuse(1, { code: status.NOT_FOUND, details: "no" });
    expect(await rejectionOf(stage.client.signJwt(request, options))).toMatchObject({
      code: 5,
      message: "5 NOT_FOUND: no",
    });
    stage.server.handler = never;
    expect(await rejectionOf(stage.client.signJwt(request, { ...options, timeout: 200 }))).toMatchObject({ code: 4 });
  });
});
