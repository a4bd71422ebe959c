// SPDX-License-Identifier: Apache-2.0
// Answers that lack what they are for, over both transports: an error everywhere, and never a value.

import { Server, ServerCredentials } from "@grpc/grpc-js";
import { IAMCredentialsService } from "../../generated/google/iam/credentials/v1/iamcredentials.js";
import {
  type ClientOptions,
  ComputeEngineCredentials,
  IAMCredentialsAsyncClient,
  ImpersonatedCredentials,
  ImpersonatedIdTokenCredentials,
  Signer,
} from "../../src/index.js";
import { setEnvironment } from "../support/bare-environment.js";
import { type HttpStage, startHttpStage } from "../support/http-stage.js";
import { rejectionOf } from "../support/rejection-of.js";

const ROBOT = "robot@my-project.iam.gserviceaccount.com";
const name = `projects/-/serviceAccounts/${ROBOT}`;
const payload = Buffer.from("x");

let rest: HttpStage;
let grpc: Server;
let options: Readonly<Record<"grpc" | "rest", ClientOptions>>;
let sent: string[];

beforeAll(async () => {
  rest = await startHttpStage(() => ({ status: 200, headers: { "content-type": "application/json" }, body: "{}" }));
  grpc = new Server();
  const answer = (
    call: { readonly request: { readonly name: string } },
    callback: (error: null, reply: object) => void,
  ) => {
    sent.push(call.request.name);
    callback(null, {});
  };
  const { generateAccessToken, generateIdToken, signBlob, signJwt } = IAMCredentialsService;
  const rows = { generateAccessToken, generateIdToken, signBlob, signJwt };
  const empty = Object.entries(rows).map(([key, row]) => [key, { ...row, responseSerialize: () => Buffer.alloc(0) }]);
  grpc.addService(Object.fromEntries(empty), Object.fromEntries(Object.keys(rows).map((key) => [key, answer])));
  const port = await new Promise<number>((resolve, reject) => {
    grpc.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  const credentials = { getRequestMetadata: () => ({ authorization: "Bearer caller" }) };
  options = {
    grpc: { apiEndpoint: `127.0.0.1:${port}`, insecure: true, credentials },
    rest: { apiEndpoint: rest.host, insecure: true, credentials, transport: "rest" },
  };
});
beforeEach(() => {
  sent = [];
});
afterAll(async () => {
  grpc.forceShutdown();
  await rest.close();
});

describe.each(["grpc", "rest"] as const)("over %s", (transport) => {
  let client: IAMCredentialsAsyncClient;
  beforeAll(() => {
    client = new IAMCredentialsAsyncClient(options[transport]);
  });
  afterAll(() => client.close());

  const refusal = (method: string, field: string) => ({
    name: "RpcError",
    status: "INTERNAL",
    attempts: 1,
    message: `IAMCredentials.${method}: INTERNAL: the response has no ${field}`,
  });

  test("a method whose answer is empty fails, and is not repeated", async () => {
    const scope = "https://www.googleapis.com/auth/cloud-platform";
    expect(await rejectionOf(client.generateAccessToken({ name, scope }))).toMatchObject(
      refusal("GenerateAccessToken", "accessToken"),
    );
    expect(await rejectionOf(client.generateIdToken({ name, audience: "a" }))).toMatchObject(
      refusal("GenerateIdToken", "token"),
    );
    expect(await rejectionOf(client.signBlob({ name, payload }))).toMatchObject(refusal("SignBlob", "signedBlob"));
    expect(await rejectionOf(client.signJwt({ name, payload: {} }))).toMatchObject(refusal("SignJwt", "signedJwt"));
  });

  test("impersonated credentials hold no token after it, and call themselves invalid", async () => {
    const robot = new ImpersonatedCredentials({ targetPrincipal: ROBOT, client });
    expect(await rejectionOf(robot.getRequestHeaders())).toMatchObject(refusal("GenerateAccessToken", "accessToken"));
    expect([robot.valid, robot.token]).toEqual([false, undefined]);
    const caller = new ImpersonatedIdTokenCredentials({ targetPrincipal: ROBOT, targetAudience: "a", client });
    expect(await rejectionOf(caller.getRequestHeaders())).toMatchObject(refusal("GenerateIdToken", "token"));
    expect(await rejectionOf(robot.fetchIdToken("a"))).toMatchObject(refusal("GenerateIdToken", "token"));
  });

  test("a signer gives no empty signature, and a subject exchanges no empty assertion", async () => {
    const signer = new Signer({ serviceAccount: ROBOT, client });
    expect(await rejectionOf(signer.sign(payload))).toMatchObject(refusal("SignBlob", "signedBlob"));
    const endpoint = await startHttpStage(() => ({ body: {} }));
    const subject = { subject: "dana@example.com", tokenUri: `${endpoint.url}/token` };
    const dana = new ImpersonatedCredentials({ targetPrincipal: ROBOT, client, ...subject });
    expect(await rejectionOf(dana.getAccessToken())).toMatchObject(refusal("SignJwt", "signedJwt"));
    expect(endpoint.requests).toEqual([]);
    await endpoint.close();
  });
});

test.each(["Bearer", "Bearer ", "Bearer undefined", "Bearer null"])(
  "credentials that give the header %j, as libraries make of an answer without a token, are refused before anything is sent",
  async (authorization) => {
    const source = { getRequestHeaders: async () => ({ authorization }) };
    const client = new IAMCredentialsAsyncClient({ ...options.grpc, credentials: source });
    expect(await rejectionOf(client.signBlob({ name, payload }))).toMatchObject({
      name: "CredentialsError",
      message: "IAMCredentials.SignBlob: the credentials returned an authorization without a token",
    });
    expect(sent).toEqual([]);
    await client.close();
  },
);

test("a metadata server that answers with nothing gives no token of either kind", async () => {
  const flavor = { "metadata-flavor": "Google", "content-type": "application/json" };
  const metadata = await startHttpStage(({ path }) => ({
    headers: flavor,
    body: path.includes("/identity")
      ? ""
      : path.includes("recursive")
        ? JSON.stringify({ email: ROBOT, scopes: [] })
        : "{}",
  }));
  const restore = setEnvironment({ GCE_METADATA_HOST: metadata.host });
  const machine = new ComputeEngineCredentials();
  expect(await rejectionOf(machine.getAccessToken())).toMatchObject({
    name: "CredentialsError",
    message: "Unexpected response from metadata server: it contains no token with an expiry.",
  });
  expect(await rejectionOf(machine.fetchIdToken("a"))).toMatchObject({
    name: "CredentialsError",
    message: "Unexpected response from metadata server: it contains no ID token.",
  });
  machine.setCredentials({ access_token: "" });
  expect([machine.valid, machine.token]).toEqual([false, undefined]);
  restore();
  await metadata.close();
});

test("whatever has the methods that are called stands in for the client", async () => {
  const asked: object[] = [];
  const expireTime = { seconds: 1, nanos: 0, toDate: () => new Date(Date.now() + 3_600_000), toString: () => "" };
  const robot = new ImpersonatedCredentials({
    targetPrincipal: ROBOT,
    quotaProjectId: "pay-me",
    scopes: "openid",
    client: {
      generateAccessToken: async (request, given) => {
        asked.push({ ...request, ...Object(given?.metadata) });
        return { accessToken: "a-token", expireTime: expireTime as never }; // as: of a Timestamp, this much is read
      },
    },
  });
  expect(await robot.getAccessToken()).toEqual({ token: "a-token" });
  expect(asked).toEqual([expect.objectContaining({ scope: ["openid"], "x-goog-user-project": "pay-me" })]);
  const signer = new Signer({
    serviceAccount: ROBOT,
    client: { signBlob: async () => ({ keyId: "k", signedBlob: Buffer.from("s") }) },
  });
  expect(await signer.sign(payload)).toEqual({ keyId: "k", signature: Buffer.from("s") });
  expect(() => new Signer({ serviceAccount: ROBOT, client: {} as never })).toThrow(
    "client: must be an IAMCredentialsAsyncClient, or have its method signBlob",
  );
});
