// SPDX-License-Identifier: Apache-2.0
// Health, called as grpcurl calls it, and its absence when the package is not installed.

import { Client, credentials } from "@grpc/grpc-js";
import { describe, expect, test } from "@jest/globals";
import { service as healthService } from "grpc-health-check";
import { openEmulator } from "../../../../../src/emulator/emulator.js";
import { startEmulator } from "../../../../../src/emulator/index.js";
import type { Peers } from "../../../../../src/emulator/world/runtime/optional-peer.js";

const SERVICES = ["google.iam.admin.v1.IAM", "google.iam.credentials.v1.IAMCredentials"];

// biome-ignore lint/suspicious/noExplicitAny: what comes is as the proto says.
type Reply = any;

function checkHealth(host: string, service: string): Promise<Reply> {
  const client = new Client(host, credentials.createInsecure());
  const row = healthService["Check"] ?? healthService["check"];
  if (row === undefined) throw new Error("the health service has no Check");
  return new Promise<Reply>((resolve, reject) => {
    client.makeUnaryRequest(row.path, row.requestSerialize, row.responseDeserialize, { service }, (error, reply) =>
      error === null ? resolve(reply) : reject(error),
    );
  }).finally(() => client.close());
}

describe("health", () => {
  test.each(["", ...SERVICES])("of %j is SERVING", async (service) => {
    await using emulator = await startEmulator();
    expect(await checkHealth(emulator.host, service)).toEqual({ status: "SERVING" });
  });

  test("of another service is not found", async () => {
    await using emulator = await startEmulator();
    await expect(checkHealth(emulator.host, "other")).rejects.toMatchObject({ code: 5 });
  });

  test("can be watched, and the watch ends with the emulator", async () => {
    const emulator = await startEmulator();
    const client = new Client(emulator.host, credentials.createInsecure());
    const row = healthService["Watch"] ?? healthService["watch"];
    if (row === undefined) throw new Error("the health service has no Watch");
    const { path, requestSerialize, responseDeserialize } = row;
    const stream = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, { service: "" });
    expect(await new Promise((resolve) => stream.once("data", resolve))).toEqual({ status: "SERVING" });
    const ended = new Promise((resolve) => stream.once("error", resolve));
    await emulator.close();
    expect(await ended).toMatchObject({ code: expect.any(Number) });
    client.close();
  });
});

test("without the package it is unimplemented", async () => {
  const none: Peers = {
    isInstalled: () => false,
    load() {
      throw new Error("nothing is to be loaded");
    },
  };
  await using emulator = await openEmulator({}, Date.now, none);
  await expect(checkHealth(emulator.host, "")).rejects.toMatchObject({ code: 12 });
});
