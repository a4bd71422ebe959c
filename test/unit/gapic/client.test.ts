// SPDX-License-Identifier: Apache-2.0
// The drop-in for `@google-cloud/iam-credentials`: its exports and members, against a real server.

import { credentials as grpcCredentials, Metadata } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import gapic, { IAMCredentialsClient, protos, v1 } from "../../../src/gapic/index.js";
import { runProgram } from "../../support/child-program.js";
import { type GapicStage, NAME, openGapicStage, UNUSED_KEY } from "../../support/gapic-stage.js";
import { rejectionOf } from "../../support/rejection-of.js";
import { waitUntil } from "../../support/wait-until.js";

let stage: GapicStage;
beforeEach(async () => {
  stage = await openGapicStage();
});
afterEach(() => stage[Symbol.asyncDispose]());

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
    expect([stage.client.apiEndpoint, stage.client.universeDomain]).toEqual([
      "iamcredentials.googleapis.com",
      "googleapis.com",
    ]);
    expect(new IAMCredentialsClient({ universe_domain: "u.example" }).apiEndpoint).toBe("iamcredentials.u.example");
    process.env["GOOGLE_CLOUD_UNIVERSE_DOMAIN"] = "env.example";
    expect(new IAMCredentialsClient().universeDomain).toBe("env.example");
    expect(new IAMCredentialsClient({ universeDomain: "u.example" }).universeDomain).toBe("u.example");
    expect(() => new IAMCredentialsClient({ universeDomain: "a", universe_domain: "b" })).toThrow(
      "Please set either universe_domain or universeDomain, but not both.",
    );
  });

  test("has no inner calls and no stub before it is initialized, and both at once afterwards", async () => {
    expect([stage.client.innerApiCalls, stage.client.iAMCredentialsStub]).toEqual([{}, undefined]);
    const stub = stage.client.initialize();
    expect(Object.keys(stage.client.innerApiCalls)).toEqual([
      "generateAccessToken",
      "generateIdToken",
      "signBlob",
      "signJwt",
    ]);
    expect([stage.client.initialize(), stage.client.iAMCredentialsStub]).toEqual([stub, stub]);
    const { signJwt, SignJwt } = await stub;
    expect(typeof signJwt).toBe("function");
    expect(SignJwt).toBe(signJwt);
  });

  test("has a stub whose methods make one attempt each", async () => {
    stage.refuse(1);
    const { signJwt } = await stage.client.initialize();
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
    expect(stage.server.calls.map(({ metadata }) => metadata.get("x-own"))).toEqual([["1"], ["1"]]);
  });

  test("has nothing but plain methods", () => {
    expect(stage.client.descriptors).toEqual({ page: {}, stream: {}, longrunning: {}, batching: {} });
  });

  test("gives the project of its credentials, as a promise and to a callback", async () => {
    const own = stage.clientWith({ projectId: "my-project" });
    expect(await own.getProjectId()).toBe("my-project");
    const told = await new Promise((resolve) => own.getProjectId((error, projectId) => resolve([error, projectId])));
    expect(told).toEqual([null, "my-project"]);
  });

  test("takes a GoogleAuth and hands it out", () => {
    const { auth } = stage.clientWith({ projectId: "p" });
    expect(stage.clientWith({ auth }).auth).toBe(auth);
  });

  test("takes the port and the scopes of a subclass", async () => {
    const { port } = stage.server;
    class Own extends IAMCredentialsClient {
      static override get port(): number {
        return port;
      }
    }
    const sslCreds = grpcCredentials.createInsecure();
    const own = new Own({ apiEndpoint: "127.0.0.1", sslCreds, credentials: UNUSED_KEY });
    await own.signJwt({ name: NAME, payload: "{}" });
    expect(stage.server.calls).toHaveLength(1);
    await own.close();
  });
});

describe("close", () => {
  const request = { name: NAME, payload: "{}" };

  test("does nothing before the first call", async () => {
    await stage.client.close();
    expect(await stage.client.signJwt(request)).toHaveLength(3);
  });

  test("lets calls in flight end and refuses later ones, however often it is called", async () => {
    const gate = new Promise<void>((resolve) => {
      stage.server.handler = () => gate;
      setTimeout(resolve, 200);
    });
    const flying = stage.client.signJwt(request);
    await waitUntil("the call is on its way", () => stage.server.calls.length === 1);
    await stage.client.close();
    await stage.client.close();
    const error = await rejectionOf(stage.client.signJwt(request));
    expect(error).toMatchObject({ message: "The client has already been closed.", code: undefined });
    expect(await flying).toHaveLength(3);
  });
});
