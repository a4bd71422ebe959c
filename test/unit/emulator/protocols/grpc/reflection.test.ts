// SPDX-License-Identifier: Apache-2.0
// Reflection and health, called as grpcurl calls them, and their absence when the packages are not installed.

import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Client, credentials, loadPackageDefinition, type ServiceClientConstructor } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { describe, expect, test } from "@jest/globals";
import { service as healthService } from "grpc-health-check";
import { openEmulator } from "../../../../../src/emulator/emulator.js";
import { startEmulator } from "../../../../../src/emulator/index.js";
import type { Peers } from "../../../../../src/emulator/world/runtime/optional-peer.js";

const PROTOS = join(__dirname, "../../../../../node_modules/@grpc/reflection/build/proto");
const SERVICES = ["google.iam.admin.v1.IAM", "google.iam.credentials.v1.IAMCredentials"];

// biome-ignore lint/suspicious/noExplicitAny: what comes is as the proto says.
type Reply = any;

function reflect(host: string, version: string, request: object): Promise<Reply> {
  const definition = loadSync(`grpc/reflection/${version}/reflection.proto`, { includeDirs: [PROTOS] });
  const loaded = loadPackageDefinition(definition) as Reply;
  const Reflection = loaded.grpc.reflection[version].ServerReflection as ServiceClientConstructor;
  const client = new Reflection(host, credentials.createInsecure());
  const stream = client["ServerReflectionInfo"]?.();
  return new Promise<Reply>((resolve, reject) => {
    stream.on("data", (reply: Reply) => {
      resolve(reply);
      stream.end();
    });
    stream.on("error", reject);
    stream.write(request);
  }).finally(() => client.close());
}

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

describe.each(["v1", "v1alpha"])("reflection %s", (version) => {
  test("lists both services, and describes their methods and all that these import", async () => {
    await using emulator = await startEmulator();
    const listed = await reflect(emulator.host, version, { listServices: "" });
    const names = listed.listServicesResponse.service.map(({ name }: { name: string }) => name);
    expect(names.sort()).toEqual(SERVICES);
    const found = await reflect(emulator.host, version, { fileContainingSymbol: "google.iam.admin.v1.IAM" });
    const read = (reply: Reply) =>
      reply.fileDescriptorResponse.fileDescriptorProto.map((bytes: Buffer) =>
        fromBinary(FileDescriptorProtoSchema, bytes),
      );
    const own = read(found).find(({ name }: { name: string }) => name === "google/iam/admin/v1/iam.proto");
    for (const dependency of own.dependency) {
      const [file] = read(await reflect(emulator.host, version, { fileByFilename: dependency }));
      expect(file.name).toBe(dependency);
    }
    expect(own.service[0].method).toHaveLength(31);
  });
});

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

test("without the packages both are unimplemented", async () => {
  const none: Peers = {
    isInstalled: () => false,
    load() {
      throw new Error("nothing is to be loaded");
    },
  };
  await using emulator = await openEmulator({}, Date.now, none);
  await expect(reflect(emulator.host, "v1", { listServices: "" })).rejects.toMatchObject({ code: 12 });
  await expect(checkHealth(emulator.host, "")).rejects.toMatchObject({ code: 12 });
});
