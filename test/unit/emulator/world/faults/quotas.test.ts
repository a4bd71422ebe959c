// SPDX-License-Identifier: Apache-2.0
// Quotas: per project and minute, when they are switched on.

import { expect, test } from "@jest/globals";
import { IAMService as admin } from "../../../../../generated/google/iam/admin/v1/iam.js";
import { IAMCredentialsService as rows } from "../../../../../generated/google/iam/credentials/v1/iamcredentials.js";
import { nameOf, openStage, TARGET } from "../../stage.js";

const request = { name: nameOf(TARGET), delegates: [], payload: Buffer.of(1) };

test("what is over the minute's quota is RESOURCE_EXHAUSTED, per project, until the next minute", async () => {
  await using stage = await openStage({ quotas: { signPerMinute: 2 } });
  const call = { token: "owner", headers: { "x-goog-user-project": "billed-project" } };
  stage.emulator.advanceClock(60_000 - (Date.now() % 60_000) + 1_000); // not across a minute's end
  await stage.client.call(rows.signBlob, request, call);
  await stage.client.call(rows.signBlob, request, call);
  expect(await stage.client.refusal(rows.signBlob, request, call)).toEqual({
    code: 8,
    message:
      "Quota exceeded for quota metric 'Sign JWT or blob requests' and limit 'Sign JWT or blob requests per minute' of service 'iamcredentials.googleapis.com' for consumer 'projects/billed-project'.",
    info: {
      reason: "RATE_LIMIT_EXCEEDED",
      domain: "googleapis.com",
      metadata: {
        service: "iamcredentials.googleapis.com",
        consumer: "projects/billed-project",
        quota_metric: "iamcredentials.googleapis.com/sign_requests",
        quota_limit_value: "2",
      },
    },
  });
  await stage.client.call(rows.signBlob, request, { token: "owner" });
  stage.emulator.advanceClock(60_000);
  await stage.client.call(rows.signBlob, request, call);
});

test("calls of the admin API that read and that write are counted apart, and its signatures not at all", async () => {
  await using stage = await openStage({
    quotas: { adminReadsPerMinute: 1, adminWritesPerMinute: 0, signPerMinute: 0 },
  });
  stage.emulator.advanceClock(60_000 - (Date.now() % 60_000) + 1_000); // not across a minute's end
  const account = { name: nameOf(TARGET) };
  await stage.client.call(admin.getServiceAccount, account, { token: "owner" });
  const quota = (text: string) => ({
    code: 8,
    message: `Quota exceeded for quota metric '${text}' and limit '${text} per minute' of service 'iam.googleapis.com' for consumer 'projects/emulator-project'.`,
  });
  const list = { ...account, keyTypes: [] };
  const call = { token: "owner" };
  expect(await stage.client.refusal(admin.listServiceAccountKeys, list, call)).toMatchObject(quota("Read requests"));
  expect(await stage.client.refusal(admin.disableServiceAccount, account, call)).toMatchObject(quota("Write requests"));
  await stage.client.call(admin.signBlob, { ...account, bytesToSign: Buffer.of(1) }, call);
});

test("there is none unless it is asked for, and a malformed one is refused by name", async () => {
  await using stage = await openStage({ quotas: false });
  await stage.client.call(rows.signBlob, request, { token: "owner" });
  const malformed = openStage({ quotas: { signPerMinute: -1 } });
  await expect(malformed).rejects.toThrow(
    new TypeError("quotas.signPerMinute must be an integer of at least 0, not -1"),
  );
  const unknown = openStage({ quotas: { cakes: 1 } as object });
  await expect(unknown).rejects.toThrow("quotas.cakes is not a quota of the emulator; valid names are ");
});
