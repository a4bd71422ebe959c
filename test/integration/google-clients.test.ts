// SPDX-License-Identifier: Apache-2.0
// Our credentials in the client libraries of Google, and theirs in ours: what each sends, as a server of ours sees it.

import "../support/trusted-authority.js";

import { SecretManagerServiceClient } from "@google-cloud/secret-manager";
import { Storage } from "@google-cloud/storage";
import { iam_v1 } from "@googleapis/iam";
import { type Metadata, Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import * as version10 from "google-auth-library";
import * as version9 from "google-auth-library-9";
import { type Emulator, startEmulator } from "../../src/emulator/index.js";
import { IAMCredentialsAsyncClient, ImpersonatedCredentials, ImpersonatedIdTokenCredentials } from "../../src/index.js";
import { type HttpStage, startHttpStage } from "../support/http-stage.js";
import { newerLibrary } from "../support/newer-library.js";
import { isSignatureOf } from "../support/published-keys.js";
import { trustedAuthority } from "../support/trusted-authority.js";
import { waitUntil } from "../support/wait-until.js";

const ROBOT = "robot@my-project.iam.gserviceaccount.com";
const DANA = "user:dana@example.com";

// as: the libraries' classes have protected members, so that to TypeScript nothing but a subclass is one, not even of another major
const asAuthClient = (credentials: object) => credentials as never;

const majors = [
  ["9", version9],
  ["10", version10 as unknown as typeof version9],
  ...newerLibrary().map((version11) => ["11", version11 as unknown as typeof version9] as const),
] as const;

let emulator: Emulator;
let robot: ImpersonatedCredentials;
let bearer: string;
let stage: HttpStage;

beforeAll(async () => {
  emulator = await startEmulator({
    serviceAccounts: [ROBOT],
    grants: [{ member: DANA, role: "roles/iam.serviceAccountTokenCreator", serviceAccount: ROBOT }],
  });
  const clientOptions = emulator.clientOptions(DANA);
  robot = new ImpersonatedCredentials({ clientOptions, targetPrincipal: ROBOT, quotaProjectId: "billed" });
  bearer = `Bearer ${(await robot.getAccessToken()).token}`;
});
afterAll(async () => {
  await robot.close();
  await emulator.close();
});
beforeEach(async () => {
  stage = await startHttpStage(() => ({ body: { kind: "anything" } }));
});
afterEach(() => stage.close());

/** Lower-case pairs of what a major takes for headers: a Headers from 10 on, an object before. */
function pairsOf(headers: object): Record<string, string> {
  const pairs = headers instanceof Headers ? [...headers] : Object.entries(headers);
  return Object.fromEntries(pairs.map(([key, value]) => [key.toLowerCase(), value]));
}

const received = () => stage.requests.map(({ headers }) => [headers.authorization, headers["x-goog-user-project"]]);

describe.each(majors)("google-auth-library %s", (_major, { GoogleAuth, OAuth2Client, JWT }) => {
  test("takes them as authClient: headers, authorizeRequest and requests carry token and quota project", async () => {
    const auth = new GoogleAuth({ authClient: asAuthClient(robot) });
    expect(await auth.getAccessToken()).toBe(bearer.slice("Bearer ".length));
    expect(await auth.getUniverseDomain()).toBe("googleapis.com");
    const headers = await auth.getRequestHeaders();
    expect({ ...headers }).toEqual({ authorization: bearer, "x-goog-user-project": "billed" });
    const { headers: merged = {} } = await auth.authorizeRequest({ headers: { "x-own": "1" } });
    expect(pairsOf(merged)).toEqual({ authorization: bearer, "x-goog-user-project": "billed", "x-own": "1" });
    const { data } = await auth.request<unknown>({ url: `${stage.url}/v1/things` });
    expect(data).toEqual({ kind: "anything" });
    expect(received()).toEqual([[bearer, "billed"]]);
  });

  test("makes an ID-token client of them", async () => {
    const auth = new GoogleAuth({ authClient: asAuthClient(robot) });
    const client = await auth.getIdTokenClient("https://my-service.example");
    const { authorization } = pairsOf(await client.getRequestHeaders());
    const claims = JSON.parse(Buffer.from(authorization?.split(".")[1] ?? "", "base64url").toString());
    expect(claims).toMatchObject({ aud: "https://my-service.example", email: ROBOT });
  });

  test("signs with them: GoogleAuth.sign goes by way of the source, as which the account itself need not sign", async () => {
    const auth = new GoogleAuth({ authClient: asAuthClient(robot), credentials: { client_email: ROBOT } });
    const signature = await auth.sign("to be signed");
    expect(signature).toBe(await robot.sign("to be signed"));
    expect(emulator.calls().at(-1)).toMatchObject({ method: "SignBlob", principal: DANA });
  });

  test("its OAuth2Client, JWT and GoogleAuth are sources here", async () => {
    const user = new OAuth2Client();
    user.setCredentials({ access_token: await emulator.accessToken(DANA), expiry_date: Date.now() + 3_600_000 });
    const key = await emulator.createServiceAccountKey(ROBOT);
    const own = new JWT({ email: key.client_email, key: key.private_key, keyId: key.private_key_id });
    const removeGrant = emulator.addGrant({
      member: `serviceAccount:${ROBOT}`,
      role: "roles/iam.serviceAccountTokenCreator",
      serviceAccount: ROBOT,
    });
    const callers: unknown[] = [];
    for (const credentials of [user, own, new GoogleAuth({ authClient: user })]) {
      const client = new IAMCredentialsAsyncClient({ apiEndpoint: emulator.host, insecure: true, credentials });
      await client.signBlob({ name: ROBOT, payload: Buffer.from("to be signed") });
      callers.push(emulator.calls().at(-1)?.principal);
      await client.close();
    }
    removeGrant();
    expect(callers).toEqual([DANA, `serviceAccount:${ROBOT}`, DANA]);
  });
});

describe("@google-cloud/storage", () => {
  const storage = () =>
    new Storage({
      authClient: asAuthClient(robot),
      credentials: { client_email: ROBOT },
      projectId: "my-project",
      apiEndpoint: stage.url,
      useAuthWithCustomEndpoint: true,
    });

  test("takes them as authClient", async () => {
    stage.answer = () => ({ body: { kind: "storage#bucket", name: "some-bucket" } });
    const [metadata] = await storage().bucket("some-bucket").getMetadata();
    expect(metadata).toMatchObject({ name: "some-bucket" });
    expect(received()).toEqual([[bearer, "billed"]]);
  });
});

test("@googleapis/iam takes them as auth, and asks again with a new token after 401", async () => {
  const clientOptions = emulator.clientOptions(DANA);
  const fresh = new ImpersonatedCredentials({ clientOptions, targetPrincipal: ROBOT });
  const old = (await fresh.getAccessToken()).token;
  stage.answer = ({ headers }) =>
    headers.authorization === `Bearer ${old}` ? { status: 401, body: {} } : { body: { email: ROBOT } };
  const iam = new iam_v1.Iam({ auth: asAuthClient(fresh), rootUrl: `${stage.url}/` });
  const { data } = await iam.projects.serviceAccounts.get({ name: `projects/-/serviceAccounts/${ROBOT}` });
  expect(data).toEqual({ email: ROBOT });
  expect(received().map(([authorization]) => authorization)).toEqual([`Bearer ${old}`, `Bearer ${fresh.token}`]);
  await fresh.close();
});

test("@google-cloud/secret-manager takes them as authClient, over gRPC", async () => {
  const seen: Metadata[] = [];
  const server = new Server();
  const bytes = (buffer: Buffer) => buffer;
  server.register<Buffer, Buffer>(
    "/google.cloud.secretmanager.v1.SecretManagerService/GetSecret",
    (call: ServerUnaryCall<Buffer, Buffer>, send: sendUnaryData<Buffer>) => {
      seen.push(call.metadata);
      send(null, Buffer.alloc(0));
    },
    bytes,
    bytes,
    "unary",
  );
  const { certificate, privateKey } = trustedAuthority.issue(["localhost"]);
  const pair = { cert_chain: Buffer.from(certificate), private_key: Buffer.from(privateKey) };
  const credentials = ServerCredentials.createSsl(null, [pair]);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("localhost:0", credentials, (error, bound) => (error === null ? resolve(bound) : reject(error))),
  );
  const client = new SecretManagerServiceClient({ authClient: asAuthClient(robot), apiEndpoint: "localhost", port });
  await client.getSecret({ name: "projects/p/secrets/s" });
  expect(seen.map((metadata) => [metadata.get("authorization"), metadata.get("x-goog-user-project")])).toEqual([
    [[bearer], ["billed"]],
  ]);
  await client.close();
  server.forceShutdown();
});

describe("the AuthClient contract", () => {
  test("headers are fresh for each caller: changing them changes nobody else's", async () => {
    const [one, other] = await Promise.all([robot.getRequestHeaders(), robot.getRequestHeaders()]);
    one.set("authorization", "changed");
    (one as unknown as Record<string, string>)["authorization"] = "changed";
    expect(other.get("authorization")).toBe(bearer);
    expect((await robot.getRequestHeaders()).get("authorization")).toBe(bearer);
  });

  test("a new token is told as the event tokens; one that is set is used", async () => {
    const clientOptions = emulator.clientOptions(DANA);
    const other = new ImpersonatedCredentials({ clientOptions, targetPrincipal: ROBOT });
    const told: unknown[] = [];
    other.on("tokens", (tokens) => told.push(tokens));
    const { token } = await other.getAccessToken();
    expect(told).toEqual([{ access_token: token, expiry_date: Number(other.expiry), token_type: "Bearer" }]);
    expect(other.credentials).toEqual(told[0]);
    other.setCredentials({ access_token: "set by hand", expiry_date: Date.now() + 3_600_000 });
    expect((await other.getRequestHeaders()).get("authorization")).toBe("Bearer set by hand");
    other.setCredentials({});
    expect((await other.getAccessToken()).token).toMatch(/^ya29\./);
    await other.close();
  });

  test("a refusal that comes late does not drop the token that was renewed since", async () => {
    const other = new ImpersonatedCredentials({ clientOptions: emulator.clientOptions(DANA), targetPrincipal: ROBOT });
    const old = (await other.getAccessToken()).token;
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    stage.answer = async ({ headers, path }) => {
      if (headers.authorization !== `Bearer ${old}`) return { body: {} };
      if (path === "/late") await held;
      return { status: 401, body: {} };
    };
    const late = other.request({ url: `${stage.url}/late` });
    await waitUntil("the late request is there", () => stage.requests.length === 1);
    await other.request({ url: `${stage.url}/early` });
    const renewed = other.token;
    letGo();
    await late;
    expect(renewed).not.toBe(old);
    expect(other.token).toBe(renewed);
    await other.close();
  });

  test("a request with a stream, which can't be sent twice, is not repeated after 401", async () => {
    stage.answer = () => ({ status: 401, body: {} });
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode("once"));
        controller.close();
      },
    });
    const options = { url: `${stage.url}/upload`, method: "POST", body, duplex: "half" };
    await expect(robot.request(options)).rejects.toMatchObject({ status: 401 });
    expect(stage.requests).toHaveLength(1);
  });

  test("ID-token credentials are authClients, too", async () => {
    const caller = new ImpersonatedIdTokenCredentials({
      clientOptions: emulator.clientOptions(DANA),
      targetPrincipal: ROBOT,
      targetAudience: "https://my-service.example",
    });
    const auth = new version10.GoogleAuth({ authClient: asAuthClient(caller) });
    await auth.request({ url: stage.url });
    expect(received()).toEqual([[`Bearer ${caller.token}`, undefined]]);
    await caller.close();
  });

  test("sign gives the base64 of what the account's published key verifies", async () => {
    const { keyId } = await robot.signBlob(Buffer.from("to be signed"));
    const response = await fetch(`${emulator.url}/service_accounts/v1/metadata/x509/${ROBOT}`);
    const { X509Certificate } = await import("node:crypto");
    const certificates = (await response.json()) as Record<string, string>; // as: the emulator's own tests check its form
    const { publicKey } = new X509Certificate(certificates[keyId] ?? "");
    const signature = Buffer.from(await robot.sign("to be signed"), "base64");
    expect(isSignatureOf(Buffer.from("to be signed"), signature, publicKey)).toBe(true);
  });
});
