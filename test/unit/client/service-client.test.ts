// SPDX-License-Identifier: Apache-2.0
// Clients made of rows: our own service's rows give the same client as its class, and what a row or a name may not be.

import { createServiceClient } from "../../../src/client/service-client.js";
import { startEmulator } from "../../../src/emulator/index.js";
import { getServiceAccount, IAM, listServiceAccounts } from "../../../src/iam-admin/methods.js";
import { IAMCredentialsAsyncClient } from "../../../src/iam-credentials/client.js";
import * as methods from "../../../src/iam-credentials/methods.js";
import { rowFromStub } from "../../../src/rpc/method/row-from-stub.js";
import { CounterServiceService as stubs } from "../../streaming/generated/streaming/v1/counter.js";
import { COUNTER } from "../../support/counter-client.js";
import { rejectionOf, rpcErrorOf } from "../../support/rejection-of.js";

const ROBOT = "robot@p.iam.gserviceaccount.com";
const { IAM_CREDENTIALS, generateAccessToken, signJwt } = methods;

it("makes a list of a row whose responses are pages", async () => {
  const serviceAccounts = ["robot-1", "robot-2", "robot-3"].map((id) => `${id}@my-project.iam.gserviceaccount.com`);
  await using emulator = await startEmulator({ serviceAccounts });
  await using client = createServiceClient(
    IAM,
    { getServiceAccount, listServiceAccounts },
    {
      apiEndpoint: emulator.host,
      insecure: true,
      credentials: { getRequestMetadata: () => ({ authorization: "Bearer owner" }) },
    },
  );
  const emails: string[] = [];
  for await (const { email } of client.listServiceAccounts({ name: "my-project", pageSize: 2 })) emails.push(email);
  expect(emails).toEqual(serviceAccounts);
  const [name = ""] = emails;
  expect((await client.getServiceAccount({ name })).email).toBe(name);
});

it("makes of our own rows what the class is", async () => {
  await using emulator = await startEmulator({
    serviceAccounts: [ROBOT],
    grants: [{ member: "user:a@b.example", role: "roles/iam.serviceAccountTokenCreator", serviceAccount: ROBOT }],
  });
  const options = emulator.clientOptions("user:a@b.example");
  await using made = createServiceClient(IAM_CREDENTIALS, { generateAccessToken, signJwt }, options);
  await using client = new IAMCredentialsAsyncClient(options);
  expect([made.apiEndpoint, made.universeDomain, made.transport.kind]).toEqual([
    client.apiEndpoint,
    client.universeDomain,
    "grpc",
  ]);
  const { accessToken, expireTime } = await made.generateAccessToken({
    name: ROBOT,
    scope: IAM_CREDENTIALS.scopes,
    lifetime: 60,
  });
  expect(accessToken).not.toBe("");
  expect(expireTime.toDate().getTime()).toBeGreaterThan(Date.now());
  const nobody = { name: "nobody@p.iam.gserviceaccount.com", payload: {} };
  const [byRow, byClass] = await Promise.all([rpcErrorOf(made.signJwt(nobody)), rpcErrorOf(client.signJwt(nobody))]);
  expect([byRow.message, byRow.code, byRow.reason]).toEqual([byClass.message, byClass.code, byClass.reason]);
  await made.close();
  expect(await rejectionOf(made.signJwt(nobody))).toMatchObject({
    name: "ClientClosedError",
    message: "IAMCredentials.SignJwt: the client is closed",
  });
});

test.each(["close", "transport", "apiEndpoint", "universeDomain", "then"])("takes no row named %s", (name) => {
  expect(() => createServiceClient(COUNTER, { [name]: rowFromStub(stubs.double) })).toThrow(
    `rows.${name}: a client already has a member with that name`,
  );
});

it("checks the options of the client as the class does", () => {
  expect(() => createServiceClient(COUNTER, {}, { apiEndpoint: "https://x" })).toThrow("apiEndpoint: must be host");
});
