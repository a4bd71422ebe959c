// SPDX-License-Identifier: Apache-2.0
// The drop-in for `@google-cloud/iam-credentials`: its members, calls and errors, against a real server.

import { credentials as grpcCredentials, InterceptingCall, Metadata, status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { CallOptions, ClientOptions } from "../../src/gapic/index.js";
import gapic, { IAMCredentialsClient, protos, v1 } from "../../src/gapic/index.js";
import { setEnvironment } from "../support/bare-environment.js";
import { runProgram } from "../support/child-program.js";
import { gapicClientTo, refuseCalls, UNUSED_KEY } from "../support/gapic-client.js";
import { never, type RecordingServer, startRecordingServer } from "../support/recording-server.js";
import { rejectionOf } from "../support/rejection-of.js";
import { waitUntil } from "../support/wait-until.js";

const NAME = "projects/-/serviceAccounts/robot@p.iam.gserviceaccount.com";
let server: RecordingServer;
let client: IAMCredentialsClient;
let restore: () => void;
beforeEach(async () => {
  restore = setEnvironment({ METADATA_SERVER_DETECTION: "none" });
  server = await startRecordingServer();
  client = clientWith({});
});
afterEach(async () => {
  await client.close();
  await server[Symbol.asyncDispose]();
  restore();
});

const clientWith = (options: ClientOptions, gaxInstance?: object) => gapicClientTo(server, options, gaxInstance);
const refuse = (times?: number, answer?: object): void => refuseCalls(server, times, answer);

describe("the exports", () => {
  test("are the original's", () => {
    expect([v1.IAMCredentialsClient, gapic.IAMCredentialsClient, gapic.v1]).toEqual([
      IAMCredentialsClient,
      IAMCredentialsClient,
      v1,
    ]);
    expect([
      IAMCredentialsClient.name,
      IAMCredentialsClient.length,
      IAMCredentialsClient.prototype.signBlob.length,
    ]).toEqual(["IAMCredentialsClient", 2, 3]);
    expect(Object.keys(protos)).toEqual(["google"]);
    expect(Object.keys(protos.google).sort()).toEqual(["api", "iam", "protobuf"]);
  });

  test("have static members, of which the old ones warn at each read, and warnings of a client's own once per code", async () => {
    const { code, stdout } = await runProgram("test/integration/programs/gapic-warnings.ts");
    const host = "iamcredentials.googleapis.com";
    const both = ["servicePath", "apiEndpoint"].map(
      (member) => `DeprecationWarning: Static ${member} is deprecated, please use the instance method instead.`,
    );
    expect([code, stdout.trim().split("\n")]).toEqual([
      0,
      [`${host} ${host}`, `${host} ${host}`, ...both, ...both, "OwnWarning: first"],
    ]);
    expect([IAMCredentialsClient.port, IAMCredentialsClient.scopes]).toEqual([
      443,
      ["https://www.googleapis.com/auth/cloud-platform"],
    ]);
  });
});

describe("a client", () => {
  test("tells its host in its universe, by either spelling or the environment, and refuses two that differ", () => {
    expect([client.apiEndpoint, client.universeDomain]).toEqual(["iamcredentials.googleapis.com", "googleapis.com"]);
    expect(new IAMCredentialsClient({ universe_domain: "u.example" }).apiEndpoint).toBe("iamcredentials.u.example");
    process.env["GOOGLE_CLOUD_UNIVERSE_DOMAIN"] = "env.example";
    expect(new IAMCredentialsClient().universeDomain).toBe("env.example");
    expect(new IAMCredentialsClient({ universeDomain: "u.example" }).universeDomain).toBe("u.example");
    expect(() => new IAMCredentialsClient({ universeDomain: "a", universe_domain: "b" })).toThrow(
      "Please set either universe_domain or universeDomain, but not both.",
    );
  });

  test("has no inner calls and no stub before it is initialized, and both at once afterwards", async () => {
    expect([client.innerApiCalls, client.iAMCredentialsStub]).toEqual([{}, undefined]);
    const stub = client.initialize();
    expect(Object.keys(client.innerApiCalls)).toEqual([
      "generateAccessToken",
      "generateIdToken",
      "signBlob",
      "signJwt",
    ]);
    expect([client.initialize(), client.iAMCredentialsStub]).toEqual([stub, stub]);
    const { signJwt, SignJwt } = await stub;
    expect(typeof signJwt).toBe("function");
    expect(SignJwt).toBe(signJwt);
  });

  test("has a stub whose methods make one attempt each", async () => {
    refuse(1);
    const { signJwt } = await client.initialize();
    const call = (): Promise<unknown[]> =>
      new Promise((resolve) => {
        const metadata = new Metadata();
        metadata.set("x-own", "1");
        signJwt?.({ name: NAME, payload: "{}" }, metadata, { deadline: Date.now() + 5_000 }, (...told: unknown[]) =>
          resolve(told),
        );
      });
    expect(await call()).toEqual([expect.objectContaining({ code: 14, message: "14 UNAVAILABLE: try again" })]);
    expect(await call()).toEqual([null, { keyId: "canned-key", signedJwt: "{}" }]);
    expect(server.calls.map(({ metadata }) => metadata.get("x-own"))).toEqual([["1"], ["1"]]);
  });

  test("has nothing but plain methods", () => {
    expect(client.descriptors).toEqual({ page: {}, stream: {}, longrunning: {}, batching: {} });
  });

  test("gives the project of its credentials, as a promise and to a callback", async () => {
    const own = clientWith({ projectId: "my-project" });
    expect(await own.getProjectId()).toBe("my-project");
    const told = await new Promise((resolve) => own.getProjectId((error, projectId) => resolve([error, projectId])));
    expect(told).toEqual([null, "my-project"]);
  });

  test("takes a GoogleAuth and hands it out", () => {
    const { auth } = clientWith({ projectId: "p" });
    expect(clientWith({ auth }).auth).toBe(auth);
  });

  test("takes the port and the scopes of a subclass", async () => {
    const { port } = server;
    class Own extends IAMCredentialsClient {
      static override get port(): number {
        return port;
      }
    }
    const sslCreds = grpcCredentials.createInsecure();
    const own = new Own({ apiEndpoint: "127.0.0.1", sslCreds, credentials: UNUSED_KEY });
    await own.signJwt({ name: NAME, payload: "{}" });
    expect(server.calls).toHaveLength(1);
    await own.close();
  });
});

describe("a method", () => {
  const request = { name: NAME, payload: "{}" };
  const answer = { keyId: "canned-key", signedJwt: "{}" };

  test("answers a promise with three places, and a callback with four arguments", async () => {
    expect(await client.signJwt(request)).toEqual([answer, null, null]);
    expect(await new Promise((resolve) => client.signJwt(request, (...told: unknown[]) => resolve(told)))).toEqual([
      null,
      answer,
      undefined,
      undefined,
    ]);
    const returned = await new Promise((resolve) => {
      const result: unknown = client.signJwt(request, {}, (_error, response) => resolve([result, response]));
    });
    expect(returned).toEqual([undefined, answer]);
  });

  test("answers with plain objects: seconds as text, bytes as a Buffer", async () => {
    const [token] = await client.generateAccessToken({ name: NAME, scope: ["s"], lifetime: { seconds: 300 } });
    expect(token).toStrictEqual({
      accessToken: "canned-token",
      expireTime: { seconds: "1700000000", nanos: 123_456_789 },
    });
    const [blob] = await client.signBlob({ name: NAME, payload: Buffer.from("x").toString("base64") });
    expect(blob).toStrictEqual({ keyId: "canned-key", signedBlob: Buffer.from("x") });
    expect(await client.generateIdToken({})).toStrictEqual([{ token: "canned-id-token" }, null, null]);
  });

  test("sends what the original sends: a request without a name too, the routing header over the caller's, other headers", async () => {
    await client.signJwt();
    const headers = { "X-Own": ["a", "b"], "X-Goog-Request-Params": "name=mine", "x-goog-api-client": "mine/1" };
    await clientWith({ libName: "own", libVersion: "1.2" }).signJwt(request, { otherArgs: { headers } });
    const [first, second] = server.calls.map(({ metadata }) => metadata.getMap());
    expect(first?.["x-goog-request-params"]).toBe("name=");
    expect(second).toMatchObject({
      "x-own": "a, b",
      "x-goog-request-params": "name=projects%2F-%2FserviceAccounts%2Frobot%40p.iam.gserviceaccount.com",
    });
    expect(second?.["x-goog-api-client"]).toMatch(/^gax\/\S+ gapic\/\S+ gl-node\/\S+ grpc\/\S+ own\/1[.]2$/);
  });

  test("calls whatever stands under its name at that moment, and throws if nothing does", async () => {
    await client.initialize();
    const seen: unknown[] = [];
    client.innerApiCalls["signJwt"] = (...args: unknown[]) => {
      seen.push(...args);
      return Promise.resolve([{ signedJwt: "stubbed" }]);
    };
    expect(await client.signJwt(request)).toEqual([{ signedJwt: "stubbed" }, undefined, undefined]);
    const [seenRequest, seenOptions, seenCallback] = seen;
    expect(seenRequest).toBe(request);
    expect(seenOptions).toEqual({
      otherArgs: { headers: { "x-goog-request-params": expect.stringMatching(/^name=projects/) } },
    });
    expect(seenCallback).toBeUndefined();
    delete client.innerApiCalls["signJwt"];
    expect(() => client.signJwt(request)).toThrow(TypeError);
    expect(() => client.signJwt(request)).toThrow("is not a function");
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
    expect(await client.signJwt(request, options)).toEqual([answer, null, null]);
    expect(server.calls[0]?.metadata.get("x-intercepted")).toEqual(["yes"]);
    refuse(1, { code: status.NOT_FOUND, details: "no" });
    expect(await rejectionOf(client.signJwt(request, options))).toMatchObject({ code: 5, message: "5 NOT_FOUND: no" });
    server.handler = never;
    expect(await rejectionOf(client.signJwt(request, { ...options, timeout: 200 }))).toMatchObject({ code: 4 });
  });
});

describe("an error", () => {
  const request = { name: NAME, payload: "{}" };

  test("of the service has code, details, metadata and a note, and is no Error of a class of ours", async () => {
    const metadata = new Metadata();
    metadata.set("x-own", "1");
    refuse(1, { code: status.PERMISSION_DENIED, details: "no", metadata });
    const error = await rejectionOf(client.signJwt(request));
    expect(Object.keys(Object(error))).toEqual(["code", "details", "metadata", "note"]);
    expect(error).toMatchObject({
      message: "7 PERMISSION_DENIED: no",
      code: 7,
      details: "no",
      note: "Exception occurred in retry method that was not classified as transient",
    });
    expect(Object(error).metadata).toBeInstanceOf(Metadata);
    expect(Object(error).metadata.get("x-own")).toEqual(["1"]);
    expect(Object(error).constructor).toBe(Error);
  });

  test("without retries has no note", async () => {
    refuse();
    const error = await rejectionOf(client.signJwt(request, { retry: null }));
    expect(Object.keys(Object(error))).toEqual(["code", "details", "metadata"]);
    expect(error).toMatchObject({ message: "14 UNAVAILABLE: try again", code: 14 });
  });

  test("of a request that has no form has code 13 and never leaves", async () => {
    const error = await rejectionOf(client.generateAccessToken({ scope: "s" } as object));
    expect(error).toMatchObject({
      code: 13,
      message:
        "13 INTERNAL: Request message serialization failure: .google.iam.credentials.v1.GenerateAccessTokenRequest.scope: array expected",
    });
    expect(server.calls).toEqual([]);
  });

  test("of retries that are used up counts the failures, with the own keys of a GoogleError", async () => {
    refuse();
    const error = await rejectionOf(client.signJwt(request, { maxRetries: 2 }));
    expect(Object.keys(Object(error))).toEqual([
      "code",
      "note",
      "metadata",
      "statusDetails",
      "reason",
      "domain",
      "errorInfoMetadata",
    ]);
    const each = "{message: 14 UNAVAILABLE: try again, code: 14, details: , note: }";
    expect(error).toMatchObject({
      code: 4,
      message: `Exceeded maximum number of retries retrying error Error: 14 UNAVAILABLE: try again before any response was received : Previous errors : [${each},${each}]`,
    });
    expect(server.calls).toHaveLength(2);
  });

  test("is of the GoogleError of the module that the client was given", async () => {
    class GoogleError extends Error {
      code?: number;
    }
    refuse();
    const own = clientWith({}, { GoogleError });
    expect(await rejectionOf(own.signJwt(request, { maxRetries: 1 }))).toBeInstanceOf(GoogleError);
    await own.close();
  });

  test("is of google-gax's GoogleError once the program has loaded google-gax, which is never loaded for that", async () => {
    const { stdout, stderr } = await runProgram("test/integration/programs/gapic-google-error.ts");
    expect([stdout, stderr]).toEqual(["[false,false,true]", ""]);
  });

  test("of both limits is told at once", async () => {
    const backoffSettings = {
      initialRetryDelayMillis: 1,
      retryDelayMultiplier: 1,
      maxRetryDelayMillis: 1,
      totalTimeoutMillis: 5,
      maxRetries: 2,
    };
    expect(await rejectionOf(client.signJwt(request, { retry: { backoffSettings } }))).toMatchObject({
      code: 3,
      message: "Cannot set both totalTimeoutMillis and maxRetries in backoffSettings.",
    });
  });
});

describe("close", () => {
  const request = { name: NAME, payload: "{}" };

  test("does nothing before the first call", async () => {
    await client.close();
    expect(await client.signJwt(request)).toHaveLength(3);
  });

  test("lets calls in flight end and refuses later ones, however often it is called", async () => {
    const gate = new Promise<void>((resolve) => {
      server.handler = () => gate;
      setTimeout(resolve, 200);
    });
    const flying = client.signJwt(request);
    await waitUntil("the call is on its way", () => server.calls.length === 1);
    await client.close();
    await client.close();
    const error = await rejectionOf(client.signJwt(request));
    expect(error).toMatchObject({ message: "The client has already been closed.", code: undefined });
    expect(await flying).toHaveLength(3);
  });
});
