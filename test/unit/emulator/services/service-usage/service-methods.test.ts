// SPDX-License-Identifier: Apache-2.0
// Services that are off: what calls of them are told, over both protocols, and that enabling is an operation which takes effect.

import { connect, type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http2";
import { afterEach, describe, expect, test } from "@jest/globals";
import {
  EnableServiceResponse,
  ServiceUsageService as usage,
} from "../../../../../generated/google/api/serviceusage/v1/serviceusage.js";
import { IAMCredentialsService as credentials } from "../../../../../generated/google/iam/credentials/v1/iamcredentials.js";
import { OperationsService as operations } from "../../../../../generated/google/longrunning/operations.js";
import type { EmulatorOptions } from "../../../../../src/emulator/index.js";
import { ALICE, CLOUD_PLATFORM, FIRST, nameOf, openStage, type Stage, TARGET, TOKEN_CREATOR } from "../../stage.js";

const OWNER = "owner";
const SIGN = { delegates: [], payload: Buffer.alloc(1) };
const API = "iamcredentials.googleapis.com";
const NAME = `projects/demo-project/services/${API}`;
const ACTIVATION = `https://console.developers.google.com/apis/api/${API}/overview?project=123456789012`;
const DISABLED = {
  code: 7,
  message: `IAM Service Account Credentials API has not been used in project 123456789012 before or it is disabled. Enable it by visiting ${ACTIVATION} then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.`,
  info: {
    reason: "SERVICE_DISABLED",
    domain: "googleapis.com",
    metadata: {
      service: API,
      serviceTitle: "IAM Service Account Credentials API",
      containerInfo: "123456789012",
      consumer: "projects/123456789012",
      activationUrl: ACTIVATION,
    },
  },
};

let stage: Stage;
afterEach(() => stage.close());

async function open(options: EmulatorOptions): Promise<(headers?: Record<string, string>) => Promise<unknown>> {
  stage = await openStage(options);
  const token = await stage.emulator.accessToken(ALICE);
  const request = { name: nameOf(TARGET), delegates: [], scope: [CLOUD_PLATFORM], lifetime: undefined };
  return (headers = {}) =>
    stage.client.call(credentials.generateAccessToken, request, { token, headers }).then(
      () => "granted",
      () => stage.client.refusal(credentials.generateAccessToken, request, { token, headers }),
    );
}
const enable = (name = NAME, token = OWNER) => stage.client.call(usage.enableService, { name }, { token });
const stateOf = async (name = NAME) => (await stage.client.call(usage.getService, { name }, { token: OWNER })).state;

test("a service that is off is refused with Google's reason, and taken once it is enabled", async () => {
  const call = await open({ disabledServices: [API] });
  expect(await call()).toEqual(DISABLED);
  expect(stage.emulator.calls().at(-1)).toMatchObject({ reason: "SERVICE_DISABLED", status: "PERMISSION_DENIED" });
  const begun = await enable();
  expect(begun).toMatchObject({ done: false, response: undefined });
  expect(begun.name).toMatch(/^operations\/acf\.p2-123456789012-[0-9a-f-]{36}$/);
  const ended = await stage.client.call(operations.getOperation, { name: begun.name }, { token: OWNER });
  expect(ended).toMatchObject({ name: begun.name, done: true, error: undefined });
  expect(EnableServiceResponse.decode(ended.response?.value ?? Buffer.alloc(0)).service).toEqual({
    name: `projects/123456789012/services/${API}`,
    parent: "projects/123456789012",
    config: { name: API, title: "IAM Service Account Credentials API" },
    state: 2,
  });
  expect(await call()).toBe("granted");
  expect(await enable()).toMatchObject({ name: "operations/noop.DONE_OPERATION", done: true });
  stage.emulator.reset();
  expect(await call()).toEqual(DISABLED);
});

test("over REST it is the body that Google sends, with the link", async () => {
  await open({ disabledServices: [NAME] });
  const { emulator } = stage;
  const answer = await fetch(`${emulator.url}/v1/${nameOf(TARGET)}:signBlob`, {
    method: "POST",
    headers: { authorization: `Bearer ${await emulator.accessToken(ALICE)}` },
    body: '{"payload":"AQ=="}',
  });
  expect(answer.status).toBe(403);
  expect(await answer.json()).toEqual({
    error: {
      code: 403,
      message: DISABLED.message,
      status: "PERMISSION_DENIED",
      details: [
        { "@type": "type.googleapis.com/google.rpc.ErrorInfo", ...DISABLED.info },
        {
          "@type": "type.googleapis.com/google.rpc.Help",
          links: [{ description: "Google developers console API activation", url: ACTIVATION }],
        },
      ],
    },
  });
  const operation = await fetch(`${emulator.url}/v1/${NAME}:enable`, {
    method: "POST",
    headers: { authorization: "Bearer owner" },
  });
  expect(await operation.json()).toEqual({
    name: expect.stringMatching(/^operations\/acf/),
    metadata: {
      "@type": "type.googleapis.com/google.api.serviceusage.v1.OperationMetadata",
      resourceNames: [`projects/123456789012/services/${API}`],
    },
  });
});

test("enabling is in effect when the operation is done, by the emulator's clock", async () => {
  const call = await open({ disabledServices: [API], policyPropagationMs: 60_000 });
  const { name } = await enable();
  const isDone = async () => (await stage.client.call(operations.getOperation, { name }, { token: OWNER })).done;
  stage.advance(59_000);
  expect([await isDone(), await call(), await stateOf()]).toEqual([false, DISABLED, 1]);
  stage.advance(2_000);
  expect([await isDone(), await call(), await stateOf()]).toEqual([true, "granted", 2]);
});

describe("the project that pays", () => {
  test("is the one that the call names, by id or number", async () => {
    const call = await open({
      disabledServices: [`projects/paying-project/services/${API}`],
      projects: [{ id: "paying-project", number: "42" }],
    });
    expect(await call()).toBe("granted");
    for (const project of ["paying-project", "42"]) {
      expect(await call({ "x-goog-user-project": project })).toMatchObject({
        info: { reason: "SERVICE_DISABLED", metadata: { consumer: "projects/42" } },
      });
    }
  });

  test("is the caller's own when it is a service account", async () => {
    await open({ disabledServices: [NAME] });
    const caller = "serviceAccount:robot@far-away.iam.gserviceaccount.com";
    stage.emulator.addGrant({ member: caller, role: TOKEN_CREATOR, serviceAccount: TARGET });
    const request = { name: nameOf(TARGET), delegates: [], payload: Buffer.from("a") };
    const far = await stage.emulator.accessToken(caller);
    const near = await stage.emulator.accessToken(`serviceAccount:${FIRST}`);
    expect(await stage.client.call(credentials.signBlob, request, { token: far })).toHaveProperty("keyId");
    expect(await stage.client.refusal(credentials.signBlob, request, { token: near })).toEqual(DISABLED);
  });

  test("may be billed by who has serviceusage.services.use on it, where only they may", async () => {
    const call = await open({ userProjects: "permitted" });
    expect(await call()).toBe("granted");
    const url = "https://console.developers.google.com/iam-admin/iam/project?project=paying-project";
    const headers = { "x-goog-user-project": "paying-project" };
    expect(await call(headers)).toEqual({
      code: 7,
      message: `Caller does not have required permission to use project paying-project. Grant the caller the roles/serviceusage.serviceUsageConsumer role, or a custom role with the serviceusage.services.use permission, by visiting ${url} and then retry. Propagation of the new permission may take a few minutes.`,
      info: {
        reason: "USER_PROJECT_DENIED",
        domain: "googleapis.com",
        metadata: { consumer: "projects/paying-project", service: API },
      },
    });
    expect(stage.emulator.calls().at(-1)).toMatchObject({
      reason: "USER_PROJECT_DENIED",
      permission: "serviceusage.services.use",
    });
    const remove = stage.emulator.addGrant({ member: ALICE, role: "roles/viewer", project: "paying-project" });
    expect(await call(headers)).toMatchObject({ code: 7 });
    remove();
    const role = "roles/serviceusage.serviceUsageConsumer";
    stage.emulator.addGrant({ member: ALICE, role, project: "paying-project" });
    expect(await call(headers)).toBe("granted");
  });

  test("may be billed by anybody unless told otherwise", async () => {
    const call = await open({});
    expect(await call({ "x-goog-user-project": "paying-project" })).toBe("granted");
  });
});

test("services are listed by state, disabled, and enabled together", async () => {
  const call = await open({});
  const list = async (filter: string) => {
    const request = { parent: "projects/demo-project", pageSize: 0, pageToken: "", filter };
    const { services } = await stage.client.call(usage.listServices, request, { token: OWNER });
    return services.map(({ config }) => config?.name);
  };
  const named = { name: NAME, disableDependentServices: false, checkIfServiceHasUsage: 0 };
  await stage.client.call(usage.disableService, named, { token: OWNER });
  expect(await call()).toEqual(DISABLED);
  expect(await list("state:DISABLED")).toEqual([API]);
  expect((await stage.client.refusal(usage.disableService, named, { token: OWNER })).code).toBe(9);
  const batch = { parent: "projects/123456789012", serviceIds: [API, "run.googleapis.com"] };
  await stage.client.call(usage.batchEnableServices, batch, { token: OWNER });
  expect(await list("state:ENABLED")).toContain("run.googleapis.com");
  expect(await list("state:DISABLED")).toEqual([]);
});

test("who has no permission is told so, and a service that is none is not found", async () => {
  await open({});
  const token = await stage.emulator.accessToken(ALICE);
  expect(await stage.client.refusal(usage.enableService, { name: NAME }, { token })).toEqual({
    code: 7,
    message: `Permission denied to enable service [${API}]`,
    info: { reason: "AUTH_PERMISSION_DENIED", domain: "serviceusage.googleapis.com", metadata: {} },
  });
  stage.emulator.addGrant({ member: ALICE, role: "roles/serviceusage.serviceUsageAdmin", project: "demo-project" });
  expect(await enable(NAME, token)).toMatchObject({ done: true });
  const name = "projects/demo-project/services/example.com";
  expect((await stage.client.refusal(usage.getService, { name }, { token })).code).toBe(5);
  const missing = { name: "operations/acf.p2-1-0" };
  expect((await stage.client.refusal(operations.getOperation, missing, { token })).code).toBe(5);
});

test("HTTP answers carry the time of the emulator's clock", async () => {
  stage = await openStage();
  stage.emulator.advanceClock(86_400_000);
  for (const path of ["/", "/v1/roles", "/oauth2/v3/certs"]) {
    const { headers } = await fetch(stage.emulator.url + path);
    expect(Math.round((Date.parse(headers.get("date") ?? "") - Date.now()) / 60_000)).toBe(1440);
  }
});

test("and so do those of gRPC, refusals too", async () => {
  stage = await openStage();
  stage.emulator.advanceClock(86_400_000);
  const session = connect(stage.emulator.url);
  const ask = (headers: OutgoingHttpHeaders) =>
    new Promise<IncomingHttpHeaders>((resolve, reject) => {
      const path = { ":method": "POST", ":path": credentials.signBlob.path };
      const stream = session.request({ ...path, "content-type": "application/grpc", te: "trailers", ...headers });
      stream.once("response", resolve).once("error", reject).resume();
      const message = credentials.signBlob.requestSerialize({ ...SIGN, name: nameOf(TARGET) });
      const frame = Buffer.alloc(5);
      frame.writeUInt32BE(message.length, 1);
      stream.end(Buffer.concat([frame, message]));
    });
  const answers = [await ask({ authorization: `Bearer ${OWNER}` }), await ask({})];
  session.destroy();
  expect(answers.map((headers) => headers["grpc-status"])).toEqual([undefined, "16"]);
  for (const { date } of answers) {
    expect(Math.round((Date.parse(date ?? "") - Date.now()) / 60_000)).toBe(1440);
  }
});

test("what was enabled and disabled is in the state, whatever was on and off at the start", async () => {
  await open({
    disabledServices: [API, "projects/demo-project/services/iam.googleapis.com"],
    policyPropagationMs: 1000,
  });
  const disable = (service: string) =>
    stage.client.call(
      usage.disableService,
      { name: `projects/demo-project/services/${service}`, disableDependentServices: false, checkIfServiceHasUsage: 0 },
      { token: OWNER },
    );
  await enable();
  await enable("projects/demo-project/services/iam.googleapis.com");
  await enable("projects/demo-project/services/storage.googleapis.com");
  await disable("sts.googleapis.com");
  const seed = stage.emulator.exportState();
  expect(seed).toMatchObject({
    disabledServices: [API, "projects/demo-project/services/sts.googleapis.com"],
    enabledServices: [NAME, "projects/demo-project/services/storage.googleapis.com"],
  });
  const before = stage;
  stage = await openStage({ seed });
  await before.close();
  expect(stage.emulator.exportState()).toEqual(seed);
  const states = ["iamcredentials", "iam", "storage", "sts", "serviceusage"].map((each) =>
    stateOf(`projects/demo-project/services/${each}.googleapis.com`),
  );
  expect(await Promise.all(states)).toEqual([2, 2, 2, 1, 2]);
  expect(await stateOf(`projects/other-project/services/${API}`)).toBe(1);
  await disable("iamcredentials.googleapis.com");
  expect(await stateOf()).toBe(1);
  stage.emulator.reset();
  expect(await stateOf()).toBe(2);
});

describe("a token with options", () => {
  const ask = (token: string) =>
    stage.client.refusal(
      credentials.signBlob,
      { name: nameOf(TARGET), delegates: [], payload: Buffer.alloc(1) },
      { token },
    );

  test("has their scopes and lifetime", async () => {
    stage = await openStage();
    const { emulator } = stage;
    expect(await ask(await emulator.accessToken(ALICE, { scopes: ["email"] }))).toMatchObject({
      info: { reason: "ACCESS_TOKEN_SCOPE_INSUFFICIENT" },
    });
    const brief = await emulator.accessToken(ALICE, { lifetime: 10 });
    stage.advance(11_000);
    expect(await ask(brief)).toMatchObject({ code: 16 });
  });

  test("is refused by the name of the option that is wrong", async () => {
    stage = await openStage();
    const { emulator } = stage;
    await expect(emulator.accessToken(ALICE, { lifetime: 0 })).rejects.toThrow(
      "lifetime must be a positive number of seconds",
    );
    await expect(emulator.accessToken(ALICE, { scopes: [] })).rejects.toThrow("scopes must have at least one item");
    await expect(emulator.accessToken(ALICE, { ttl: 1 } as object)).rejects.toThrow("ttl is not an option of a token");
  });
});
