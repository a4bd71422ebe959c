// SPDX-License-Identifier: Apache-2.0
// The admin client as a whole: who it is without options, its endpoints and names, that it lets nothing secret out, and that it shares
// the options, errors and end of the first client.

import { IAMAsyncClient } from "../../../src/iam-admin/index.js";
import {
  ClientClosedError,
  ConfigurationError,
  IAMCredentialsAsyncClient,
  IAMCredentialsError,
  type Logger,
  RequestError,
} from "../../../src/index.js";
import { ADMIN, type AdminStage, CARRIERS, emailOf, openAdminStage, PROJECT } from "../../support/admin-stage.js";
import { setEnvironment } from "../../support/bare-environment.js";
import { answerJson, startHttpServer } from "../../support/http-server.js";
import { rejectionOf, rpcErrorOf } from "../../support/rejection-of.js";
import { PLANTED, plantSecret } from "../../support/secrets.js";
import { withEnvironment } from "../../support/with-environment.js";

const ROBOT = emailOf("robot-1");

let stage: AdminStage;
let restore: () => void;
beforeAll(async () => {
  restore = setEnvironment();
  stage = await openAdminStage({ serviceAccounts: [ROBOT] });
});
afterAll(async () => {
  restore();
  await stage[Symbol.asyncDispose]();
});

describe("without options", () => {
  it("calls iam.googleapis.com", async () => {
    await using client = new IAMAsyncClient();
    expect([client.apiEndpoint, client.universeDomain, client.transport.kind, client.transport.host]).toEqual([
      "iam.googleapis.com",
      "googleapis.com",
      "grpc",
      "iam.googleapis.com:443",
    ]);
  });

  it("calls the host of another universe", async () => {
    await using client = new IAMAsyncClient({ universeDomain: "apis.example" });
    expect(client.apiEndpoint).toBe("iam.apis.example");
  });

  test.each(CARRIERS)(
    "is the owner of the emulator that the variable of the first client names, over %s",
    async (transport) => {
      const variables = { IAM_CREDENTIALS_EMULATOR_HOST: stage.emulator.host };
      await using client = withEnvironment(variables, () => new IAMAsyncClient({ transport }));
      expect(await client.getServiceAccount({ name: ROBOT })).toMatchObject({ email: ROBOT });
      expect(stage.emulator.calls().at(-1)).toMatchObject({ method: "GetServiceAccount", principal: "owner" });
    },
  );
});

it("has the static members of the first client, with hosts of its own", () => {
  const shared = Object.getOwnPropertyNames(IAMCredentialsAsyncClient);
  expect(shared.filter((name) => !(name in IAMAsyncClient))).toEqual([]);
  expect([IAMAsyncClient.DEFAULT_ENDPOINT, IAMAsyncClient.DEFAULT_MTLS_ENDPOINT]).toEqual([
    "iam.googleapis.com",
    "iam.mtls.googleapis.com",
  ]);
  expect(IAMAsyncClient.getMtlsEndpointAndCertSource()).toEqual(["iam.googleapis.com", undefined]);
  expect(IAMAsyncClient.explainEndpoint()).toMatchObject({ apiEndpoint: "iam.googleapis.com" });
  expect(IAMAsyncClient.getTransportClass("rest")).toBe(IAMCredentialsAsyncClient.getTransportClass("rest"));
});

it("builds names and takes them apart", () => {
  const key = IAMAsyncClient.keyPath("my-project", ROBOT, "k");
  expect(key).toBe(`projects/my-project/serviceAccounts/${ROBOT}/keys/k`);
  expect(IAMAsyncClient.parseKeyPath(key)).toEqual({ project: "my-project", serviceAccount: ROBOT, key: "k" });
  const account = IAMAsyncClient.serviceAccountPath("-", ROBOT);
  expect(IAMAsyncClient.parseServiceAccountPath(account)).toEqual({ project: "-", serviceAccount: ROBOT });
  expect(IAMAsyncClient.parseKeyPath(account)).toEqual({});
  expect(IAMAsyncClient.parseCommonProjectPath(IAMAsyncClient.commonProjectPath("p"))).toEqual({ project: "p" });
});

it("signs in with a key file, to the audience of this service", async () => {
  const info = await stage.emulator.createServiceAccountKey(ROBOT);
  plantSecret("the key of the file", info.private_key);
  const where = { apiEndpoint: stage.emulator.host, insecure: true };
  stage.emulator.addGrant({
    member: `serviceAccount:${ROBOT}`,
    role: "roles/iam.serviceAccountAdmin",
    project: PROJECT,
  });
  for (const transport of CARRIERS) {
    await using client = IAMAsyncClient.fromServiceAccountInfo(info, { ...where, transport });
    expect(await client.getServiceAccount({ name: ROBOT })).toMatchObject({ email: ROBOT });
    expect(stage.emulator.calls().at(-1)).toMatchObject({ principal: `serviceAccount:${ROBOT}` });
  }
  const noKey = { client_email: ROBOT } as typeof info; // as: it is what is refused
  expect(() => IAMAsyncClient.fromServiceAccountInfo(noKey)).toThrow(
    new ConfigurationError("private_key: is missing; pass the whole service account key file"),
  );
  expect(() => IAMAsyncClient.fromServiceAccountFile("/nowhere/key.json")).toThrow(/^filename: /);
});

it("takes the options of the emulator as the first client does", async () => {
  const options = stage.emulator.clientOptions(ADMIN);
  await using admin = new IAMAsyncClient(options);
  await using credentials = new IAMCredentialsAsyncClient(options);
  const { uniqueId } = await admin.getServiceAccount({ name: ROBOT });
  const { signedJwt } = await credentials.signJwt({ name: uniqueId, payload: { sub: "x" } });
  expect(signedJwt.split(".")).toHaveLength(3);
});

test.each(CARRIERS)(
  "shares one connection between both clients, over %s, and closes it with the last",
  async (transport) => {
    const shared = { ...stage.emulator.clientOptions(ADMIN), transport, sharedChannels: true };
    const admin = new IAMAsyncClient(shared);
    const credentials = new IAMCredentialsAsyncClient(shared);
    await admin.close();
    await credentials.signBlob({ name: ROBOT, payload: Buffer.from("x") });
    await credentials.close();
    expect(await rejectionOf(admin.getServiceAccount({ name: ROBOT }))).toBeInstanceOf(ClientClosedError);
  },
);

test("a mistake in a request is a RequestError, and nothing is sent", async () => {
  const client = stage.client("grpc");
  const before = stage.emulator.calls().length;
  const error = await rejectionOf(client.getServiceAccount({ name: "robot" }));
  expect(error).toBeInstanceOf(RequestError);
  expect(error).toBeInstanceOf(IAMCredentialsError);
  expect(error).toMatchObject({ field: "name", message: expect.stringMatching(/^name: must be projects\//) });
  expect(() => client.listServiceAccounts({ name: "" })).toThrow("name: is missing; must be projects/{project}");
  expect(stage.emulator.calls()).toHaveLength(before);
});

describe.each(CARRIERS)("a private key over %s", (transport) => {
  it("shows in no log line", async () => {
    const lines: string[] = [];
    const write = (message: string, fields: object) => void lines.push(JSON.stringify([message, fields]));
    const logger: Logger = { debug: write, info: write, warn: write, error: write };
    const client = stage.client(transport, { logger });
    const { privateKeyData, name } = await client.createServiceAccountKey({ name: ROBOT });
    const { private_key } = JSON.parse(plantSecret(`the file over ${transport}`, privateKeyData.toString()));
    plantSecret(`the key over ${transport}`, private_key);
    await client.deleteServiceAccountKey({ name });
    await rpcErrorOf(client.deleteServiceAccountKey({ name }));
    expect(lines.length).toBeGreaterThan(4);
    const text = lines.join("\n");
    expect(text).toContain("IAM.CreateServiceAccountKey");
    for (const secret of [private_key, privateKeyData.toString("base64")]) {
      expect(text.includes(JSON.stringify(secret).slice(1, 60))).toBe(false);
    }
  });
});

it("shows nothing of a reply that it cannot read", async () => {
  const privateKeyData = Buffer.from(PLANTED.privateKeyPem).toString("base64");
  await using server = await startHttpServer(
    answerJson({ privateKeyData: `${privateKeyData}!`, validAfterTime: "now" }),
  );
  const options = { apiEndpoint: server.host, insecure: true, transport: "rest", apiKey: "a-key" } as const;
  await using client = new IAMAsyncClient(options);
  const error = await rpcErrorOf(client.createServiceAccountKey({ name: ROBOT }));
  expect([error.code, error.message]).toEqual([
    13,
    `IAM.CreateServiceAccountKey: INTERNAL: ${server.host} answered HTTP 200 with a body that is not a response of this method: privateKeyData: must be base64`,
  ]);
});

it("never sends a private key that was taken for a certificate, nor repeats it", async () => {
  const client = stage.client("grpc");
  const before = stage.emulator.calls().length;
  const publicKeyData = Buffer.from(PLANTED.privateKeyPem);
  const error = await rejectionOf(client.uploadServiceAccountKey({ name: ROBOT, publicKeyData }));
  expect(error).toMatchObject({
    field: "publicKeyData",
    message: "publicKeyData: must be the bytes of an X.509 certificate in PEM form, but contains a private key",
  });
  expect(stage.emulator.calls()).toHaveLength(before);
});
