// SPDX-License-Identifier: Apache-2.0
// The emulator's discovery documents: what they say is what Google's own clients for Node have, and clients that build themselves from
// one call the emulator.

import { get } from "node:http";
import { iam } from "@googleapis/iam";
import { iamcredentials } from "@googleapis/iamcredentials";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Emulator, startEmulator } from "../../src/emulator/index.js";
import { runProgram } from "../support/child-program.js";

const ROBOT = "robot@demo-project.iam.gserviceaccount.com";

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ serviceAccounts: [ROBOT], allowedHosts: ["iam.googleapis.com"] });
});
afterAll(() => emulator.close());

interface Method {
  readonly id: string;
  readonly path: string;
  readonly httpMethod: string;
  readonly parameterOrder: readonly string[];
}
interface Resource {
  readonly resources?: Readonly<Record<string, Resource>>;
  readonly methods?: Readonly<Record<string, Method>>;
}

const documentOf = async (api: string) => {
  const response = await fetch(`${emulator.url}/discovery/v1/apis/${api}/v1/rest`);
  return (await response.json()) as Resource & { readonly schemas: Readonly<Record<string, unknown>> };
};

function* methodsOf({ resources = {}, methods = {} }: Resource): Iterable<Method> {
  yield* Object.values(methods);
  for (const each of Object.values(resources)) yield* methodsOf(each);
}

// The functions of Google's client have path, verb and what is required in their source.
function publishedMethod(client: unknown, id: string): Pick<Method, "path" | "httpMethod" | "parameterOrder"> {
  const steps = id.split(".").slice(1);
  const found = steps.reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], client);
  const source = String(found);
  const [, path = ""] = /url: \(rootUrl \+\s*'\/([^']+)'/.exec(source) ?? [];
  const [, httpMethod = ""] = /method: '([A-Z]+)'/.exec(source) ?? [];
  const [, required = ""] = /requiredParams: \[([^\]]*)\]/.exec(source) ?? [];
  return { path, httpMethod, parameterOrder: [...required.matchAll(/'(\w+)'/g)].map(([, name = ""]) => name) };
}

describe("every method of a document is where Google's client has it, with path, verb and what is required:", () => {
  test.each([
    ["iamcredentials", iamcredentials("v1"), 4],
    ["iam", iam("v1"), 39],
  ] as const)("%s", async (api, client, least) => {
    const methods = [...methodsOf(await documentOf(api))];
    expect(methods.length).toBeGreaterThanOrEqual(least);
    for (const { id, path, httpMethod, parameterOrder } of methods) {
      expect({ id, path, httpMethod, parameterOrder }).toEqual({ id, ...publishedMethod(client, id) });
    }
  });
});

test("the schemas are those of the messages, without what is in the path", async () => {
  const { schemas } = await documentOf("iamcredentials");
  expect(schemas["GenerateAccessTokenRequest"]).toEqual({
    id: "GenerateAccessTokenRequest",
    type: "object",
    properties: {
      delegates: { type: "array", items: { type: "string" } },
      scope: { type: "array", items: { type: "string" } },
      lifetime: { type: "string", format: "google-duration" },
    },
  });
  const { schemas: admin } = await documentOf("iam");
  expect(admin["Policy"]).toMatchObject({
    properties: {
      version: { type: "integer", format: "int32" },
      etag: { type: "string", format: "byte" },
      bindings: { type: "array", items: { $ref: "Binding" } },
    },
  });
  expect(admin["Empty"]).toEqual({ id: "Empty", type: "object", properties: {} });
  const named = JSON.stringify(admin).matchAll(/"\$ref":"(\w+)"/g);
  for (const [, name = ""] of named) expect(Object.keys(admin)).toContain(name);
});

test("the document of an API is at its own host, and that of the credentials at any other", async () => {
  const ask = (host: string, path = "/$discovery/rest?version=v1") =>
    new Promise<unknown>((resolve, reject) => {
      const outgoing = get(emulator.url + path, { headers: { host } }, (response) => {
        let text = "";
        response.on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () => resolve(response.statusCode === 200 ? JSON.parse(text) : response.statusCode));
      });
      outgoing.once("error", reject);
    });
  expect(await ask(emulator.host)).toMatchObject({ id: "iamcredentials:v1", rootUrl: `${emulator.url}/` });
  expect(await ask("iam.googleapis.com")).toMatchObject({ id: "iam:v1", rootUrl: "http://iam.googleapis.com/" });
  expect(await ask("iam.localhost:8519")).toMatchObject({ id: "iam:v1", rootUrl: "http://iam.localhost:8519/" });
  expect(await ask(emulator.host, "/%24discovery/rest")).toMatchObject({ id: "iamcredentials:v1" });
  expect(await ask(emulator.host, "/$discovery/rest?version=v9")).toBe(404);
  expect(await ask(emulator.host, "/discovery/v1/apis/iam/v2/rest")).toBe(404);
  expect(await ask(emulator.host, "/discovery/v1/apis/cloudresourcemanager/v3/rest")).toMatchObject({
    id: "cloudresourcemanager:v3",
  });
});

test("googleapis builds clients from them, which call the emulator", async () => {
  const { code, stdout, stderr } = await runProgram("test/conformance/programs/discovered-api.ts", {
    URL: emulator.url,
    ACCOUNT: ROBOT,
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(JSON.parse(stdout)).toEqual({
    signed: { keyId: expect.any(String), signedBlob: expect.any(String) },
    list: { accounts: [expect.objectContaining({ email: ROBOT })] },
    old: { keyId: expect.any(String), signature: expect.any(String) },
    role: expect.objectContaining({ title: "Service Account Token Creator" }),
  });
});
