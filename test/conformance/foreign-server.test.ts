// SPDX-License-Identifier: Apache-2.0
// Our client against a server that nobody here wrote: grpc-js and @grpc/proto-loader over the proto files that Google publishes.

import { Metadata, Server, ServerCredentials, type ServiceDefinition, type UntypedHandleCall } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { IAMCredentialsAsyncClient } from "../../src/index.js";
import { overGrpcTransports } from "../support/over-transports.js";
import { plainClient } from "../support/plain-client.js";
import { PUBLISHED_PROTOS, SHARED_PROTOS } from "../support/published-protos.js";
import { rpcErrorOf } from "../support/rejection-of.js";

overGrpcTransports(() => {
  const EMAIL = "robot@some-project.iam.gserviceaccount.com";
  const NAME = `projects/-/serviceAccounts/${EMAIL}`;
  const DELEGATES = ["first@some-project.iam.gserviceaccount.com", "12345"];
  const DELEGATE_NAMES = DELEGATES.map((each) => `projects/-/serviceAccounts/${each}`);

  interface Seen {
    readonly method: string;
    readonly request: object;
  }

  const replies: Record<string, object> = {
    GenerateAccessToken: { accessToken: "t", expireTime: { seconds: 253_402_300_799, nanos: 999_999_999 } },
    GenerateIdToken: { token: "id" },
    SignBlob: { keyId: "k", signedBlob: Buffer.from([0, 128, 255]) },
    SignJwt: { keyId: "k", signedJwt: "a.b.c" },
  };

  let server: Server;
  let client: IAMCredentialsAsyncClient;
  let seen: Seen[] = [];
  let failure: { code: number; details: string; metadata: Metadata } | undefined;

  beforeAll(async () => {
    const definition = loadSync("google/iam/credentials/v1/iamcredentials.proto", {
      includeDirs: [PUBLISHED_PROTOS, SHARED_PROTOS],
      longs: Number,
      defaults: true,
    });
    const service = definition["google.iam.credentials.v1.IAMCredentials"] as ServiceDefinition; // as: the loader's types do not tell services from messages
    const implementation = Object.keys(service).map((method): [string, UntypedHandleCall] => [
      method,
      (call: { request: object }, done: (error: object | null, reply?: object) => void) => {
        seen.push({ method, request: call.request });
        if (failure === undefined) done(null, replies[method]);
        else done(failure);
      },
    ]);
    server = new Server();
    server.addService(service, Object.fromEntries(implementation));
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    client = plainClient(`127.0.0.1:${port}`);
  });
  afterAll(async () => {
    await client.close();
    server.forceShutdown();
  });
  beforeEach(() => {
    seen = [];
    failure = undefined;
  });

  describe("every field arrives, and every field comes back:", () => {
    test("generateAccessToken", async () => {
      const scope = ["https://www.googleapis.com/auth/cloud-platform", "openid"];
      const request = { name: EMAIL, delegates: DELEGATES, scope, lifetime: "1800.5s" };
      const reply = await client.generateAccessToken(request);
      expect(seen).toEqual([
        {
          method: "GenerateAccessToken",
          request: { name: NAME, delegates: DELEGATE_NAMES, scope, lifetime: { seconds: 1800, nanos: 500_000_000 } },
        },
      ]);
      expect(reply).toMatchObject({ accessToken: "t", expireTime: { seconds: 253_402_300_799, nanos: 999_999_999 } });
      expect(reply.expireTime.toDate()).toEqual(new Date("9999-12-31T23:59:59.999Z"));
    });

    test("generateAccessToken without a lifetime leaves it to the service", async () => {
      await client.generateAccessToken({ name: EMAIL, scope: ["openid"] });
      expect(seen[0]?.request).toEqual({ name: NAME, delegates: [], scope: ["openid"], lifetime: null });
    });

    test("generateIdToken", async () => {
      const request = { name: EMAIL, delegates: DELEGATES, audience: "https://é.example/?a=b", includeEmail: true };
      expect(await client.generateIdToken(request)).toEqual({ token: "id" });
      expect(seen).toEqual([
        { method: "GenerateIdToken", request: { ...request, name: NAME, delegates: DELEGATE_NAMES } },
      ]);
    });

    test("signBlob", async () => {
      const payload = Uint8Array.from([0, 1, 128, 255]);
      const reply = await client.signBlob({ name: EMAIL, delegates: DELEGATES, payload });
      expect(reply).toEqual({ keyId: "k", signedBlob: Buffer.from([0, 128, 255]) });
      expect(seen).toEqual([
        { method: "SignBlob", request: { name: NAME, delegates: DELEGATE_NAMES, payload: Buffer.from(payload) } },
      ]);
    });

    test("signJwt", async () => {
      const payload = '{"a": "ü"}';
      expect(await client.signJwt({ name: EMAIL, delegates: DELEGATES, payload })).toEqual({
        keyId: "k",
        signedJwt: "a.b.c",
      });
      expect(seen).toEqual([{ method: "SignJwt", request: { name: NAME, delegates: DELEGATE_NAMES, payload } }]);
    });
  });

  test("a status with trailers becomes an error with code, text and trailers", async () => {
    const metadata = new Metadata();
    metadata.set("x-some", "thing");
    failure = { code: 9, details: "not now: é 100%", metadata };
    const error = await rpcErrorOf(client.signBlob({ name: EMAIL, payload: Buffer.from("x") }));
    expect(error.message).toBe("IAMCredentials.SignBlob: FAILED_PRECONDITION: not now: é 100%");
    expect(error).toMatchObject({ code: 9, attempts: 1, details: [] });
    expect(error.trailers.get("x-some")).toEqual(["thing"]);
    expect(seen).toHaveLength(1);
  });
});
