// SPDX-License-Identifier: Apache-2.0
// What every call of the admin API has, against the emulator and over both transports: its refusal, its retries, its routing.

import type { IAMAsyncClient } from "../../../src/iam-admin/index.js";
import { type AttemptReport, RpcError } from "../../../src/index.js";
import { type AdminStage, BOB, CARRIERS, makeAccount, openAdminStage, PROJECT } from "../../support/admin-stage.js";
import { rpcErrorOf } from "../../support/rejection-of.js";

let stage: AdminStage;
beforeAll(async () => {
  stage = await openAdminStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

describe.each(CARRIERS)("over %s", (transport) => {
  let client: IAMAsyncClient;
  beforeAll(() => {
    client = stage.client(transport);
  });

  it("tells who lacks which permission", async () => {
    const bob = stage.client(transport, {}, BOB);
    const error = await rpcErrorOf(bob.createServiceAccount({ name: PROJECT, accountId: "robot-9" }));
    expect(error).toMatchObject({
      code: 7,
      message:
        "IAM.CreateServiceAccount: PERMISSION_DENIED: Permission 'iam.serviceAccounts.create' denied on resource (or it may not exist).",
      reason: "IAM_PERMISSION_DENIED",
      domain: "iam.googleapis.com",
      errorMetadata: { permission: "iam.serviceAccounts.create" },
      transport,
    });
  });

  it("repeats what the published policy repeats, and nothing else", async () => {
    const { name } = await makeAccount(client, `retry-${transport}`);
    const retry = async (method: string, call: () => Promise<unknown>) => {
      const remove = stage.emulator.addFault({ method, times: 2, status: { code: "UNAVAILABLE", message: "Busy." } });
      const result = await call().then(
        () => "OK",
        (error: unknown) => (error instanceof RpcError ? `${error.status} after ${error.attempts}` : error),
      );
      remove();
      return result;
    };
    const reports: AttemptReport[] = [];
    const options = { onAttempt: (report: AttemptReport) => void reports.push(report) };
    expect(await retry("GetServiceAccount", () => client.getServiceAccount({ name }, options))).toBe("OK");
    expect(reports.map(({ method, attempt }) => `${method} ${attempt}`)).toEqual([
      "IAM.GetServiceAccount 1",
      "IAM.GetServiceAccount 2",
      "IAM.GetServiceAccount 3",
    ]);
    const create = () => client.createServiceAccountKey({ name });
    expect(await retry("CreateServiceAccountKey", create)).toBe("UNAVAILABLE after 1");
    expect(await retry("DisableServiceAccount", () => client.disableServiceAccount({ name }))).toBe(
      "UNAVAILABLE after 1",
    );
    const asked = { retry: { codes: ["UNAVAILABLE"] } } as const;
    expect(await retry("EnableServiceAccount", () => client.enableServiceAccount({ name }, asked))).toBe("OK");
  });

  it("routes each call by its resource", async () => {
    const { name } = await makeAccount(client, `routed-${transport}`);
    await client.patchServiceAccount({ serviceAccount: { name, description: "d" } });
    await client.listRoles({ parent: `projects/${PROJECT}` }).firstPage();
    const mine = stage.emulator.calls().slice(-2);
    const encoded = name.replace("@", "%40");
    expect(mine.map(({ method, requestParams, service }) => [method, requestParams, service])).toEqual([
      ["PatchServiceAccount", `service_account.name=${encoded}`, "iam.googleapis.com"],
      ["ListRoles", undefined, "iam.googleapis.com"],
    ]);
  });
});
