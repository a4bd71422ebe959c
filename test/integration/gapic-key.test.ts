// SPDX-License-Identifier: Apache-2.0
// The drop-in with a service-account key, whose JWTs it signs itself: for whoever reads `auth`, that makes no difference.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { GoogleAuth } from "google-auth-library";
import { decodeJwt } from "jose";
import { type ClientOptions, IAMCredentialsClient } from "../../src/gapic/index.js";
import { setEnvironment } from "../support/bare-environment.js";
import { rejectionOf } from "../support/rejection-of.js";
import { generateKeyFile } from "../support/rsa-key.js";
import { startTwoFacedServer, type TwoFacedServer } from "../support/two-faced-server.js";

const request = { name: "projects/-/serviceAccounts/robot@p.iam.gserviceaccount.com", payload: "{}" };
const info = { ...generateKeyFile().info, project_id: "key-project" };

let server: TwoFacedServer;
let restore: () => void;
const clients: IAMCredentialsClient[] = [];
const headers: Readonly<Record<string, string | undefined>>[] = [];
beforeEach(async () => {
  restore = setEnvironment({ METADATA_SERVER_DETECTION: "none" });
  headers.length = 0;
  server = await startTwoFacedServer((call) => {
    headers.push(call.headers);
    return { reply: { keyId: "k", signedJwt: "j" } };
  });
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  await server[Symbol.asyncDispose]();
  restore();
});

function clientWith(options: ClientOptions): IAMCredentialsClient {
  const [apiEndpoint = "", port] = server.host("rest").split(":");
  const client = new IAMCredentialsClient({
    fallback: true,
    protocol: "http",
    apiEndpoint,
    port: Number(port),
    ...options,
  });
  clients.push(client);
  return client;
}

describe("after a call that only the key has authorized", () => {
  test("the project is the key's, asked of the client or of its auth", async () => {
    const client = clientWith({ credentials: info });
    await client.signJwt(request);
    expect(await client.getProjectId()).toBe("key-project");
    const other = clientWith({ credentials: info });
    await other.signJwt(request);
    expect(await other.auth.getProjectId()).toBe("key-project");
  });

  test("auth has the client and the contents of the key that it would have used", async () => {
    const client = clientWith({ credentials: info });
    await client.signJwt(request);
    const { auth } = client;
    expect(auth.cachedCredential?.projectId).toBe("key-project");
    // Not toBe, which would print the key.
    expect(auth.cachedCredential === (await auth.getClient())).toBe(true);
    expect(Reflect.get(Object(auth.jsonContent), "client_email")).toBe(info.client_email);
  });

  test("what is changed in the client of auth counts for the calls that come", async () => {
    const client = clientWith({ credentials: info });
    await client.signJwt(request);
    const { auth } = client;
    await client.signJwt(request);
    (await auth.getClient()).quotaProjectId = "payer";
    await client.signJwt(request);
    expect(headers.map((each) => each["x-goog-user-project"])).toEqual([undefined, undefined, "payer"]);
    expect(headers.every(({ authorization }) => authorization?.startsWith("Bearer ey"))).toBe(true);
  });

  test("reading auth does no harm if the file of the key is gone", async () => {
    const folder = mkdtempSync(join(tmpdir(), "gapic-key-"));
    const keyFilename = join(folder, "key.json");
    writeFileSync(keyFilename, JSON.stringify(info));
    const client = clientWith({ keyFilename });
    await client.signJwt(request);
    rmSync(folder, { recursive: true });
    expect(await client.auth.getProjectId()).toBe("key-project");
    await client.signJwt(request);
    expect(headers.map(({ authorization }) => typeof authorization)).toEqual(["string", "string"]);
  });

  test("another auth that is put in its place changes nothing", async () => {
    const client = clientWith({ credentials: info });
    await client.signJwt(request);
    client.auth = { getClient: () => Promise.reject(new Error("not asked")) } as never; // as: a stand-in
    await client.signJwt(request);
    expect(headers[1]?.["authorization"]).toBe(headers[0]?.["authorization"]);
  });
});

describe("an auth that is assigned before the first call", () => {
  const other = { ...info, client_email: "other@p.iam.gserviceaccount.com" };
  const newAuth = (): GoogleAuth => new GoogleAuth({ credentials: other });
  const claims = () => headers.map(({ authorization = "" }) => decodeJwt(authorization.replace("Bearer ", "")));

  test.each([
    ["a key", { credentials: info }],
    ["no credentials", {}],
    ["another auth", { auth: new GoogleAuth({ credentials: info }) }],
  ])("authorizes calls of a client with %s, like the option auth", async (_what, options) => {
    await clientWith({ auth: newAuth() }).signJwt(request);
    const client = clientWith(options);
    const auth = newAuth();
    client.auth = auth as never; // as: exactOptionalPropertyTypes is stricter than the library's own classes
    expect(client.auth === (auth as never)).toBe(true);
    await client.signJwt(request);
    expect(await client.getProjectId()).toBe("key-project");
    const [byOption, byAssignment] = claims();
    expect(byOption).toMatchObject({ iss: other.client_email, aud: "https://iamcredentials.googleapis.com/" });
    expect({ ...byAssignment, iat: 0, exp: 0 }).toEqual({ ...byOption, iat: 0, exp: 0 });
  });

  test("replaces one that has been read", async () => {
    const client = clientWith({ credentials: info });
    expect(client.auth).toBeDefined();
    client.auth = newAuth() as never; // as: see above
    await client.signJwt(request);
    expect(claims()).toMatchObject([{ iss: other.client_email }]);
  });
});

describe("a key file that cannot be used is named, with what is wrong with it, over gRPC and REST", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "gapic-key-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test.each([
    ["no JSON", "no JSON open-sesame", "{path} does not contain a JSON object"],
    ["nothing", "", "{path} is empty"],
    ["no account", JSON.stringify({ ...info, client_email: undefined }), ".client_email: is missing; pass the whole"],
    ["half a key", JSON.stringify({ ...info, private_key: info.private_key.slice(0, 900) }), "; its end is missing"],
    ["a key of another form", JSON.stringify({ ...info, private_key: ["open-sesame"] }), ".private_key: is missing"],
  ])("%s", async (_name, contents, problem) => {
    const path = join(folder, "key.json");
    writeFileSync(path, contents);
    const [apiEndpoint = "", port] = server.host("grpc").split(":");
    const overGrpc = new IAMCredentialsClient({ keyFilename: path, apiEndpoint, port: Number(port) });
    clients.push(overGrpc);
    for (const client of [overGrpc, clientWith({ keyFilename: path })]) {
      const error = await rejectionOf(client.signJwt(request));
      expect(error).toMatchObject({ message: expect.stringContaining(problem.replace("{path}", path)) });
      expect(String(error)).toContain("keyFilename");
      expect(inspect(error, { depth: 9 })).not.toContain("open-sesame");
    }
    process.env["GOOGLE_APPLICATION_CREDENTIALS"] = path;
    const error = await rejectionOf(clientWith({}).signJwt(request));
    expect(String(error)).toContain("GOOGLE_APPLICATION_CREDENTIALS");
    expect(String(error)).not.toContain("expected form");
  });
});
