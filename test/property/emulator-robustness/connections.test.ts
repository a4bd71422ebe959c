// SPDX-License-Identifier: Apache-2.0
// Malformed targets and headers, bytes that are no HTTP, and messages of gRPC that are no protobuf.

import { connect, type Socket } from "node:net";
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, test } from "@jest/globals";
import { fc } from "../../support/property.js";
import {
  checkCases,
  expectRefusalOrAnswer,
  openRobustnessStage,
  type RobustnessStage,
  TIMEOUT_MS,
} from "../../support/robustness-stage.js";

let stage: RobustnessStage;
let client: Client;
beforeAll(async () => {
  stage = await openRobustnessStage();
  client = new Client(stage.emulator.host, credentials.createInsecure());
});
afterAll(async () => {
  client.close();
  await stage[Symbol.asyncDispose]();
});

describe("malformed input leaves the emulator serving:", () => {
  test(
    "targets, queries and headers, of the metadata server too",
    async () => {
      const prefixes = fc.constantFrom(
        "/",
        "/computeMetadata/v1/",
        "/computeMetadata/v1/instance/",
        "/emulator/v1/",
        "/v1/",
        "/robot/v1/metadata/x509/",
      );
      const texts = fc.string({ unit: "binary", maxLength: 40 }).map((text) => text.replace(/[^\x21-\x7e]|#/g, "%"));
      const target = fc.tuple(prefixes, texts, texts).map(([prefix, path, query]) => `${prefix}${path}?${query}`);
      await checkCases(fc.tuple(target, fc.boolean()), 15_000, async ([path, isMetadata]) => {
        const headers: Record<string, string> = isMetadata ? { "metadata-flavor": "Google" } : {};
        const url = `${stage.emulator.url}${path}`;
        if (!URL.canParse(url)) return;
        await expectRefusalOrAnswer(await fetch(url, { headers, redirect: "manual" }));
      });
      await stage.expectAlive();
    },
    TIMEOUT_MS,
  );

  test(
    "connections of bytes that are no HTTP",
    async () => {
      const heads = fc.constantFrom(
        "",
        "GET / HTTP/1.1\r\n",
        "POST /token HTTP/1.1\r\ncontent-length: 9\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\x16\x03\x01",
      );
      const bytes = fc
        .tuple(heads, fc.uint8Array({ maxLength: 200 }))
        .map(([head, tail]) => Buffer.concat([Buffer.from(head, "latin1"), tail]));
      await checkCases(bytes, 10_000, sendBytes);
      await stage.expectAlive();
    },
    TIMEOUT_MS,
  );

  test(
    "messages of gRPC that are no protobuf, or another one",
    async () => {
      const credentialsMethods = ["SignBlob", "SignJwt", "GenerateAccessToken", "GenerateIdToken"];
      const adminMethods = [
        "SetIamPolicy",
        "PatchServiceAccount",
        "UploadServiceAccountKey",
        "UpdateRole",
        "LintPolicy",
      ];
      const methods = fc.constantFrom(
        ...credentialsMethods.map((name) => `/google.iam.credentials.v1.IAMCredentials/${name}`),
        ...adminMethods.map((name) => `/google.iam.admin.v1.IAM/${name}`),
      );
      await checkCases(fc.tuple(methods, fc.uint8Array({ maxLength: 200 })), 10_000, ([path, bytes]) =>
        callWith(path, bytes),
      );
      await stage.expectAlive();
    },
    TIMEOUT_MS,
  );
});

function sendBytes(bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const [hostname = "", port = ""] = stage.emulator.host.split(":");
    const socket: Socket = connect(Number(port), hostname, () => socket.end(bytes));
    const timer = setTimeout(() => socket.destroy(), 100); // it may go on waiting for the rest
    socket.on("error", () => {}).on("data", () => {});
    socket.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function callWith(path: string, bytes: Uint8Array): Promise<void> {
  const metadata = new Metadata();
  metadata.set("authorization", "Bearer owner");
  return new Promise((resolve, reject) => {
    const serialize = () => Buffer.from(bytes);
    const options = { deadline: Date.now() + 30_000 };
    client.makeUnaryRequest(
      path,
      serialize,
      (answer: Buffer) => answer,
      null,
      metadata,
      options,
      (error) => {
        const code = error?.code ?? 0;
        // INVALID_ARGUMENT, NOT_FOUND and, of a missing account, PERMISSION_DENIED are answers of the services; nothing else is.
        if ([0, 3, 5, 7].includes(code)) resolve();
        else reject(new Error(`${path} ended with ${code}: ${error?.details}`));
      },
    );
  });
}
