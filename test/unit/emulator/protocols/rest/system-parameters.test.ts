// SPDX-License-Identifier: Apache-2.0
// What the REST API answers to `alt=proto`, and to forms that it does not give.

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { ServiceAccount } from "../../../../../generated/google/iam/admin/v1/iam.js";
import { SignBlobResponse } from "../../../../../generated/google/iam/credentials/v1/common.js";
import { ErrorInfo } from "../../../../../generated/google/rpc/error_details.js";
import { Status } from "../../../../../generated/google/rpc/status.js";
import { TARGET } from "../../stage.js";
import { ADMIN, openRestStage, PROJECT, type RestStage, target } from "./rest-stage.js";

let stage: RestStage;
beforeAll(async () => {
  stage = await openRestStage();
});
afterAll(() => stage.close());

interface Answer {
  readonly code: number;
  readonly type: string | null;
  readonly bytes: Buffer;
}

async function ask(path: string, token: string, body?: object): Promise<Answer> {
  const response = await fetch(`${stage.emulator.url}${path}`, {
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  return { code: response.status, type: response.headers.get("content-type"), bytes };
}

describe("alt=proto", () => {
  const PROTOBUF = "application/x-protobuf";

  test("answers with the message", async () => {
    const path = `/v1/projects/${PROJECT}/serviceAccounts/${TARGET}?alt=proto`;
    const { code, type, bytes } = await ask(path, await stage.emulator.accessToken(ADMIN));
    expect([code, type]).toEqual([200, PROTOBUF]);
    expect(ServiceAccount.decode(bytes)).toMatchObject({ email: TARGET, projectId: PROJECT });
    const signed = await ask(`${target}:signBlob?$alt=proto`, stage.alice, { payload: "AQ==" });
    expect(SignBlobResponse.decode(signed.bytes).signedBlob).toHaveLength(256);
  });

  test("refuses with google.rpc.Status", async () => {
    const { code, type, bytes } = await ask(
      `/v1/projects/${PROJECT}/serviceAccounts/${TARGET}/keys?alt=proto`,
      stage.alice,
    );
    expect([code, type]).toEqual([403, PROTOBUF]);
    const status = Status.decode(bytes);
    expect(status.code).toBe(7);
    expect(status.message).toBe("Permission 'iam.serviceAccountKeys.list' denied on resource (or it may not exist).");
    expect(ErrorInfo.decode(status.details[0]?.value ?? Buffer.alloc(0)).reason).toBe("IAM_PERMISSION_DENIED");
  });

  test.each([
    [
      "cuts nothing out of a message",
      `${target}:signBlob?alt=proto&fields=keyId`,
      "The emulator supports `fields` for JSON responses only.",
    ],
    [
      "is no form of allowedLocations",
      `${target}/allowedLocations?alt=proto`,
      'The emulator does not support responses in the form "proto".',
    ],
  ])("%s", async (_, path, message) => {
    const { code, bytes } = await ask(path, stage.alice, path.includes(":") ? { payload: "AQ==" } : undefined);
    expect([code, Status.decode(bytes).message]).toEqual([400, message]);
  });
});

test.each(["media", "sse", ""])("alt=%s is refused", async (alt) => {
  const { code, type, bytes } = await ask(`${target}:signBlob?alt=${alt}`, stage.alice, { payload: "AQ==" });
  expect([code, type]).toEqual([400, "application/json; charset=UTF-8"]);
  expect(JSON.parse(bytes.toString()).error.message).toBe(
    `The emulator does not support responses in the form "${alt}".`,
  );
});
