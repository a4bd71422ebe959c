// SPDX-License-Identifier: Apache-2.0
// The emulator seen by a client that knows the proto files and none of the generated code.

import { join } from "node:path";
import {
  credentials,
  type GrpcObject,
  loadPackageDefinition,
  Metadata,
  type ServiceClientConstructor,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { ALICE, CLOUD_PLATFORM, nameOf, openStage, type Stage, TARGET } from "../../../stage.js";

type Reply = Record<string, unknown>;
type Call = (request: object, metadata: Metadata, done: (error: Error | null, reply: Reply) => void) => void;

const root = join(__dirname, "../../../../../..");
let stage: Stage;
let metadata: Metadata;
let client: InstanceType<ServiceClientConstructor>;
beforeAll(async () => {
  stage = await openStage();
  metadata = new Metadata();
  metadata.set("authorization", `Bearer ${await stage.emulator.accessToken(ALICE)}`);
  const definition = loadSync("google/iam/credentials/v1/iamcredentials.proto", {
    includeDirs: [join(root, "protos"), join(root, "node_modules/google-gax/build/protos")],
    longs: String,
    defaults: true,
  });
  let node: GrpcObject[string] = loadPackageDefinition(definition);
  for (const part of "google.iam.credentials.v1.IAMCredentials".split(".")) node = (node as GrpcObject)[part] ?? {};
  const Client = node as ServiceClientConstructor; // the last part of the path is the service
  client = new Client(stage.emulator.host, credentials.createInsecure());
});
afterAll(async () => {
  client.close();
  await stage.close();
});

function call(method: string, request: object, callMetadata = metadata): Promise<Reply> {
  return new Promise((resolve, reject) => {
    // proto-loader makes one such function per method.
    const make = (client as unknown as Record<string, Call>)[method];
    make?.call(client, request, callMetadata, (error, reply) => (error === null ? resolve(reply) : reject(error)));
  });
}

test("mints an access token for a lifetime", async () => {
  const request = { name: nameOf(TARGET), scope: [CLOUD_PLATFORM], lifetime: { seconds: 300 } };
  const reply = await call("GenerateAccessToken", request);
  expect(reply).toEqual({
    accessToken: expect.stringMatching(/^ya29\.c\./),
    expireTime: { seconds: expect.stringMatching(/^\d{10}$/), nanos: 0 },
  });
});

test("mints an ID token, signs bytes and signs claims", async () => {
  const { token } = await call("GenerateIdToken", { name: nameOf(TARGET), audience: "a", includeEmail: true });
  expect(decodeJwt(String(token))).toMatchObject({ aud: "a", email: TARGET });
  const blob = await call("SignBlob", { name: nameOf(TARGET), payload: Buffer.from("x") });
  expect(blob["signedBlob"]).toHaveLength(256);
  const { keyId, signedJwt } = await call("SignJwt", { name: nameOf(TARGET), payload: '{"sub":"x"}' });
  expect(decodeProtectedHeader(String(signedJwt)).kid).toBe(keyId);
  expect(keyId).toBe(blob["keyId"]);
});

test("reads code and text of a refusal", async () => {
  await expect(call("SignBlob", { name: nameOf(TARGET), payload: Buffer.of(1) }, new Metadata())).rejects.toMatchObject(
    {
      code: 16,
      details: expect.stringMatching(/^Request is missing required authentication credential\. /),
    },
  );
});
