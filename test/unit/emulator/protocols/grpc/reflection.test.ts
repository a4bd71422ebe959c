// SPDX-License-Identifier: Apache-2.0
// Reflection, called as grpcurl calls it: what it gives is all that a client without protos needs.

import { join } from "node:path";
import { create, createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { credentials, loadPackageDefinition, type ServiceClientConstructor } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Emulator, startEmulator } from "../../../../../src/emulator/index.js";
import { services } from "../../../../../src/emulator/services/services.js";

const PROTOS = join(__dirname, "../../../../../node_modules/@grpc/reflection/build/proto");

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

describe.each(["v1", "v1alpha"])("reflection %s", (version) => {
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await startEmulator();
  });
  afterAll(() => emulator.close());

  const ask = (request: object) => reflect(emulator.host, version, request);
  const fileOf = async (request: object) => {
    const { fileDescriptorResponse } = await ask(request);
    return fromBinary(FileDescriptorProtoSchema, fileDescriptorResponse.fileDescriptorProto[0]);
  };

  test("lists the services", async () => {
    const { listServicesResponse } = await ask({ listServices: "" });
    const names = listServicesResponse.service.map(({ name }: { name: string }) => name);
    expect(names).toEqual(services.map(({ fullName }) => fullName));
  });

  test.each(services.map(({ fullName, methods }) => [fullName, methods.map(({ method }) => method.name)] as const))(
    "describes %s so that everything that it names is resolved",
    async (fullName, methods) => {
      const own = await fileOf({ fileContainingSymbol: fullName });
      expect(own.dependency.length).toBeGreaterThan(0);
      const file = new Map<string, FileDescriptorProto>(); // each after those that it imports
      const visit = async (each: FileDescriptorProto) => {
        for (const fileByFilename of each.dependency) {
          if (!file.has(fileByFilename)) await visit(await fileOf({ fileByFilename }));
        }
        file.set(each.name, each);
      };
      await visit(own);
      const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [...file.values()] }));
      const named = registry.getService(fullName)?.methods.map(({ name }) => name);
      expect(named).toEqual(expect.arrayContaining(methods));
    },
  );

  test.each([
    "google.iam.admin.v1.ServiceAccountKey",
    "google.iam.admin.v1.ServiceAccountKey.private_key_data",
    "google.iam.admin.v1.Role.RoleLaunchStage",
    "google.iam.admin.v1.IAM.GetRole",
  ])("finds the file of %s", async (fileContainingSymbol) => {
    expect((await fileOf({ fileContainingSymbol })).name).toBe("google/iam/admin/v1/iam.proto");
  });

  test("finds extensions by their numbers", async () => {
    const containingType = "google.protobuf.MethodOptions";
    const { allExtensionNumbersResponse } = await ask({ allExtensionNumbersOfType: containingType });
    expect(allExtensionNumbersResponse.extensionNumber).toContain(72295728);
    const file = await fileOf({ fileContainingExtension: { containingType, extensionNumber: 72295728 } });
    expect(file.name).toBe("google/api/annotations.proto");
  });

  test.each([
    [{ fileContainingSymbol: "google.iam.admin.v1.Nothing" }],
    [{ fileByFilename: "nothing.proto" }],
    [{ fileContainingExtension: { containingType: "x.Y", extensionNumber: 1 } }],
    [{ allExtensionNumbersOfType: "x.Y" }],
  ])("answers %j with NOT_FOUND, and goes on", async (request) => {
    expect((await ask(request)).errorResponse).toMatchObject({ errorCode: 5 });
  });
});
